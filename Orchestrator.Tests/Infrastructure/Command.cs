using System.Diagnostics;
using System.Text;

namespace Orchestrator.Tests.Infrastructure;

/// <summary>A real process under test, with its output read while it runs. Disposing kills it and what it started.</summary>
public sealed class Command : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Task _outputRead;
    private readonly Task<string> _errors;

    private Command(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _outputRead = ReadOutputAsync();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Of the process itself, not of its children.</summary>
    public int Pid => _process.Id;

    /// <summary>What it has printed until now.</summary>
    public string OutputSoFar
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Starts a program; a null value in <paramref name="environment"/> removes the variable.</summary>
    public static Command Start(string program, IEnumerable<string> arguments, string? folder = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? "" };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        return new Command(start);
    }

    /// <summary>Starts a program and waits for its end.</summary>
    public static async Task<CommandResult> RunAsync(string program, IEnumerable<string> arguments, string? folder = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        using var command = Start(program, arguments, folder, environment);
        return await command.EndAsync();
    }

    /// <summary>Sends a signal by its short name, such as TERM. The shell's own kill does it: a bare machine has no program of that name.</summary>
    public async Task SignalAsync(string signal)
    {
        var kill = await RunAsync("sh", ["-c", "kill -s \"$1\" \"$2\"", "kill", signal, Pid.ToString()]);
        Assert.Equal(new CommandResult(0, "", ""), kill);
    }

    /// <summary>Waits for the end, for at most three minutes.</summary>
    public async Task<CommandResult> EndAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3), TimeProvider.System);
        await _process.WaitForExitAsync(limit.Token);
        await _outputRead.WaitAsync(limit.Token);
        return new CommandResult(_process.ExitCode, OutputSoFar, await _errors.WaitAsync(limit.Token));
    }

    /// <summary>The command lines of all running processes that name a folder in their arguments or stand in it. Whose line is empty is not one of them: it is just ending.</summary>
    public static List<string> LinesOfProcessesIn(string path) => [.. Directory.EnumerateDirectories("/proc")
        .Where(folder => int.TryParse(Path.GetFileName(folder), out _))
        .Select(folder => (Line: LineOf(folder), Standing: StandingOf(folder)))
        .Where(process => process.Line.Length > 0 && (process.Line.Contains(path, StringComparison.Ordinal) || process.Standing.StartsWith(path, StringComparison.Ordinal)))
        .Select(process => process.Line)];

    /// <inheritdoc />
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private async Task ReadOutputAsync()
    {
        var buffer = new char[4096];
        while (await _process.StandardOutput.ReadAsync(buffer) is > 0 and var read)
        {
            lock (_output)
                _output.Append(buffer, 0, read);
        }
    }

    private static string LineOf(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // it has just ended
        }
    }

    private static string StandingOf(string folder)
    {
        try
        {
            return new FileInfo(Path.Combine(folder, "cwd")).LinkTarget ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // ended, or somebody else's
        }
    }
}

/// <summary>What a process left.</summary>
public sealed record CommandResult(int ExitCode, string Output, string Errors);
