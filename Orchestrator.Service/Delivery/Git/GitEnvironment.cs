using System.Globalization;
using System.Text;

namespace Orchestrator.Service.Delivery.Git;

/// <summary>
/// The whole environment of a command of git: nothing of the machine's or the user's configuration, no prompt, no hook, no helper, English words. Settings go in by variables, which
/// win over the repository's own and, other than arguments, are seen by the service's user only.
/// </summary>
internal static class GitEnvironment
{
    private const string Ssh = "ssh -oBatchMode=yes -oConnectTimeout=10 -oServerAliveInterval=15 -oServerAliveCountMax=4 -oStrictHostKeyChecking=yes -oControlMaster=no";

    /// <param name="options">Author and token.</param>
    /// <param name="remote">The remote that the token is for; null where the command talks to none.</param>
    /// <param name="token">The token; null if there is none.</param>
    public static Dictionary<string, string> Of(GitOptions options, string? remote, string? token)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin",
            // No file of the user's is read: neither settings nor .netrc. ssh finds its keys by the user's entry, not by this.
            ["HOME"] = "/nonexistent",
            ["LC_ALL"] = "C",
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_CONFIG_GLOBAL"] = "/dev/null",
            ["GIT_ATTR_NOSYSTEM"] = "1",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_SSH_COMMAND"] = Ssh,
            ["GIT_ALLOW_PROTOCOL"] = "file:http:https:ssh",
            ["GIT_OPTIONAL_LOCKS"] = "0",
            ["GIT_EDITOR"] = "true",
            ["GIT_SEQUENCE_EDITOR"] = "true",
            ["GIT_MERGE_AUTOEDIT"] = "no",
            ["GIT_PAGER"] = "cat",
            ["GIT_ADVICE"] = "0",
            // Commits are what they are, whatever an agent wants to be seen in their place.
            ["GIT_NO_REPLACE_OBJECTS"] = "1",
        };
        if (Environment.GetEnvironmentVariable("SSH_AUTH_SOCK") is { } agent)
            environment["SSH_AUTH_SOCK"] = agent;

        List<(string Key, string Value)> settings =
        [
            ("user.name", options.Author), ("user.email", options.Email),
            ("core.hooksPath", "/dev/null"), ("core.fsmonitor", "false"), ("core.attributesFile", "/dev/null"), ("core.excludesFile", "/dev/null"), ("core.quotePath", "false"),
            ("credential.helper", ""), ("protocol.ext.allow", "never"), ("http.followRedirects", "false"), ("http.sslVerify", "true"),
            ("commit.gpgSign", "false"), ("tag.gpgSign", "false"), ("push.gpgSign", "false"),
            ("gc.autoDetach", "false"), ("maintenance.autoDetach", "false"),
            ("rerere.enabled", "false"), ("merge.conflictStyle", "merge"), ("rebase.autoStash", "false"), ("rebase.autoSquash", "false"), ("rebase.updateRefs", "false"),
            ("submodule.recurse", "false"), ("fetch.recurseSubmodules", "false"), ("push.followTags", "false"), ("push.recurseSubmodules", "no"),
            ("diff.noprefix", "false"), ("diff.mnemonicPrefix", "false"), ("color.ui", "false"),
        ];
        if (token is not null && Origin(remote) is { } origin)
            settings.Add(($"http.{origin}/.extraHeader", $"Authorization: Basic {Basic(options, token)}"));
        environment["GIT_CONFIG_COUNT"] = settings.Count.ToString(CultureInfo.InvariantCulture);
        foreach (var (at, (key, value)) in settings.Index())
        {
            environment[string.Create(CultureInfo.InvariantCulture, $"GIT_CONFIG_KEY_{at}")] = key;
            environment[string.Create(CultureInfo.InvariantCulture, $"GIT_CONFIG_VALUE_{at}")] = value;
        }

        return environment;
    }

    /// <summary>A text without the token, in whatever form it was sent.</summary>
    public static string Redacted(string text, GitOptions options, string? token) =>
        token is null ? text : text.Replace(token, "***", StringComparison.Ordinal).Replace(Basic(options, token), "***", StringComparison.Ordinal);

    private static string Basic(GitOptions options, string token) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.TokenUser}:{token}"));

    // Bound to its server: what redirects or modules name gets no token.
    private static string? Origin(string? remote) =>
        remote is not null && Uri.TryCreate(remote, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" ? url.GetLeftPart(UriPartial.Authority) : null;
}
