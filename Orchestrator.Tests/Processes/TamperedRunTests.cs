using System.Diagnostics;
using System.Globalization;
using Orchestrator.Service.Nodes;
using Orchestrator.Service.Processes;
using Orchestrator.Service.Receive;
using Orchestrator.Tests.Engine;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Processes;

/// <summary>Programs that put something else in place of the files of their run, remove them, or hide what they leave behind.</summary>
public sealed class TamperedRunTests : IDisposable
{
    private const long Little = 64 << 20;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    private readonly ProcessScene _scene = new();
    private readonly List<RunFolder> _folders = [];

    [Theory]
    [InlineData("exit.json", "mkfifo exit.json")]
    [InlineData("exit.json", "ln -s /dev/zero exit.json")]
    [InlineData("exit.json", "truncate -s 1G exit.json")]
    [InlineData("exit.json", "ln -s exit.json exit.json")]
    [InlineData("pid.json", "rm pid.json; mkfifo pid.json")]
    [InlineData("spec.json", "rm spec.json; mkfifo spec.json")]
    [InlineData("run.lock", "rm run.lock; mkfifo run.lock")]
    [InlineData("tree.lock", "rm tree.lock; mkfifo tree.lock")]
    [Trait("Requirement", "SEC-4")]
    [Trait("Requirement", "REAP-6")]
    public async Task Nobody_waits_for_what_stands_in_place_of_a_runs_file_or_reads_it_without_end(string file, string tamper)
    {
        var folder = await StartAsync($"cd \"$ORCHESTRATOR_RUN\"; until [ -e {_scene.Mark("go")} ]; do sleep 0.01; done; {tamper}; echo x > {_scene.Mark("done")}; exec sleep 600");
        await File.WriteAllTextAsync(_scene.Mark("go"), "");
        await _scene.WrittenAsync("done");

        var allocated = await OnAThreadOfItsOwn(() =>
        {
            folder.Look();
            _ = (folder.Spec, folder.Wrapper, folder.TreeLives);
        });

        Assert.True(allocated < Little, $"{file}: {allocated} bytes");
    }

    [Theory]
    [InlineData("mkfifo out.log")]
    [InlineData("ln -s /dev/zero out.log")]
    [InlineData("mkdir out.log")]
    [Trait("Requirement", "SEC-4")]
    [Trait("Requirement", "RES-2")]
    public async Task A_log_that_is_no_file_any_more_holds_nobody_up_and_counts_as_empty(string tamper)
    {
        var folder = await StartAsync($"cd \"$ORCHESTRATOR_RUN\"; rm out.log; {tamper}; echo x > {_scene.Mark("done")}; exec sleep 600");
        await _scene.WrittenAsync("done");
        var watch = new RunWatch(folder, new ProcessTree(folder, TimeProvider.System), folder.Spec!.Limits, TimeSpan.Zero, TimeProvider.System);

        var allocated = await OnAThreadOfItsOwn(() =>
        {
            Assert.Equal(Watchdog.None, watch.Look());
            Assert.True(ExitOutcome.Of(0, folder.Log, TimeProvider.System.GetUtcNow()).EndedWell);
        });

        Assert.True(allocated < Little, $"{allocated} bytes");
    }

    [Fact]
    [Trait("Requirement", "FLOW-3")]
    public void An_event_whose_text_is_no_text_is_no_result_and_no_error()
    {
        Assert.False(RunWatch.IsResult("""{"type":"\ud800","result":1}"""u8));
        Assert.False(RunWatch.IsResult([.. "{\"type\":\""u8, 0xff, .. "\",\"result\":1}"u8]));
        Assert.True(RunWatch.IsResult("""{"type":"result"}"""u8));
    }

    [Theory]
    [InlineData("env -i sleep 600 & echo $! > {0}", "a child without its mark whose wrapper ended well")]
    [InlineData("env -i setsid sleep 600 & echo $! > {0}", "one that left the session, too")]
    [InlineData("env -i setsid sleep 600 & echo $! > {0}; kill -9 $PPID", "one whose wrapper was killed")]
    [Trait("Requirement", "JOB-7")]
    public async Task What_hides_from_its_run_and_keeps_what_it_inherited_is_found(string script, string what)
    {
        var folder = await StartAsync(string.Format(CultureInfo.InvariantCulture, script, _scene.Mark("pid")));
        await Eventually.IsTrueAsync(() => folder.Look() is RunState.Ended or RunState.Lost, "it is over");
        var pid = int.Parse(await _scene.WrittenAsync("pid"), CultureInfo.InvariantCulture);
        await Eventually.IsTrueAsync(() => ProcessIdentity.StartOf(pid) is null || File.ReadAllText($"/proc/{pid}/comm") == "sleep\n", "it is itself");
        Assert.True(folder.TreeLives);

        try
        {
            Assert.Empty(await new ProcessTree(folder, TimeProvider.System).StopAsync(TimeSpan.Zero));
            Assert.True(ProcessIdentity.StartOf(pid) is null, what);
        }
        finally
        {
            if (ProcessIdentity.StartOf(pid) is not null)
                Process.GetProcessById(pid).Kill();
        }
    }

