using System.Text.RegularExpressions;
using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Delivery.Runners;

/// <summary>The runners that take stages over from agents.</summary>
public sealed class RunnersOptions
{
    /// <summary>At stage testing.</summary>
    public RunnerOptions Tests { get; set; } = new();

    /// <summary>At stage deploy-staging.</summary>
    public RunnerOptions Staging { get; set; } = new();

    /// <summary>Waits before a run that infrastructure kept from a verdict is repeated, one for each repetition and in this order; each 1 s to 1 day, at most 20. Then the task is held. 1, 5 and 15 min without any.</summary>
    public IList<TimeSpan> Deferrals { get; } = [];

    private static readonly TimeSpan[] Usual = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15)];

    internal IReadOnlyList<TimeSpan> Waits => Deferrals.Count == 0 ? Usual : [.. Deferrals];

    /// <summary>All that a suite is for.</summary>
    internal IEnumerable<string> Repositories => Tests.Suites.Values.Concat(Staging.Suites.Values).SelectMany(suite => suite.Repositories);

    internal IEnumerable<Broken> Check()
    {
        if (Deferrals.Count > 20 || Deferrals.Any(wait => wait < TimeSpan.FromSeconds(1) || wait > TimeSpan.FromDays(1)))
            yield return new("Deferrals", "must be at most 20 waits of 1 s to 1 day", string.Join(", ", Deferrals));
        foreach (var broken in Tests.Check(nameof(Tests)).Concat(Staging.Check(nameof(Staging))))
            yield return broken;
    }
}

/// <summary>One runner.</summary>
public sealed class RunnerOptions
{
    /// <summary>Off: agents do the stage, in every repository.</summary>
    public bool Enabled { get; set; }

    /// <summary>The suites by name; each says for which repositories it is.</summary>
    public Dictionary<string, SuiteOptions> Suites { get; } = new(StringComparer.Ordinal);

    /// <summary>The suite of a repository; null where an agent does the stage.</summary>
    internal SuiteOptions? SuiteOf(string repository) => !Enabled ? null : Suites.Values.FirstOrDefault(suite => suite.Repositories.Contains(repository, StringComparer.OrdinalIgnoreCase));

