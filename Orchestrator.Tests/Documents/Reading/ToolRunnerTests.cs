using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Service.Documents.Processes;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Documents.Reading;

[Trait("Requirement", "SEC-4")]
public sealed class ToolRunnerTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);

    private static int s_next = Environment.ProcessId % 1000 * 100;

    [Fact]
    public async Task A_tool_that_ends_well_gives_its_output_and_its_memory()
    {
        var result = await RunAsync(new ToolLimits(), "sh", "-c", "echo out; echo err >&2; sleep 1");

        Assert.True(result.Succeeded);
        Assert.Equal("out\n", result.OutputText);
        Assert.Equal("err\n", result.ErrorText);
        Assert.InRange(result.PeakMemoryBytes, 100 << 10, 100 << 20);
    }

    [Fact]
    public async Task An_exit_code_of_the_tool_is_no_limit_of_ours()
    {
        var result = await RunAsync(new ToolLimits(), "sh", "-c", "exit 3");

        Assert.Equal((ToolEnd.Exited, 3, false), (result.End, result.ExitCode, result.HitLimit));
    }

    [Fact]
    public async Task No_shell_reads_the_arguments()
    {
        var result = await RunAsync(new ToolLimits(), "printf", "%s|%s", "$(id) `id` ; rm -rf /", "* ? > x");

        Assert.Equal("$(id) `id` ; rm -rf /|* ? > x", result.OutputText);
    }

    [Fact]
    public async Task The_tool_sees_nothing_of_the_services_environment()
    {
        Environment.SetEnvironmentVariable("READING_TEST_SECRET", "secret");
        using var folder = WorkFolder.Create();
        var result = await Runner(new ToolLimits()).RunAsync(folder, "env", [], CancellationToken.None);

        var names = result.OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=')[0]).Order(StringComparer.Ordinal);
        Assert.Equal(["HOME", "LC_ALL", "ORCHESTRATOR_TOOL_RUN", "PATH", "TMPDIR"], names);
        Assert.Contains("HOME=" + folder.Path + "\n", result.OutputText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_that_is_not_there_is_an_answer()
    {
        var result = await RunAsync(new ToolLimits(), "no-such-program");

        Assert.Equal(ToolEnd.NotInstalled, result.End);
    }

    [Fact]
    public async Task A_tool_that_eats_memory_is_ended()
    {
        // A line without an end, which is held in memory as a whole.
        var result = await RunAsync(new ToolLimits { MemoryBytes = 256 << 20 }, "tail", "/dev/zero");

        Assert.Equal(ToolEnd.Memory, result.End);
        Assert.InRange(result.PeakMemoryBytes, 1, 256 << 20); // it may end before its last millions are seen
    }

    [Fact]
    public async Task A_tool_that_burns_the_processor_is_ended()
    {
        var result = await RunAsync(new ToolLimits { Cpu = TimeSpan.FromSeconds(1) }, "sh", "-c", "while :; do :; done");

        Assert.Equal(ToolEnd.CpuTime, result.End);
    }

    [Fact]
    public async Task A_tool_that_floods_its_output_is_ended()
    {
        var result = await RunAsync(new ToolLimits { OutputBytes = 1 << 20 }, "yes");

        Assert.Equal(ToolEnd.OutputSize, result.End);
        Assert.Equal(1 << 20, result.Output.Length);
    }

    [Fact]
    public async Task What_floods_standard_error_is_read_and_dropped()
    {
        var result = await RunAsync(new ToolLimits { ErrorBytes = 4096 }, "sh", "-c", "yes | head -c 3000000 >&2; echo done");

        Assert.Equal((true, "done\n", 4096), (result.Succeeded, result.OutputText, result.ErrorText.Length));
    }

    [Fact]
    public async Task A_tool_that_fills_the_disk_is_ended()
    {
        var result = await RunAsync(new ToolLimits { FileBytes = 1 << 20 }, "dd", "if=/dev/zero", "of=big", "bs=64k", "count=1000");

        Assert.Equal(ToolEnd.FileSize, result.End);
    }

    [Fact]
    public async Task A_tool_that_hangs_and_ignores_requests_to_end_is_killed()
    {
        var limits = new ToolLimits { Wall = TimeSpan.FromSeconds(1) };
        var result = await RunAsync(limits, "sh", "-c", "trap '' TERM INT HUP; sleep 600 & while :; do wait; done");

        Assert.Equal(ToolEnd.WallTime, result.End);
        Assert.InRange(result.Elapsed, TimeSpan.FromSeconds(0.9), Soon);
    }

    [Fact]
    public async Task What_the_tool_forked_ends_with_it()
    {
        var marker = Marker();
        var result = await RunAsync(new ToolLimits { Wall = TimeSpan.FromSeconds(1) }, "sh", "-c", $"sleep {marker} & sleep {marker} & sleep {marker}");

        Assert.Equal(ToolEnd.WallTime, result.End);
        await Eventually.IsTrueAsync(() => RunningNow(marker) == 0, "nothing that the tool started runs on");
    }

    [Fact]
    public async Task What_left_the_group_ends_too()
    {
        var marker = Marker();
        var result = await RunAsync(new ToolLimits { Wall = TimeSpan.FromSeconds(1) }, "sh", "-c", $"setsid sleep {marker} & sleep 600");

        Assert.Equal(ToolEnd.WallTime, result.End);
        await Eventually.IsTrueAsync(() => RunningNow(marker) == 0, "nothing that the tool started runs on");
    }

    [Fact]
    public async Task A_daemon_that_holds_the_output_open_ends_with_a_tool_that_ended_well()
    {
        var marker = Marker();
        var result = await RunAsync(new ToolLimits(), "sh", "-c", $"setsid sleep {marker} & sleep 0.3; echo done");

        Assert.True(result.Succeeded);
        Assert.InRange(result.Elapsed, TimeSpan.Zero, Soon);
        await Eventually.IsTrueAsync(() => RunningNow(marker) == 0, "nothing that the tool started runs on");
    }

    [Fact]
    public async Task What_stays_in_the_group_of_a_tool_that_ended_well_ends_with_it()
    {
        var marker = Marker();
        var result = await RunAsync(new ToolLimits(), "sh", "-c", $"sleep {marker} >/dev/null 2>&1 & echo done; exec >&- 2>&-; sleep 0.3");

        Assert.Equal((true, "done\n"), (result.Succeeded, result.OutputText));
        await Eventually.IsTrueAsync(() => RunningNow(marker) == 0, "nothing that the tool started runs on");
    }

    [Fact]
    public async Task Time_that_the_pipe_is_waited_for_is_not_the_tools()
    {
        for (var tries = 0; ; tries++)
        {
            // What holds the pipe has left the group and shed the mark; the wall is reached while it is waited for.
            using var folder = WorkFolder.Create();
            var result = await Runner(new ToolLimits { Wall = TimeSpan.FromSeconds(1.9) }).RunAsync(
                folder, "sh", ["-c", "date +%s%N > began; env -i setsid sleep 3 & sleep 0.2; echo bad_alloc >&2; date +%s%N > ended; exit 1"], CancellationToken.None);
            if (result.End == ToolEnd.Memory)
                return;
            var took = TimeSpan.FromMilliseconds((Stamp(folder, "ended") - Stamp(folder, "began")) / 1e6);
            Assert.True(took > TimeSpan.FromSeconds(1) && tries < 10, $"It took {took}, and was ended by {result.End}.");
        }

        static double Stamp(WorkFolder folder, string name) =>
            System.IO.File.Exists(folder.File(name)) && double.TryParse(File.ReadAllText(folder.File(name)), CultureInfo.InvariantCulture, out var stamp) ? stamp : double.MaxValue;
    }

    [Fact]
    public async Task A_cancellation_kills_at_once()
    {
        var marker = Marker();
        using var cancellation = new CancellationTokenSource();
        using var folder = WorkFolder.Create();
        var run = Runner(new ToolLimits()).RunAsync(folder, "sh", ["-c", $"echo started > started; sleep {marker}"], cancellation.Token);
        await Eventually.IsTrueAsync(() => RunningNow(marker) > 0, "the tool has started");

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(Soon));
        await Eventually.IsTrueAsync(() => RunningNow(marker) == 0, "nothing that the tool started runs on");
    }

    [Fact]
    public async Task The_memory_of_tools_that_run_together_is_summed()
    {
        var memory = new ChildMemory();
        var runner = new ToolRunner(new ToolLimits { Wall = TimeSpan.FromSeconds(30), MemoryBytes = 1L << 30 }, memory, TimeProvider.System, NullLogger<ToolRunner>.Instance);
        using var folder = WorkFolder.Create();
        var runs = Task.WhenAll(Enumerable.Range(0, 3).Select(_ => runner.RunAsync(folder, "sh", ["-c", "until [ -e go ]; do sleep 0.1; done"], CancellationToken.None)));
        await Eventually.IsTrueAsync(() => memory.PeakSumBytes > memory.PeakSingleBytes * 2, "all three are seen, each of which is no larger than the largest");
        await File.WriteAllTextAsync(folder.File("go"), "");
        Assert.All(await runs, result => Assert.True(result.Succeeded));

        Assert.InRange(memory.PeakSumBytes, memory.PeakSingleBytes * 2, memory.PeakSingleBytes * 3);
        Assert.Equal(0, memory.CurrentBytes);
    }

    [Fact]
    public void A_work_folder_is_private_and_goes_with_its_files()
    {
        var folder = WorkFolder.Create();
        File.WriteAllText(folder.File("x"), "x");
        var mode = OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(folder.Path);

        folder.Dispose();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, mode);
        Assert.False(Directory.Exists(folder.Path));
    }

    private static ToolRunner Runner(ToolLimits limits) => new(limits, new ChildMemory(), TimeProvider.System, NullLogger<ToolRunner>.Instance);

    private static async Task<ToolResult> RunAsync(ToolLimits limits, string tool, params string[] arguments)
    {
        using var folder = WorkFolder.Create();
        return await Runner(limits).RunAsync(folder, tool, arguments, CancellationToken.None);
    }

    /// <summary>A time to sleep that no other process sleeps, by which its processes are found.</summary>
    private static string Marker() => (1_000_000 + Interlocked.Increment(ref s_next)).ToString(CultureInfo.InvariantCulture);

    private static int RunningNow(string marker) => Process.GetProcessesByName("sleep").Count(process =>
    {
        using (process)
        {
            try
            {
                return File.ReadAllText($"/proc/{process.Id}/cmdline").Split('\0').Contains(marker);
            }
            catch (IOException)
            {
                return false;
            }
        }
    });
}
