using System.Text.RegularExpressions;
using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Processes;

/// <summary>A program that jobs may name. What a job can choose of it is declared here; everything else is the operator's.</summary>
public sealed class CommandOptions
{
    /// <summary>The program: an absolute path, or a name that is looked up on the service's own PATH.</summary>
    public string Program { get; set; } = "";

    /// <summary>Its arguments; <c>{name}</c> stands for a parameter. Each stays one argument, whatever the value holds.</summary>
    public IList<string> Arguments { get; } = [];

    /// <summary>What a job may choose, by name.</summary>
    public Dictionary<string, ParameterOptions> Parameters { get; } = new(StringComparer.Ordinal);

    /// <summary>Variables and their values. The service's own environment is not passed on, but for PATH, HOME, LANG, LC_ALL and TZ.</summary>
    public Dictionary<string, string> Environment { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Names of variables whose values are taken from the service's environment when a run starts. Their values are never in arguments, files or logs.</summary>
    public IList<string> Secrets { get; } = [];

    /// <summary>Folders that a job's working folder must lie in, after links are followed. Without any, runs work in their run folder.</summary>
    public IList<string> Folders { get; } = [];

    /// <summary>Longest time of a run; 1 s to 30 days. Costs an attempt.</summary>
    public TimeSpan WallTime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Longest time in which its log does not grow and none of its processes uses the processor; 1 s to 30 days. Counts as a transient failure.</summary>
    public TimeSpan IdleTime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long it may live after the result is in its log; 1 s to 1 h. Then it is ended, and the result counts.</summary>
    public TimeSpan ResultGrace { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>Time between the request to end and the kill; 0 to 10 min.</summary>
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Largest log in bytes; 64 KiB to 100 GiB. Then it is ended, at the cost of an attempt.</summary>
    public long MaxLogBytes { get; set; } = 1L << 30;

    /// <summary>Arguments of a call that costs nothing and must end with 0 before the lane is claimed, <c>--version</c> for instance. Without any, the program must only be there.</summary>
    public IList<string> Preflight { get; } = [];

    internal IEnumerable<Broken> Check(string name)
    {
        if (Program.Length == 0 || Program.Contains('\0'))
            yield return new($"{name}:Program", "must be an absolute path or a name on the PATH", Program);
        else if (Program.Contains('='))
            yield return new($"{name}:Program", "must not contain =", Program);
        else if (Program.Contains('/') && !Path.IsPathRooted(Program))
            yield return new($"{name}:Program", "must be an absolute path, or a name without slashes", Program);
        foreach (var (key, value, min, max) in new[]
                 {
                     (nameof(WallTime), WallTime, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30)),
                     (nameof(IdleTime), IdleTime, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30)),
                     (nameof(ResultGrace), ResultGrace, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
                     (nameof(StopGrace), StopGrace, TimeSpan.Zero, TimeSpan.FromMinutes(10)),
                 })
        {
            if (value < min || value > max)
                yield return new($"{name}:{key}", $"must be {min} to {max}", value);
        }

        if (MaxLogBytes is < (64 << 10) or > (100L << 30))
            yield return new($"{name}:MaxLogBytes", "must be 64 KiB to 100 GiB", MaxLogBytes);
        foreach (var folder in Folders.Where(folder => !Path.IsPathRooted(folder)))
            yield return new($"{name}:Folders", "must be absolute paths", folder);
        foreach (var variable in Environment.Keys.Concat(Secrets).Where(variable => variable.Length == 0 || variable.Contains('=') || variable.Contains('\0') || variable.StartsWith("ORCHESTRATOR_", StringComparison.Ordinal)))
            yield return new($"{name}:Environment", "must name variables without =, and none that begins with ORCHESTRATOR_: those are the service's own", variable);
        foreach (var unknown in Arguments.SelectMany(CommandBook.Placeholders).Where(used => !Parameters.ContainsKey(used)).Distinct())
            yield return new($"{name}:Arguments", $"must use declared parameters only; declare {unknown} under Parameters, or write {{{{ for a brace", $"{{{unknown}}}");
        foreach (var unused in Parameters.Keys.Except(Arguments.SelectMany(CommandBook.Placeholders)))
            yield return new($"{name}:Parameters:{unused}", "must be used in Arguments", unused);
        foreach (var (parameter, options) in Parameters)
        {
            foreach (var broken in options.Check($"{name}:Parameters:{parameter}"))
                yield return broken;
        }
    }
}

/// <summary>A value that a job may choose.</summary>
public sealed class ParameterOptions
{
    /// <summary>The value where the job gives none; without one the job must give it.</summary>
    public string? Default { get; set; }

    /// <summary>A regular expression that the whole value must match; anything if absent.</summary>
    public string? Pattern { get; set; }

    /// <summary>Most characters; 1 to 100,000.</summary>
    public int MaxLength { get; set; } = 4096;

    /// <summary>May it begin with a dash? Otherwise no value can be taken for an option.</summary>
    public bool AllowDash { get; set; }

    internal bool Fits(string value) => Pattern is null || Regex.IsMatch(value, $@"\A(?:{Pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    internal IEnumerable<Broken> Check(string name)
    {
        if (MaxLength is < 1 or > 100_000)
            yield return new($"{name}:MaxLength", "must be 1 to 100,000", MaxLength);
        string? wrong = null;
        try
        {
            Fits("");
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            wrong = exception.Message;
        }

        if (wrong is not null)
            yield return new($"{name}:Pattern", $"must be a regular expression without back-references or look-arounds: {wrong}", Pattern);
        else if (Default is not null && !Fits(Default))
            yield return new($"{name}:Default", $"must match the pattern {Pattern}", Default);
        if (Default?.Length > MaxLength)
            yield return new($"{name}:Default", $"must have at most {MaxLength} characters (MaxLength)", Default);
        if (!AllowDash && Default?.StartsWith('-') == true)
            yield return new($"{name}:Default", "must not begin with a dash, or AllowDash must be true", Default);
    }
}

/// <summary>The commands by name.</summary>
public sealed class CommandsOptions : Dictionary<string, CommandOptions>, IChecked
{
    public CommandsOptions() : base(StringComparer.Ordinal)
    {
    }

    public IEnumerable<Broken> Check()
    {
        foreach (var (name, command) in this)
        {
            if (name.Length is < 1 or > 60 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
                yield return new(name, "must be a name of 1 to 60 letters, digits, - and _", name);
            foreach (var broken in command.Check(name))
                yield return broken;
        }
    }
}
