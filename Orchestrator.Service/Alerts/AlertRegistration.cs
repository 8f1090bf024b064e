using System.Text;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Remote;
using Orchestrator.Service.Sweeps;

namespace Orchestrator.Service.Alerts;

/// <summary>Registers who tells people.</summary>
internal static class AlertRegistration
{
    /// <exception cref="BrokenSettingsException">A secret can't be read.</exception>
    public static void AddAlerts(this IServiceCollection services)
    {
        var options = OrchestratorHost.Section<AlertOptions>(services);
        var errors = new List<string>();
        if (options.Telegram.IsEnabled && Secret(options.Telegram.Token, "Telegram:Token", errors) is { } token)
        {
            if (!TelegramOptions.IsToken(token))
                errors.Add("Orchestrator:Alerts:Telegram:Token names a secret that must be a bot's token: digits, a colon, and letters, digits, - or _. Found: something else.");
            else
                services.AddSink(TelegramSink.Client, new Uri($"{options.Telegram.Url.ToString().TrimEnd('/')}/bot{token}/sendMessage"), token, options.Telegram.Spacing, post => new TelegramSink(post, options.Telegram.Chat));
        }

        if (options.Webhook.IsEnabled)
        {
            var secret = options.Webhook.Secret.IsSet && Secret(options.Webhook.Secret, "Webhook:Secret", errors) is { } read ? Encoding.UTF8.GetBytes(read) : null;
            services.AddSink(WebhookSink.Client, options.Webhook.Url!, null, options.Webhook.Spacing, post => new WebhookSink(post, secret));
        }

        if (errors.Count > 0)
            throw new BrokenSettingsException(errors);
        services.AddSingleton<IRetention, AlertRetention>();
        services.AddHostedService(p => p.GetRequiredService<Alerts>());
    }

    private static string? Secret(SecretOptions secret, string key, List<string> errors)
    {
        try
        {
            return secret.Read($"Orchestrator:Alerts:{key}");
        }
        catch (BrokenSettingsException broken)
        {
            errors.AddRange(broken.Errors);
            return null;
        }
    }

    private static void AddSink<T>(this IServiceCollection services, string name, Uri to, string? token, TimeSpan spacing, Func<AlertPost, T> make) where T : class, IAlertSink
    {
        services.AddRemoteClient(name);
        services.AddSingleton<IAlertSink>(p => make(new AlertPost(p.GetRequiredService<IHttpClientFactory>(), name, to, token, spacing, p.GetRequiredService<AlertOptions>().Patience, p.GetRequiredService<TimeProvider>())));
    }
}