    internal IEnumerable<Broken> Check(string path)
    {
        if (Enabled && Suites.Count == 0)
            yield return new($"{path}:Suites", "must name a suite, or Enabled be false", null);
        foreach (var twice in Suites.Values.SelectMany(suite => suite.Repositories.Distinct(StringComparer.OrdinalIgnoreCase)).GroupBy(r => r, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
            yield return new($"{path}:Suites", "must list a repository in one suite only", twice.Key);
        foreach (var broken in Suites.SelectMany(suite => suite.Value.Check($"{path}:Suites:{suite.Key}")))
            yield return broken;
    }
}

/// <summary>A suite: a command whose end says whether the code is good.</summary>
public sealed class SuiteOptions
{
    /// <summary>The repositories, written <c>owner/name</c>.</summary>
    public IList<string> Repositories { get; } = [];

    /// <summary>The program: an absolute path, a path in the task's folder that begins with <c>./</c>, or a name on the service's PATH; over ssh as the remote host resolves it.</summary>
    public string Program { get; set; } = "";

    /// <summary>
    /// Its arguments. <c>{junit}</c> and <c>{trx}</c> stand for files, <c>{results}</c> for a folder that it writes results to, <c>{nonce}</c> for what it repeats in its last line
    /// <c>SUMMARY total=N passed=P failed=F nonce={nonce}</c>; <c>{run}</c> and <c>{sha}</c> for the run and the commit. With one of the first four only that summary proves a pass.
    /// </summary>
    public IList<string> Arguments { get; } = [];

    /// <summary>Variables and their values, beside PATH, HOME, LANG and TZ of the service.</summary>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>Results that it writes to places of its own, as <c>folder/*.xml</c> or <c>folder/*.trx</c> in the task's folder; removed before a run, read after it.</summary>
    public IList<string> Results { get; } = [];

    /// <summary>Longest time of a run; 1 s to 1 day.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Time between the request to end and the kill; 0 to 5 min.</summary>
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Regular expressions: a failed suite that prints a line which matches one was failed by a service that it needs, not by the code.</summary>
    public IList<string> TransientPatterns { get; } = [];

    /// <summary>Addresses that must answer after the suite has passed.</summary>
    public Dictionary<string, SmokeOptions> Smoke { get; } = new(StringComparer.Ordinal);

    /// <summary>The host that it runs on; this one without a Host.</summary>
    public SshOptions Ssh { get; set; } = new();

    internal bool IsRemote => Ssh.Host.Length > 0;

    internal IReadOnlyList<Regex> Patterns() => [.. TransientPatterns.Select(pattern => new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant))];

    internal IEnumerable<Broken> Check(string path)
    {
        if (Repositories.Count == 0 || Repositories.Any(repository => !Regex.IsMatch(repository, @"\A[\w.-]+/[\w.-]+\z")))
            yield return new($"{path}:Repositories", "must list repositories, written owner/name", string.Join(", ", Repositories));
        if (Program.Length == 0 || Program.Contains('\0') || (Program.Contains('/') && !Path.IsPathRooted(Program) && !Program.StartsWith("./", StringComparison.Ordinal)))
            yield return new($"{path}:Program", "must be an absolute path, a path that begins with ./, or a name on the PATH", Program);
        if (Timeout < TimeSpan.FromSeconds(1) || Timeout > TimeSpan.FromDays(1))
            yield return new($"{path}:Timeout", "must be 1 s to 1 day", Timeout);
        if (StopGrace < TimeSpan.Zero || StopGrace > TimeSpan.FromMinutes(5))
            yield return new($"{path}:StopGrace", "must be 0 to 5 min", StopGrace);
        foreach (var unknown in Arguments.SelectMany(Processes.CommandBook.Placeholders).Where(name => !SuiteCommand.Placeholders.Contains(name)).Distinct())
            yield return new($"{path}:Arguments", $"must use {{{string.Join("}, {", SuiteCommand.Placeholders)}}} only, or {{{{ for a brace", $"{{{unknown}}}");
        foreach (var name in Environment.Keys.Where(name => name.Length == 0 || name.Contains('=') || name.Contains('\0')))
            yield return new($"{path}:Environment", "must name variables without =", name);
        foreach (var results in Results.Where(results => !Regex.IsMatch(results, @"\A(?:[\w.-]+/)*[\w.*-]+\.(?:xml|trx)\z") || results.Contains("..", StringComparison.Ordinal)))
            yield return new($"{path}:Results", "must be written folder/*.xml or folder/*.trx, relative to the task's folder", results);
        foreach (var pattern in TransientPatterns.Where(pattern => !IsPattern(pattern)))
            yield return new($"{path}:TransientPatterns", "must be regular expressions without back-references or look-arounds", pattern);
        foreach (var broken in Smoke.SelectMany(smoke => smoke.Value.Check($"{path}:Smoke:{smoke.Key}")))
            yield return broken;
        if (!IsRemote)
            yield break;
        foreach (var broken in Ssh.Check($"{path}:Ssh"))
            yield return broken;
        if (Results.Count > 0 || Arguments.SelectMany(Processes.CommandBook.Placeholders).Any(name => name is "junit" or "trx" or "results"))
            yield return new($"{path}:Arguments", "must use {nonce} over ssh: files stay on the other host", string.Join(' ', Arguments));
        foreach (var argument in Arguments.Append(Program).Where(argument => !SshQuoting.IsAllowed(argument.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal))))
            yield return new($"{path}:Arguments", $"must hold only {SshQuoting.Allowed} over ssh", argument);
        if (Environment.Count > 0)
            yield return new($"{path}:Environment", "must be empty over ssh: set variables on the other host", string.Join(", ", Environment.Keys));
    }

