using System.Text.RegularExpressions;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Remote;

namespace Orchestrator.Service.Alerts;

/// <summary>What is told to people, and how often.</summary>
public sealed class AlertOptions : IChecked
{
    internal static readonly TimeSpan LongestWindow = TimeSpan.FromDays(7);

    /// <summary>Are alerts raised?</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The same kind about the same subject is told once in this time, by all nodes together; 0 to 7 days.</summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long one alert is tried at one place before it is given up; 1 s to 10 min. The log has it in any case.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>A chat of Telegram that is told.</summary>
    public TelegramOptions Telegram { get; set; } = new();

    /// <summary>An address that is told.</summary>
    public AlertWebhookOptions Webhook { get; set; } = new();

    public IEnumerable<Broken> Check()
    {
        if (Window < TimeSpan.Zero || Window > LongestWindow)
            yield return new("Window", "must be 0 to 7 days", Window);
        if (Patience < TimeSpan.FromSeconds(1) || Patience > TimeSpan.FromMinutes(10))
            yield return new("Patience", "must be 1 s to 10 min", Patience);
        foreach (var broken in Telegram.Check(nameof(Telegram)).Concat(Webhook.Check(nameof(Webhook))))
            yield return broken;
    }
}

/// <summary>A bot that writes into one chat.</summary>
public sealed partial class TelegramOptions
{
    /// <summary>The chat's id, or @ and the name of a public one; nobody is told if empty.</summary>
    public string Chat { get; set; } = "";

    /// <summary>The bot's token.</summary>
    public SecretOptions Token { get; set; } = new();

    /// <summary>Address of the Bot API.</summary>
    public Uri Url { get; set; } = new("https://api.telegram.org");

    /// <summary>Least time between two messages; 0 to 1 min. Telegram allows about one a second in a chat, and twenty a minute in a group.</summary>
    public TimeSpan Spacing { get; set; } = TimeSpan.FromSeconds(3);

    internal bool IsEnabled => Chat.Length > 0;

    internal static bool IsToken(string text) => Tokens().IsMatch(text);

    internal IEnumerable<Broken> Check(string key)
    {
        if (IsEnabled && !Chats().IsMatch(Chat))
            yield return new($"{key}:Chat", "must be the id of a chat, for example -1001234567890, or @ and its name", Chat);
        if (IsEnabled && !Token.IsSet)
            yield return new($"{key}:Token:Variable", $"must name the environment variable that holds the token, or {key}:Token:File the file, where Chat is given", null);
        if (Spacing < TimeSpan.Zero || Spacing > TimeSpan.FromMinutes(1))
            yield return new($"{key}:Spacing", "must be 0 to 1 min", Spacing);
        foreach (var broken in RemoteOptions.CheckUrl($"{key}:Url", Url).Concat(Token.Check($"{key}:Token")))
            yield return broken;
    }

    [GeneratedRegex(@"\A(?:-?[0-9]{1,20}|@[A-Za-z0-9_]{1,64})\z")]
    private static partial Regex Chats();

    // The token becomes a part of an address: whatever could change that address is none.
    [GeneratedRegex(@"\A[0-9]{1,20}:[A-Za-z0-9_-]{1,200}\z")]
    private static partial Regex Tokens();
}

/// <summary>An address to which alerts are posted as JSON: kind, subject, text, at.</summary>
public sealed class AlertWebhookOptions
{
    /// <summary>The address, https, or http on loopback; nobody is told if absent. It is not logged, because of what others put into such addresses.</summary>
    public Uri? Url { get; set; }

    /// <summary>The secret of the signature; without one nothing is signed.</summary>
    public SecretOptions Secret { get; set; } = new();

    /// <summary>Least time between two posts; 0 to 1 min.</summary>
    public TimeSpan Spacing { get; set; } = TimeSpan.Zero;

    internal bool IsEnabled => Url is not null;

    internal IEnumerable<Broken> Check(string key)
    {
        if (Url is not null && (!Url.IsAbsoluteUri || Url.UserInfo.Length > 0 || (Url.Scheme != Uri.UriSchemeHttps && !(Url.Scheme == Uri.UriSchemeHttp && Url.IsLoopback))))
            yield return new($"{key}:Url", "must be an https address without a user, or http on loopback", "another one");
        if (Spacing < TimeSpan.Zero || Spacing > TimeSpan.FromMinutes(1))
            yield return new($"{key}:Spacing", "must be 0 to 1 min", Spacing);
        if (Secret.IsSet && !IsEnabled)
            yield return new($"{key}:Secret", "must be absent where there is no Url", "a secret");
        foreach (var broken in Secret.Check($"{key}:Secret"))
            yield return broken;
    }
}