    [Fact]
    [Trait("Requirement", "OWN-6")]
    public async Task No_signal_reaches_a_stranger_whom_the_pid_file_names_with_his_own_start()
    {
        using var stranger = Process.Start("/usr/bin/setsid", ["/bin/sleep", "600"])!;
        await Eventually.IsTrueAsync(() => File.ReadAllText($"/proc/{stranger.Id}/comm") == "sleep\n", "it is there");
        var folder = await StartAsync("exit 0");
        await Eventually.IsTrueAsync(() => folder.Look() is RunState.Ended, "it is over");
        var forged = string.Create(CultureInfo.InvariantCulture, $$"""{"pid":{{stranger.Id}},"start":{{ProcessIdentity.StartOf(stranger.Id)}},"boot":"{{ProcessIdentity.Boot()}}"}""");
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "pid.json"), forged);

        // The run's own wrapper may still be on its way out; the stranger stays, and is never a member.
        await Eventually.IsTrueAsync(() => new ProcessTree(folder, TimeProvider.System).Members().Count == 0, "nobody belongs to the run");
        Assert.Empty(await new ProcessTree(folder, TimeProvider.System).StopAsync(TimeSpan.Zero));
        Assert.False(stranger.HasExited);
        stranger.Kill();
    }

    [Fact]
    [Trait("Requirement", "JOB-4")]
    public async Task A_run_that_removed_its_folder_is_lost_when_its_processes_have_ended()
    {
        await using var node = await _scene.StartAsync(null, ("Processes:StartGrace", "00:00:10")); // which passes if the folder is gone before the launcher looks

        var id = await node.SubmitAsync(_scene.Script($"[ -e {_scene.Mark("again")} ] && exit 0; echo > {_scene.Mark("again")}; rm -rf \"$ORCHESTRATOR_RUN\""));

        var job = await node.BecomesAsync(id, "Succeeded");
        Assert.Equal((0, 0, 1), (job.Attempts, job.TransientAttempts, job.Losses));
    }

    [Theory]
    [InlineData("""echo '{"pid":99999,"start":9223372036854775807,"boot":"'$(cat /proc/sys/kernel/random/boot_id)'"}' > pid.json""")]
    [InlineData("rm pid.json")]
    [InlineData("rm pid.json; mkdir pid.json")]
    [Trait("Requirement", "JOB-5")]
    [Trait("Requirement", "OWN-6")]
    public async Task A_run_that_spoiled_its_pid_file_is_taken_over_all_the_same(string tamper)
    {
        var first = await _scene.StartAsync();
        var id = await first.SubmitAsync(_scene.Script($"echo $$ >> {_scene.Mark("pids")}; until [ -e {_scene.Mark("spoil")} ]; do sleep 0.05; done; cd \"$ORCHESTRATOR_RUN\"; {tamper}; echo x > {_scene.Mark("spoilt")}; until [ -e {_scene.Mark("go")} ]; do sleep 0.05; done"));
        var before = await _scene.RunsAsync(first, id);
        await File.WriteAllTextAsync(_scene.Mark("spoil"), "");
        await _scene.WrittenAsync("spoilt");
        await first.StopAsync();

        await using var second = await _scene.StartAsync(first);

        await Eventually.IsAsync(() => second.Jobs.GetAsync(id), job => job?.RunId > before.RunId, "the run is taken over");
        await File.WriteAllTextAsync(_scene.Mark("go"), "");
        var ended = await second.BecomesAsync(id, "Succeeded");
        Assert.Equal((0, 0, 0), (ended.Attempts, ended.TransientAttempts, ended.Losses));
        Assert.Single(await File.ReadAllLinesAsync(_scene.Mark("pids")));
        await first.DisposeAsync();
    }

    [Fact]
    [Trait("Requirement", "SEC-3")]
    public void A_variable_without_a_name_is_refused_in_words()
    {
        var commands = new CommandsOptions { ["script"] = new CommandOptions { Program = "/bin/true" } };
        var lanes = new LanesOptions { ["agents"] = new LaneOptions() };
        lanes["agents"].Commands.Add("script");

        Assert.Null(new CommandBook(commands, lanes).Prepare("agents", """{"command":"script","environment":[null]}""", out var errors));

        Assert.StartsWith("payload.environment:", Assert.Single(errors), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        foreach (var folder in _folders)
            new ProcessTree(folder, TimeProvider.System).StopAsync(TimeSpan.Zero).GetAwaiter().GetResult();
        _scene.Dispose();
    }

    private async Task<RunFolder> StartAsync(string script)
    {
        var folder = new RunFolder(_scene.Runs, 100 + _folders.Count);
        _folders.Add(folder);
        var options = new CommandOptions { Program = "/bin/bash", StopGrace = TimeSpan.Zero };
        var command = new PreparedCommand("script", options, ["-c", script], [], null, TimeSpan.FromHours(1));
        Assert.IsType<Launched.Started>(await new Launcher(new ProcessOptions { StartGrace = TimeSpan.FromMinutes(1) }, TimeProvider.System).StartAsync(folder, Guid.NewGuid(), command, CancellationToken.None));
        return folder;
    }

    /// <returns>Bytes that it allocated.</returns>
    private static async Task<long> OnAThreadOfItsOwn(Action look)
    {
        var over = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                look();
                over.SetResult(GC.GetAllocatedBytesForCurrentThread());
            }
            catch (Exception exception)
            {
                over.SetException(exception);
            }
        }) { IsBackground = true }.Start();
        return await over.Task.WaitAsync(Soon, TimeProvider.System);
    }
}