    private static bool IsPattern(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}

/// <summary>An address that is read once, with GET and without following redirects.</summary>
public sealed class SmokeOptions
{
    /// <summary>Its http or https address.</summary>
    public string Url { get; set; } = "";

    /// <summary>The status that it must answer with; 100 to 599.</summary>
    public int Status { get; set; } = 200;

    /// <summary>How long it may take; 100 ms to 5 min.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    internal IEnumerable<Broken> Check(string path)
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0)
            yield return new($"{path}:Url", "must be an http or https address without a user", Uri.TryCreate(Url, UriKind.Absolute, out var given) && given.UserInfo.Length > 0 ? given.Host : Url);
        if (Status is < 100 or > 599)
            yield return new($"{path}:Status", "must be 100 to 599", Status);
        if (Timeout < TimeSpan.FromMilliseconds(100) || Timeout > TimeSpan.FromMinutes(5))
            yield return new($"{path}:Timeout", "must be 100 ms to 5 min", Timeout);
    }
}

/// <summary>Another host, by ssh with keys only.</summary>
public sealed partial class SshOptions
{
    /// <summary>Its name or address.</summary>
    public string Host { get; set; } = "";

    /// <summary>The port; 1 to 65535.</summary>
    public int Port { get; set; } = 22;

    /// <summary>The user there; the service's own without one.</summary>
    public string User { get; set; } = "";

    /// <summary>The file with the private key, an absolute path; ssh's own choice without one.</summary>
    public string Identity { get; set; } = "";

    /// <summary>The file with the host's key, an absolute path; the user's own without one. A host that is not in it is refused.</summary>
    public string KnownHosts { get; set; } = "";

    /// <summary>The folder there in which commands run; an absolute path.</summary>
    public string Folder { get; set; } = "";

    /// <summary>How long connecting may take; 1 s to 2 min.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A program and arguments that change nothing and end with 0 where all is there; what the preflight runs. <c>true</c> without any.</summary>
    public IList<string> Preflight { get; } = [];

    /// <summary>How long a preflight's result counts; 60 to 300 s.</summary>
    public TimeSpan PreflightInterval { get; set; } = TimeSpan.FromMinutes(2);

    internal IEnumerable<Broken> Check(string path)
    {
        if (!HostName().IsMatch(Host))
            yield return new($"{path}:Host", "must be a host name or an address", Host);
        if (User.Length > 0 && !UserName().IsMatch(User))
            yield return new($"{path}:User", "must be a user name", User);
        if (Port is < 1 or > 65535)
            yield return new($"{path}:Port", "must be 1 to 65535", Port);
        foreach (var (key, value) in new[] { (nameof(Identity), Identity), (nameof(KnownHosts), KnownHosts) })
        {
            if (value.Length > 0 && !AbsolutePath().IsMatch(value))
                yield return new($"{path}:{key}", "must be an absolute path of letters, digits and ./_+@-", value);
        }

        if (!AbsolutePath().IsMatch(Folder))
            yield return new($"{path}:Folder", "must be an absolute path of letters, digits and ./_+@-", Folder);
        if (ConnectTimeout < TimeSpan.FromSeconds(1) || ConnectTimeout > TimeSpan.FromMinutes(2))
            yield return new($"{path}:ConnectTimeout", "must be 1 s to 2 min", ConnectTimeout);
        if (PreflightInterval < TimeSpan.FromSeconds(60) || PreflightInterval > TimeSpan.FromSeconds(300))
            yield return new($"{path}:PreflightInterval", "must be 60 to 300 s", PreflightInterval);
        foreach (var argument in Preflight.Where(argument => !SshQuoting.IsAllowed(argument)))
            yield return new($"{path}:Preflight", $"must hold only {SshQuoting.Allowed}", argument);
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_](?:[A-Za-z0-9_.:-]*[A-Za-z0-9_])?\z")]
    private static partial Regex HostName();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_.-]*\z")]
    private static partial Regex UserName();

    [GeneratedRegex(@"\A/[A-Za-z0-9./_+@-]*\z")]
    private static partial Regex AbsolutePath();
}
