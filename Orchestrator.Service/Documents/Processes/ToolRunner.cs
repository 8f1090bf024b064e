using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Orchestrator.Service.Processes;

namespace Orchestrator.Service.Documents.Processes;

/// <summary>
/// Runs the tools that open untrusted files: no shell, an argument array, a session of its own, limits of the kernel, a clock, caps on
/// what it prints, an empty environment. Whatever the file does to the tool, the answer is a <see cref="ToolResult"/>.
/// </summary>
public sealed class ToolRunner(ToolLimits limits, ChildMemory memory, TimeProvider time, ILogger<ToolRunner> logger)
{
    private static readonly TimeSpan FirstSamples = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan LaterSamples = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(2);

    /// <summary>The memory of all tools together.</summary>
    public ChildMemory Memory => memory;

    /// <summary>Runs a tool in a folder and waits for its end. A cancellation kills it and all it started before it is thrown.</summary>
    /// <param name="folder">Working folder, home and temporary folder of the tool.</param>
    /// <param name="tool">A program's name, found on the standard path, or its absolute path.</param>
    /// <param name="arguments">Its arguments; file names as absolute paths, so that none is taken for an option.</param>
    /// <param name="cancellation">Ends the run at once.</param>
    public async Task<ToolResult> RunAsync(WorkFolder folder, string tool, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (Locate(tool) is not { } program)
        {
            logger.NotInstalled(tool);
            return new ToolResult(ToolEnd.NotInstalled, -1, [], "", 0, TimeSpan.Zero);
        }

        var mark = Guid.NewGuid().ToString("N");
        var started = time.GetTimestamp();
        using var process = new Process { StartInfo = StartInfo(folder, program, arguments, mark) };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            logger.NotInstalled("setsid");
            return new ToolResult(ToolEnd.NotInstalled, -1, [], "", 0, TimeSpan.Zero);
        }

        var run = await FollowAsync(process, mark, cancellation);
        cancellation.ThrowIfCancellationRequested();
        var result = run.ToResult(limits, time.GetElapsedTime(started));
        if (result.HitLimit)
        {
            logger.HitLimit(tool, result.End, result.Elapsed.TotalSeconds, result.PeakMemoryBytes >> 20);
        }

        return result;
    }

    private async Task<FollowedRun> FollowAsync(Process process, string mark, CancellationToken cancellation)
    {
        using var wall = new CancellationTokenSource(limits.Wall, time);
        using var flood = new CancellationTokenSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, wall.Token, flood.Token);
        using var ended = new CancellationTokenSource();
        using var drained = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        await using var killing = stop.Token.Register(() => ProcessGroup.Kill(process));

        process.StandardInput.Close();
        var output = ReadAsync(process.StandardOutput, limits.OutputBytes, flood, drained.Token);
        var error = ReadAsync(process.StandardError, limits.ErrorBytes, flood: null, drained.Token);
        var marks = SampleAsync(process.Id, ended.Token);

        await process.WaitForExitAsync(CancellationToken.None);
        var wallTimeUp = wall.IsCancellationRequested; // what is waited for below is not the tool's time
        await ended.CancelAsync();
        memory.Forget(process.Id);

        // What the tool left behind must not outlive it. The group's id can't have been given away in the moment since the leader's end.
        var exitCode = process.ExitCode;
        ProcessGroup.Kill(process);
        await killing.DisposeAsync(); // later it could be given away
        if (exitCode != 0 || !(output.IsCompleted && error.IsCompleted))
        {
            ProcessGroup.KillStrays(mark);
        }

        drained.CancelAfter(Drain); // a stray that shed group and mark could keep the pipes open for ever

        var (printed, complained) = (await output, Encoding.UTF8.GetString(await error));
        // Only now is it known whether there was too much of it: a tool may end before what it printed is read.
        return new FollowedRun(exitCode, wallTimeUp, flood.IsCancellationRequested, printed, complained, await marks);
    }

    private ProcessStartInfo StartInfo(WorkFolder folder, string program, IReadOnlyList<string> arguments, string mark)
    {
        var start = new ProcessStartInfo("/usr/bin/setsid")
        {
            WorkingDirectory = folder.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in (string[])["prlimit", .. LimitArguments(), "--", program, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/bin:/usr/bin:/bin";
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["HOME"] = folder.Path;
        start.Environment["TMPDIR"] = folder.Path;
        start.Environment[ProcessGroup.Mark] = mark;
        return start;
    }

    private IEnumerable<string> LimitArguments()
    {
        // One second between the two limits of the processor: the first signal names the reason, the second can't be caught.
        var cpu = (long)Math.Max(1, limits.Cpu.TotalSeconds);
        yield return Limit("as", limits.MemoryBytes);
        yield return string.Create(CultureInfo.InvariantCulture, $"--cpu={cpu}:{cpu + 1}");
        yield return Limit("fsize", limits.FileBytes);
        yield return Limit("core", 0);
        if (limits.Processes is { } processes)
        {
            yield return Limit("nproc", processes);
        }
    }

    private static string Limit(string name, long value) => string.Create(CultureInfo.InvariantCulture, $"--{name}={value}:{value}");

    private static string? Locate(string tool) =>
        Path.IsPathRooted(tool)
            ? File.Exists(tool) ? tool : null
            : ((string[])["/usr/local/bin/", "/usr/bin/", "/bin/"]).Select(folder => folder + tool).FirstOrDefault(File.Exists);

    /// <summary>Reads up to the cap and drops the rest, so that a talkative tool never blocks on a full pipe.</summary>
    private static async Task<byte[]> ReadAsync(StreamReader output, int cap, CancellationTokenSource? flood, CancellationToken drained)
    {
        var kept = new MemoryStream();
        await PipeEnd.ReadAsync(output, Keep, drained);
        return kept.ToArray();

        void Keep(ReadOnlyMemory<byte> printed)
        {
            kept.Write(printed.Span[..Math.Min(printed.Length, cap - (int)kept.Length)]);
            if (kept.Length >= cap)
                flood?.Cancel();
        }
    }

    private async Task<MemoryMarks> SampleAsync(int processId, CancellationToken ended)
    {
        var peak = default(MemoryMarks);
        for (var sample = 0; !ended.IsCancellationRequested; sample++)
        {
            if (MemoryMarks.TryRead(processId, out var marks))
            {
                peak = new MemoryMarks(Math.Max(peak.ResidentBytes, marks.ResidentBytes), Math.Max(peak.AddressBytes, marks.AddressBytes));
                memory.Observe(processId, peak.ResidentBytes);
            }

            try
            {
                await Task.Delay(sample < 25 ? FirstSamples : LaterSamples, time, ended);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        memory.Forget(processId);
        return peak;
    }
}
