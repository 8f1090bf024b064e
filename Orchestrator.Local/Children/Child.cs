using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Local;

/// <summary>
/// A program that can't outlive this process: <c>supervise.sh</c> runs it and watches a pipe that closes when this process
/// ends, even by <c>kill -9</c>. It has a session of its own, so that Ctrl-C reaches only this process, which then stops it in order.
/// </summary>
internal sealed class Child
{
    private readonly Process _supervisor;
    private readonly string _log;

    private Child(Process supervisor, string log) => (_supervisor, _log, Id) = (supervisor, log, supervisor.Id);

    /// <summary>The supervisor's; kept because it is asked for after the end, too.</summary>
    public int Id { get; }

    public bool HasExited => _supervisor.HasExited;

    public int ExitCode => _supervisor.ExitCode;

    /// <param name="folder">Removed when this process dies.</param>
    /// <param name="lastSignal">What the program gets when this process dies.</param>
    /// <param name="user">The user to become, or null to stay who we are.</param>
    public static Child Start(string folder, string log, string lastSignal, string? user, string program, params IEnumerable<string> arguments) =>
        Start(folder, log, lastSignal, user, new Dictionary<string, string?>(), program, arguments);

    /// <inheritdoc cref="Start(string, string, string, string?, string, IEnumerable{string})" />
    /// <param name="environment">Variables that are added; settings go here and not into arguments, which everybody on the machine can read.</param>
    public static Child Start(
        string folder, string log, string lastSignal, string? user, IReadOnlyDictionary<string, string?> environment, string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("setsid")
        {
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = "/", // readable by every user that a child may become
        };
        string[] supervisor = ["/bin/sh", Path.Combine(AppContext.BaseDirectory, "Children", "supervise.sh"), lastSignal, user ?? "-", folder, log, program];
        foreach (var argument in supervisor.Concat(arguments))
            start.ArgumentList.Add(argument);
        // What the caller's shell sets for its own clients and programs must not bend ours.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal) || name.StartsWith("NODE_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        try
        {
            return new Child(Process.Start(start)!, log);
        }
        catch (Win32Exception e)
        {
            throw new CannotStartException($"{program} can't be started: its supervisor needs setsid: {e.Message}. Install it: apt-get install util-linux");
        }
    }

    /// <summary>Sends <paramref name="signal"/> and waits for the end; after ten seconds the supervisor kills. The folder stays.</summary>
    /// <returns>The program's exit code.</returns>
    public Task<int> StopAsync(string signal) => LetGoAsync(input => input.WriteLine(signal));

    /// <summary>
    /// Does what the death of this process would do: the supervisor ends the program and removes its folder. If this process is
    /// killed while it waits here, the supervisor does its work all the same.
    /// </summary>
    public Task EndAsync() => LetGoAsync(_ => { });

    private async Task<int> LetGoAsync(Action<StreamWriter> lastWord)
    {
        try
        {
            await using var input = _supervisor.StandardInput;
            lastWord(input);
        }
        catch (IOException)
        {
            // it ended by itself just now
        }
        await _supervisor.WaitForExitAsync();
        var code = _supervisor.ExitCode;
        _supervisor.Dispose();
        return code;
    }

    public Task WaitForExitAsync(CancellationToken ct) => _supervisor.WaitForExitAsync(ct);

    public bool HasLogged(string line) => File.Exists(_log) && Tail(int.MaxValue).Contains(line, StringComparison.Ordinal);

    public string Tail(int lines = 15)
    {
        if (!File.Exists(_log))
            return "(no output)";
        using var stream = new FileStream(_log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        var all = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return all.Length == 0 ? "(no output)" : string.Join('\n', all.TakeLast(lines));
    }

    /// <summary>Ticks since boot at which a process began: with its pid, the name of one process for good.</summary>
    public static long? StartTimeOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var afterName = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // the name may hold spaces and brackets
            return long.Parse(afterName[19], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
