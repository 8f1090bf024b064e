using System.Diagnostics;
using Orchestrator.Service.Resilience;

namespace Orchestrator.Service.Processes;

/// <summary>Is a command's program there, may it be executed, and does it answer? Goes by the same path as the start.</summary>
internal sealed class CommandPreflight(string lane, string name, CommandsOptions commands, PreflightOptions options) : IPreflight
{
    private const int Shown = 200;

    public string Lane => lane;

    public async Task<PreflightResult> CheckAsync(CancellationToken cancellation)
    {
        var command = commands[name];
        var setting = $"Orchestrator:Commands:{name}:Program";
        if (CommandBook.Resolve(command.Program) is not { } program)
            return new PreflightResult(false, $"The program {command.Program} of command {name} is not installed. Install it, or correct {setting}.");
        if (!CommandBook.IsExecutable(program))
            return new PreflightResult(false, $"The program {program} of command {name} may not be executed. Give it the right, or correct {setting}.");
        if (command.Secrets.Where(secret => Environment.GetEnvironmentVariable(secret) is null).ToList() is { Count: > 0 } missing)
            return new PreflightResult(false, $"The service's environment lacks {string.Join(", ", missing)}, which command {name} needs. Set it and restart the node.");
        if (command.Preflight.Count == 0)
            return new PreflightResult(true, program);

        var start = new ProcessStartInfo("/usr/bin/setsid") { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        // Its own time limit with a kill: a program that hangs must not stay.
        var seconds = Math.Max(1, (int)options.Timeout.TotalSeconds - 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
        foreach (var argument in (string[])["--wait", "timeout", "-s", "KILL", seconds, program, .. command.Preflight])
            start.ArgumentList.Add(argument);
        Launcher.SetEnvironment(start, command, command.Secrets);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var said = FirstLineAsync(process.StandardOutput, cancellation);
        var complained = FirstLineAsync(process.StandardError, cancellation);
        await process.WaitForExitAsync(cancellation);
        var line = await said is { Length: > 0 } output ? output : await complained;
        return process.ExitCode == 0
            ? new PreflightResult(true, $"{program}: {line}")
            : new PreflightResult(false, $"{program} {string.Join(' ', command.Preflight)} ended with {process.ExitCode}: {line}");
    }

    // Reads all, so that a talkative program does not block on a full pipe, and keeps the first line.
    private static async Task<string> FirstLineAsync(StreamReader reader, CancellationToken cancellation)
    {
        var buffer = new char[4096];
        var first = "";
        for (int read; (read = await reader.ReadAsync(buffer, cancellation)) > 0;)
        {
            if (first.Length < Shown)
                first += new string(buffer, 0, Math.Min(read, Shown));
        }

        var line = first.AsSpan().TrimStart();
        var end = line.IndexOfAny('\r', '\n');
        return new string((end < 0 ? line : line[..end]).ToString().Where(c => !char.IsControl(c)).Take(Shown).ToArray());
    }
}
