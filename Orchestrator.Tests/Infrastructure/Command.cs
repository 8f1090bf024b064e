using System.Diagnostics;

namespace Orchestrator.Tests.Infrastructure;

/// <summary>A real process under test, with its output read while it runs. Disposing kills it and what it started.</summary>
public sealed class Command : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    private Command(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Of the process itself, not of its children.</summary>
    public int Pid => _process.Id;

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

    /// <summary>Sends a signal by its short name, such as TERM.</summary>
    public async Task SignalAsync(string signal) => Assert.Equal(0, (await RunAsync("kill", ["-s", signal, Pid.ToString()])).ExitCode);

    /// <summary>Waits for the end, for at most three minutes.</summary>
    public async Task<CommandResult> EndAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3), TimeProvider.System);
        await _process.WaitForExitAsync(limit.Token);
        return new CommandResult(_process.ExitCode, await _output.WaitAsync(limit.Token), await _errors.WaitAsync(limit.Token));
    }

    /// <summary>The command lines of all running processes that hold a text, such as the name of a folder that only one test has.</summary>
    public static List<string> LinesHolding(string text) => [.. Directory.EnumerateDirectories("/proc")
        .Where(folder => int.TryParse(Path.GetFileName(folder), out _))
        .Select(LineOf)
        .Where(line => line.Contains(text, StringComparison.Ordinal))];

    /// <inheritdoc />
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
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
}

/// <summary>What a process left.</summary>
public sealed record CommandResult(int ExitCode, string Output, string Errors);
