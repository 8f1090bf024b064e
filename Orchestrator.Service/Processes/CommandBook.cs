using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using FuzzySharp;
using Orchestrator.Service.Classify;
using Orchestrator.Service.Receive;

namespace Orchestrator.Service.Processes;

/// <summary>Holds requests against the commands of the configuration.</summary>
internal sealed partial class CommandBook(CommandsOptions commands, LanesOptions lanes)
{
    private const int LongestShown = 80;

    /// <param name="lane">A lane of commands.</param>
    /// <param name="payload">The job's payload.</param>
    /// <param name="errors">One sentence per broken rule.</param>
    /// <returns>What is to be started; null if a rule is broken.</returns>
    public PreparedCommand? Prepare(string lane, string payload, out List<string> errors)
    {
        errors = [];
        ProcessRequest request;
        try
        {
            request = ProcessRequest.Read(payload);
        }
        catch (JsonException wrong)
        {
            errors.Add($"payload: in lane {lane} it must be {{\"command\", \"arguments\", \"environment\", \"folder\", \"timeLimit\"}}: {wrong.Message}");
            return null;
        }

        var allowed = lanes.TryGetValue(lane, out var options) ? options.Commands : [];
        if (request.Command is not { } name || !allowed.Contains(name) || !commands.TryGetValue(name, out var command))
        {
            errors.Add(Unknown("payload.command", request.Command ?? "", allowed, $"a command of lane {lane}"));
            return null;
        }

        var values = Values(request, command, errors);
        errors.AddRange((request.Environment ?? []).Where(variable => !command.Secrets.Contains(variable))
            .Select(variable => Unknown("payload.environment", variable ?? "", command.Secrets, $"a variable that command {name} lists under Secrets")));
        if (request.TimeLimit is { } limit && (limit <= TimeSpan.Zero || limit > command.WallTime))
            errors.Add($"payload.timeLimit: must be more than 0 and at most the command's WallTime ({command.WallTime}). Found: {limit}.");
        if (request.Folder is { } folder && !IsWithin(folder, command.Folders))
            errors.Add($"payload.folder: must be an absolute path, after links are followed, in {(command.Folders.Count == 0 ? "one of the command's Folders, of which it has none" : string.Join(" or ", command.Folders))}. Found: {Shown(folder)}.");
        return errors.Count > 0 ? null : new PreparedCommand(
            name, command, [.. command.Arguments.Select(argument => Fill(argument, values))], [.. request.Environment ?? command.Secrets.AsReadOnly()], request.Folder, request.TimeLimit ?? command.WallTime);
    }

    /// <summary>Where the program is: the one answer that preflight and start both go by. Null if it is not there.</summary>
    public static string? Resolve(string program) =>
        Path.IsPathRooted(program) ? File.Exists(program) ? program : null
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, program)).FirstOrDefault(IsExecutable);

    public static bool IsExecutable(string path) =>
        File.Exists(path) && access(path, MayExecute) == 0;

    /// <summary>Is the folder one of these or in one, wherever links lead? A folder that is not there is judged by its path; the start finds out that it is missing.</summary>
    public static bool IsWithin(string folder, IEnumerable<string> roots)
    {
        if (!Path.IsPathRooted(folder) || folder.Contains('\0'))
            return false;
        var real = Real(Path.GetFullPath(folder));
        return roots.Select(root => Real(Path.GetFullPath(root)).TrimEnd('/')).Any(root => real == root || real.StartsWith(root + "/", StringComparison.Ordinal));
    }

    internal static IEnumerable<string> Placeholders(string argument) => Placeholder().Matches(argument).Select(match => match.Groups["name"]).Where(name => name.Success).Select(name => name.Value);

    internal static string Fill(string argument, Dictionary<string, string> values) =>
        Placeholder().Replace(argument, match => match.Groups["name"] is { Success: true } name ? values[name.Value] : match.Value[..1]);

    private static Dictionary<string, string> Values(ProcessRequest request, CommandOptions command, List<string> errors)
    {
        var given = request.Arguments ?? new Dictionary<string, string>();
        errors.AddRange(given.Keys.Where(name => !command.Parameters.ContainsKey(name)).Select(name => Unknown("payload.arguments", name, command.Parameters.Keys, $"a parameter of command {request.Command}")));
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, parameter) in command.Parameters)
        {
            var path = $"payload.arguments.{name}";
            if ((given.GetValueOrDefault(name) ?? parameter.Default) is not { } value)
                errors.Add($"{path}: must be given; the command has no default for it.");
            else if (value.Length > parameter.MaxLength)
                errors.Add($"{path}: must have at most {parameter.MaxLength} characters. Found: {value.Length}.");
            else if (value.Contains('\0'))
                errors.Add($"{path}: must not contain the character NUL.");
            else if (!parameter.AllowDash && value.StartsWith('-'))
                errors.Add($"{path}: must not begin with a dash, so that it can't be taken for an option. Found: {Shown(value)}.");
            else if (!parameter.Fits(value))
                errors.Add($"{path}: must match {parameter.Pattern}. Found: {Shown(value)}.");
            else
                values[name] = value;
        }

        return values;
    }

    private static string Unknown(string path, string found, IEnumerable<string> known, string what)
    {
        var names = known.ToList();
        return names.MaxBy(name => Fuzz.Ratio(name, found)) is not { } nearest
            ? $"{path}: '{Shown(found)}' is not {what}; there is none."
            : $"{path}: '{Shown(found)}' is not {what}. Did you mean '{nearest}'? Known: {string.Join(", ", names)}.";
    }

    private static string Shown(string value) => Ellipsis.Of(value, LongestShown);

    private static string Real(string path)
    {
        // Link by link, because any part of the path may be one.
        var real = "/";
        var links = 0;
        var parts = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        while (parts.TryPop(out var part))
        {
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? "/";
                continue;
            }

            var next = Path.Combine(real, part);
            if (part == "." || new FileInfo(next).LinkTarget is not { } target)
            {
                real = part == "." ? real : next;
                continue;
            }

            if (++links > 40)
                return "/"; // a circle of links leads nowhere that is allowed
            if (Path.IsPathRooted(target))
                real = "/";
            foreach (var step in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
                parts.Push(step);
        }

        return real;
    }

    private const int MayExecute = 1;

    [DllImport("libc", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int access([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int mode);

    [GeneratedRegex(@"\{\{|\}\}|\{(?<name>[A-Za-z0-9_-]+)\}")]
    private static partial Regex Placeholder();
}
