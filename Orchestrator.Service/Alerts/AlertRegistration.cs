using System.Text;
using Orchestrator.Service.Hosting;
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

        if (options.Webhook.IsEnabled && (!options.Webhook.Secret.IsSet || Secret(options.Webhook.Secret, "Webhook:Secret", errors) is not null))
            services.AddSink(WebhookSink.Client, options.Webhook.Url!, null, options.Webhook.Spacing,
                post => new WebhookSink(post, options.Webhook.Secret.IsSet ? Encoding.UTF8.GetBytes(options.Webhook.Secret.Read("Orchestrator:Alerts:Webhook:Secret")) : null));
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
        services.AddHttpClient(name, client => client.Timeout = Timeout.InfiniteTimeSpan) // each try has a time of its own
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false, // a token goes to one address only
                UseCookies = false,
                ConnectTimeout = TimeSpan.FromSeconds(5),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                MaxResponseHeadersLength = 64,
                ActivityHeadersPropagator = null, // a trace would hold the address, and the address holds the token
            })
            .RemoveAllLoggers(); // so would the log
        services.AddSingleton<IAlertSink>(p => make(new AlertPost(p.GetRequiredService<IHttpClientFactory>(), name, to, token, spacing, p.GetRequiredService<AlertOptions>().Patience, p.GetRequiredService<TimeProvider>())));
    }
}
