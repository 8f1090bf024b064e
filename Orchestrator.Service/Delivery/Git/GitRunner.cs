using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Orchestrator.Service.Processes;

namespace Orchestrator.Service.Delivery.Git;

/// <summary>What differs from an ordinary command.</summary>
/// <param name="Remote">The remote that it talks to: it gets the token, and the longer time.</param>
/// <param name="Input">Its standard input; at its end at once if null.</param>
/// <param name="OutputBytes">The most of its output that is kept.</param>
internal sealed record GitCall(string? Remote = null, string? Input = null, int OutputBytes = GitRunner.UsualOutput);

/// <summary>Runs git: arguments as an array, an environment of its own, a clock, bounded output. Nothing of it is left when it has ended.</summary>
internal sealed class GitRunner(GitOptions options, TimeProvider time)
{
    public const int UsualOutput = 8 << 20;
    private const int ErrorBytes = 16 << 10;
    private const int Term = 15;

    // Asked to end, git removes its lock files; killed, it leaves them.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly string? _token = options.TokenVariable.Length > 0 ? Environment.GetEnvironmentVariable(options.TokenVariable) : null;

    /// <param name="folder">Working folder.</param>
    /// <param name="arguments">Each stays one argument.</param>
    /// <param name="cancellation">Ends it, with all that it started, and throws.</param>
    public Task<GitResult> RunAsync(string folder, IReadOnlyList<string> arguments, CancellationToken cancellation) => RunAsync(folder, arguments, new GitCall(), cancellation);

    public async Task<GitResult> RunAsync(string folder, IReadOnlyList<string> arguments, GitCall call, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        // A missing folder and a missing git give the same error: look first, so that neither is blamed for the other.
        if (!Directory.Exists(folder))
            return NotRun(GitFault.FolderMissing, $"The folder {folder} is not there.");
        if (CommandBook.Resolve("git") is not { } program)
            return NotRun(GitFault.NotInstalled, "git is not installed on this node, or not on its PATH.");

        var mark = Guid.NewGuid().ToString("N");
        using var process = new Process { StartInfo = StartInfo(folder, program, arguments, call, mark) };
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            return NotRun(GitFault.NotInstalled, $"git can't be started by setsid: {exception.Message}");
        }

        using var drained = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        var output = ReadAsync(process.StandardOutput, call.OutputBytes, drained.Token);
        var error = ReadAsync(process.StandardError, ErrorBytes, drained.Token);
        var fed = FeedAsync(process, call.Input, drained.Token);
        var timedOut = false;
        using (var wall = new CancellationTokenSource(call.Remote is null ? options.Timeout : options.TransferTimeout, time))
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(wall.Token, cancellation))
        {
            try
            {
                await process.WaitForExitAsync(either.Token);
            }
            catch (OperationCanceledException)
            {
                timedOut = !cancellation.IsCancellationRequested;
                await EndAllAsync(process, mark);
            }
        }

        if (!(output.IsCompleted && error.IsCompleted))
            drained.CancelAfter(Drain); // what it left behind may hold the pipes
        var (kept, more) = await output;
        var (said, _) = await error;
        await fed;
        if (drained.IsCancellationRequested)
            ProcessGroup.KillStrays(mark);
        cancellation.ThrowIfCancellationRequested();
        var words = GitEnvironment.Redacted(Encoding.UTF8.GetString(said), options, _token);
        return timedOut
            ? new GitResult(GitFault.TimedOut, process.ExitCode, kept, $"git {arguments[0]} was ended after {(call.Remote is null ? options.Timeout : options.TransferTimeout)}. {words}", more)
            : new GitResult(GitFault.None, process.ExitCode, kept, words, more);
    }

    private async Task EndAllAsync(Process process, string mark)
    {
        _ = kill(-process.Id, Term);
        using (var patience = new CancellationTokenSource(Grace, time))
            await process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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

    private ProcessStartInfo StartInfo(string folder, string program, IReadOnlyList<string> arguments, GitCall call, string mark)
    {
        var start = new ProcessStartInfo("/usr/bin/setsid") { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[program, .. arguments])
            start.ArgumentList.Add(argument);
        start.Environment.Clear();
        foreach (var (name, value) in GitEnvironment.Of(options, call.Remote, _token))
            start.Environment[name] = value;
        start.Environment[ProcessGroup.Mark] = mark;
        return start;
    }

    private static async Task FeedAsync(Process process, string? input, CancellationToken drained)
    {
        try
        {
            if (input is not null)
                await process.StandardInput.BaseStream.WriteAsync(Encoding.UTF8.GetBytes(input), drained);
            process.StandardInput.Close();
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // It ended without reading.
        }
    }

    /// <summary>Reads up to the limit and drops the rest, so that git never blocks on a full pipe.</summary>
    private static async Task<(byte[] Kept, bool More)> ReadAsync(StreamReader output, int limit, CancellationToken drained)
    {
        var (kept, more) = (new MemoryStream(), false);
        await PipeEnd.ReadAsync(
            output,
            printed =>
            {
                var fits = Math.Min(printed.Length, limit - (int)kept.Length);
                kept.Write(printed.Span[..fits]);
                more |= fits < printed.Length;
            },
            drained);
        return (kept.ToArray(), more);
    }

    private static GitResult NotRun(GitFault fault, string why) => new(fault, -1, [], why, Truncated: false);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int processId, int signal);
}
