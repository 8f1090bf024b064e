using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Orchestrator.Service.Processes;

namespace Orchestrator.Service.Delivery.Runners;

/// <summary>What a program left.</summary>
/// <param name="ExitCode">128 + n for a signal; null if it was never started.</param>
/// <param name="TimedOut">Did our timer end it?</param>
/// <param name="Output">Both streams, beginning and end.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Fault">Why it was never started.</param>
internal sealed record ProcessEnd(int? ExitCode, bool TimedOut, byte[] Output, TimeSpan Elapsed, SpawnFault? Fault);

/// <summary>Runs a program as a session of its own, as a direct child: a run that is lost with the service is repeated. At its end nothing of it is left.</summary>
internal sealed class SuiteProcess(TimeProvider time)
{
    private const int Term = 15;
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="folder">Working folder.</param>
    /// <param name="program">An absolute path, or a name on the PATH.</param>
    /// <param name="arguments">Each stays one argument.</param>
    /// <param name="environment">Variables beside the few of the service that are passed on.</param>
    /// <param name="timeout">Then it is asked to end.</param>
    /// <param name="grace">And then it is killed.</param>
    /// <param name="holdInput">Is its standard input to stay open until its end? Otherwise it is at its end at once.</param>
    /// <param name="cancellation">Kills it, and throws.</param>
    public async Task<ProcessEnd> RunAsync(
        string folder, string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, TimeSpan timeout, TimeSpan grace, bool holdInput, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        // A missing folder and a missing program give the same error: look first, so that neither is blamed for the other.
        if (!Directory.Exists(folder))
            return NotStarted($"The working folder {folder} is not there.");
        if ((program.StartsWith("./", StringComparison.Ordinal) ? Existing(Path.Combine(folder, program)) : CommandBook.Resolve(program)) is not { } path)
            return NotStarted($"The program {program} is not installed.");
        if (!CommandBook.IsExecutable(path))
            return NotStarted($"The program {path} may not be executed.");

        var mark = Guid.NewGuid().ToString("N");
        var began = time.GetTimestamp();
        using var process = new Process { StartInfo = StartInfo(folder, path, arguments, environment, mark) };
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            return new ProcessEnd(null, false, [], TimeSpan.Zero, new SpawnFault(Passes(exception.NativeErrorCode), $"{path} can't be started: {exception.Message}"));
        }

        if (!holdInput)
            process.StandardInput.Close();
        using var drained = new CancellationTokenSource();
        var output = new BoundedOutput();
        var reading = Task.WhenAll(PipeEnd.ReadAsync(process.StandardOutput, Keep, drained.Token), PipeEnd.ReadAsync(process.StandardError, Keep, drained.Token));
        var timedOut = false;
        try
        {
            using var wall = new CancellationTokenSource(timeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(wall.Token, cancellation);
            try
            {
                await process.WaitForExitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                timedOut = true;
                await AskToEndAsync(process, grace, cancellation);
            }
        }
        finally
        {
            await EndAllAsync(process, mark);
        }

        var elapsed = time.GetElapsedTime(began);
        drained.CancelAfter(Drain); // what shed group and mark could keep the pipes open for ever
        await reading;
        return new ProcessEnd(process.ExitCode, timedOut, output.ToArray(), elapsed, null);

        void Keep(ReadOnlyMemory<byte> printed) => output.Add(printed.Span);
    }

    private async Task AskToEndAsync(Process process, TimeSpan grace, CancellationToken cancellation)
    {
        _ = kill(-process.Id, Term);
        using var patience = new CancellationTokenSource(grace, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        await process.WaitForExitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // Until two looks in a row find nothing: something may fork while it is looked for.
    private async Task EndAllAsync(Process process, string mark)
    {
        ProcessGroup.Kill(process);
        var began = time.GetTimestamp();
        for (var empty = 0; empty < 2 && time.GetElapsedTime(began) < Patience;)
        {
            empty = ProcessGroup.KillStrays(mark) == 0 ? empty + 1 : 0;
            if (empty == 0)
                await Task.Delay(Look, time, CancellationToken.None);
        }

        await process.WaitForExitAsync(CancellationToken.None);
    }

    private static ProcessStartInfo StartInfo(string folder, string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, string mark)
    {
        var start = new ProcessStartInfo("/usr/bin/setsid") { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[program, .. arguments])
            start.ArgumentList.Add(argument);
        start.Environment.Clear();
        foreach (var name in (string[])["PATH", "HOME", "TZ", "USER", "SSH_AUTH_SOCK"])
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
                start.Environment[name] = value;
        }

        // The rules read English.
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        start.Environment[ProcessGroup.Mark] = mark;
        return start;
    }

    private static string? Existing(string path) => File.Exists(path) ? Path.GetFullPath(path) : null;

    private static ProcessEnd NotStarted(string message) => new(null, false, [], TimeSpan.Zero, new SpawnFault(Passes: false, message));

    // EAGAIN, ENOMEM, ENFILE, EMFILE, ETXTBSY
    private static bool Passes(int error) => error is 11 or 12 or 23 or 24 or 26;

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int processId, int signal);
}
