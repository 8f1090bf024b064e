using System.Net;
using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Delivery.Git;

/// <summary>How git is run.</summary>
public sealed class GitOptions
{
    /// <summary>Name of the author of what the service commits and rebases; 1 to 100 characters.</summary>
    public string Author { get; set; } = "Orchestrator";

    /// <summary>Its mail address.</summary>
    public string Email { get; set; } = "orchestrator@localhost";

    /// <summary>Longest time of a command that works on the disk only; 1 s to 1 h.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest time of a fetch or push; 1 s to 6 h.</summary>
    public TimeSpan TransferTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Name of the environment variable that holds the token for remotes over https; none if empty. Never the token itself.</summary>
    public string TokenVariable { get; set; } = "";

    /// <summary>The user that the token is sent with; most servers take any.</summary>
    public string TokenUser { get; set; } = "orchestrator";

    internal IEnumerable<Broken> Check()
    {
        if (Author.Length is 0 or > 100 || Author.Any(c => char.IsControl(c) || c is '<' or '>'))
            yield return new(nameof(Author), "must be a name of 1 to 100 characters without < and >", Author);
        if (Email.Length is 0 or > 200 || Email.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '<' or '>'))
            yield return new(nameof(Email), "must be a mail address without spaces", Email);
        if (Timeout < TimeSpan.FromSeconds(1) || Timeout > TimeSpan.FromHours(1))
            yield return new(nameof(Timeout), "must be 1 s to 1 h", Timeout);
        if (TransferTimeout < TimeSpan.FromSeconds(1) || TransferTimeout > TimeSpan.FromHours(6))
            yield return new(nameof(TransferTimeout), "must be 1 s to 6 h", TransferTimeout);
        if (TokenVariable.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '_'))
            yield return new(nameof(TokenVariable), "must be the name of an environment variable, never the token itself", "a text with other characters");
        else if (TokenVariable.Length > 0 && string.IsNullOrEmpty(Environment.GetEnvironmentVariable(TokenVariable)))
            yield return new(nameof(TokenVariable), "must name an environment variable that holds the token; set it, or leave the setting empty", TokenVariable);
        if (TokenUser.Length == 0 || TokenUser.Any(c => char.IsControl(c) || c == ':'))
            yield return new(nameof(TokenUser), "must be a name without a colon", TokenUser);
    }
}

/// <summary>A repository that differs from the others.</summary>
public sealed class RepositoryOptions
{
    /// <summary>Where it is fetched from and pushed to; made from <c>Delivery:Remote</c> if empty.</summary>
    public string Remote { get; set; } = "";

    /// <summary>The branch that its tasks go into; <c>Delivery:Base</c> if empty.</summary>
    public string Base { get; set; } = "";

    internal IEnumerable<Broken> Check(bool withToken)
    {
        if (Remote.Length > 0 && RemoteRule.Broken(Remote, withToken) is { } rule)
            yield return new(nameof(Remote), rule, RemoteRule.Shown(Remote));
        if (Base.Length > 0 && !BranchName.IsOne(Base))
            yield return new(nameof(Base), "must be the name of a branch", Base);
    }
}

/// <summary>What a remote may be.</summary>
internal static class RemoteRule
{
    /// <summary>The rule that a remote breaks; null if it is one.</summary>
    public static string? Broken(string remote, bool withToken)
    {
        if (remote.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) || remote.StartsWith('-'))
            return "must have no spaces and not begin with -";
        if (Path.IsPathRooted(remote))
            return null;
        if (remote.Contains("://", StringComparison.Ordinal))
        {
            return !Uri.TryCreate(remote, UriKind.Absolute, out var url) ? "must be an address"
                : url.Scheme is not ("https" or "http" or "ssh") ? "must be https, http, ssh or an absolute path"
                : url.Host.Length == 0 || url.Host.StartsWith('-') || url.UserInfo.StartsWith('-') ? "must name a host"
                : url.Scheme != "ssh" && url.UserInfo.Length > 0 ? "must hold no user and password: name the token's variable in Delivery:Git:TokenVariable"
                : url.Scheme == "ssh" && url.UserInfo.Contains(':', StringComparison.Ordinal) ? "must hold no password: ssh uses keys"
                : withToken && url.Scheme == "http" && !IsLoopback(url) ? "must be https where a token is sent"
                : null;
        }

        // user@host:path, as ssh writes it
        return remote.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && !remote[..colon].Contains('/', StringComparison.Ordinal) && remote.Length > colon + 1 && !remote[(colon + 1)..].StartsWith(':')
            ? null
            : "must be an absolute path, an https, http or ssh address, or user@host:path";
    }

    /// <summary>Without what could be a password.</summary>
    public static string Shown(string remote) => remote.Contains('@', StringComparison.Ordinal) && remote.Contains("://", StringComparison.Ordinal)
        ? string.Concat(remote.AsSpan(0, remote.IndexOf("://", StringComparison.Ordinal) + 3), "...", remote.AsSpan(remote.LastIndexOf('@')))
        : remote;

    private static bool IsLoopback(Uri url) => url.Host == "localhost" || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
