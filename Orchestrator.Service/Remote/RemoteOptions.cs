using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Remote;

/// <summary>How calls to a server of others are bounded.</summary>
public sealed class RemoteOptions
{
    /// <summary>Longest time of one try, answer included; 1 s to 2 min.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Tries of a call that may be repeated without harm; 1 to 10.</summary>
    public int Tries { get; set; } = 3;

    /// <summary>Pause before the second try; doubles each time; 0 to 1 min.</summary>
    public TimeSpan Pause { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest time that a call waits because the server asks for it; beyond that it is given back to its caller with the time; 0 to 5 min.</summary>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Largest answer in bytes; 64 KiB to 64 MiB.</summary>
    public int MaxAnswerBytes { get; set; } = 8 * 1024 * 1024;

    internal IEnumerable<Broken> Check(string key)
    {
        if (Timeout < TimeSpan.FromSeconds(1) || Timeout > TimeSpan.FromMinutes(2))
            yield return new($"{key}:Timeout", "must be 1 s to 2 min", Timeout);
        if (Tries is < 1 or > 10)
            yield return new($"{key}:Tries", "must be 1 to 10", Tries);
        if (Pause < TimeSpan.Zero || Pause > TimeSpan.FromMinutes(1))
            yield return new($"{key}:Pause", "must be 0 to 1 min", Pause);
        if (MaxWait < TimeSpan.Zero || MaxWait > TimeSpan.FromMinutes(5))
            yield return new($"{key}:MaxWait", "must be 0 to 5 min", MaxWait);
        if (MaxAnswerBytes is < 64 * 1024 or > 64 * 1024 * 1024)
            yield return new($"{key}:MaxAnswerBytes", "must be 64 KiB to 64 MiB", MaxAnswerBytes);
    }

    /// <summary>The address of a server as it must be for a token to be sent there.</summary>
    internal static IEnumerable<Broken> CheckUrl(string key, Uri? url)
    {
        if (url is null)
            yield break;
        if (!url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttps && !(url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)))
            yield return new(key, "must be an https address, or http on loopback: a token is sent there", url);
        else if (url.UserInfo.Length > 0 || url.Query.Length > 0)
            yield return new(key, "must hold neither user nor query; the token comes from Token", "an address with user or query");
    }
}
