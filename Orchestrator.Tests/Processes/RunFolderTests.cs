using System.Diagnostics;
using System.Globalization;
using Orchestrator.Service.Nodes;
using Orchestrator.Service.Processes;
using Orchestrator.Service.Receive;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Processes;

/// <summary>Wrappers started for real, without a database: the folder alone must tell where a run stands.</summary>
public sealed class RunFolderTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly CommandsOptions _commands = [];
    private readonly LanesOptions _lanes = [];
    private long _runs = 100;

    public RunFolderTests()
    {
        var script = new CommandOptions { Program = "/bin/bash", StopGrace = TimeSpan.FromSeconds(1) };
        script.Arguments.Add("-c");
        script.Arguments.Add("{script}");
        script.Parameters["script"] = new ParameterOptions { MaxLength = 10_000 };
        script.Folders.Add(_temporary.Path);
        _commands["script"] = script;
        var lane = new LaneOptions();
        lane.Commands.Add("script");
        _lanes["agents"] = lane;
    }

    [Fact]
    [Trait("Requirement", "FLOW-3")]
    public async Task The_exit_code_is_on_the_disk_when_the_wrapper_is_gone()
    {
        var folder = await StartAsync("exit 7");

        var exit = Assert.IsType<RunState.Ended>(await OverAsync(folder)).Exit;
        Assert.Equal((7, "exited"), (exit.Code, exit.Reason));
    }

    [Fact]
    [Trait("Requirement", "OWN-6")]
    public async Task A_second_start_in_the_folder_of_a_run_starts_nothing()
    {
        var folder = await StartAsync($"echo $$ >> {Mark("pids")}; until [ -e {Mark("go")} ]; do sleep 0.05; done");
        var wrapper = folder.Wrapper;

        Assert.IsType<Launched.NotStarted>(await LaunchAsync(folder, "echo second >> " + Mark("pids")));
        using (var second = Process.Start("/bin/bash", [Path.Combine(AppContext.BaseDirectory, "Processes", "wrapper.sh"), folder.Path, "--", "/bin/bash", "-c", "echo third >> " + Mark("pids")]))
        {
            await second.WaitForExitAsync();
            Assert.Equal(75, second.ExitCode);
        }

        Assert.Equal(wrapper, folder.Wrapper);
        await File.WriteAllTextAsync(Mark("go"), "");
        await OverAsync(folder);
        Assert.Single(await File.ReadAllLinesAsync(Mark("pids")));
    }

    [Fact]
    [Trait("Requirement", "OWN-6")]
    public async Task A_pid_file_that_names_a_living_stranger_makes_no_run_alive_and_no_signal_reaches_the_stranger()
    {
        using var stranger = Process.Start("/bin/sleep", ["600"])!;
        var folder = await StartAsync($"echo x > {Mark("begun")}; exec sleep 600");
        await KillAsync(folder);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "pid.json"), string.Create(CultureInfo.InvariantCulture, $$"""{"pid":{{stranger.Id}},"start":1,"boot":"{{ProcessIdentity.Boot()}}"}"""));

        await Eventually.IsTrueAsync(() => folder.Look() is RunState.Lost, "the run is lost");
        await new ProcessTree(folder, TimeProvider.System).StopAsync(TimeSpan.Zero);

        Assert.NotNull(ProcessIdentity.StartOf(stranger.Id));
        stranger.Kill();
    }

    [Fact]
    [Trait("Requirement", "OWN-6")]
    public async Task A_wrapper_that_is_dead_and_not_yet_buried_is_dead()
    {
        // A parent that does not bury its children: the wrapper becomes a zombie of its.
        var folder = new RunFolder(_temporary.Path, ++_runs);
        folder.Create(Spec(folder));
        using var parent = Process.Start("/bin/bash", ["-c", $"/bin/bash '{Path.Combine(AppContext.BaseDirectory, "Processes", "wrapper.sh")}' '{folder.Path}' -- /bin/sleep 600 & exec sleep 600"])!;
        await Eventually.IsTrueAsync(() => folder.Look() is RunState.Alive { Wrapper: not null }, "the wrapper is there");
        var pid = folder.Wrapper!.Pid;
        // What published its pid may still be there, and the program not yet.
        var child = (await Eventually.IsAsync(() => Task.FromResult(ChildrenOf(pid)), children => children is [(_, "sleep")], "the program is its only child"))[0].Pid;

        Process.GetProcessById(pid).Kill();

        await Eventually.IsTrueAsync(() => File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal), "it is a zombie");
        await Eventually.IsTrueAsync(() => folder.Look() is RunState.Lost, "the run is lost");
        Assert.False(folder.Wrapper.IsThere);
        Process.GetProcessById(child).Kill();
        parent.Kill();
    }

    [Theory]
    [InlineData("exit.json", """{"code":0,"en""")]
    [InlineData("exit.json", "")]
    [InlineData("exit.json.tmp", """{"code":0,"ended":1,"reason":"exited"}""")]
    [Trait("Requirement", "FLOW-3")]
    public async Task A_half_written_exit_is_none(string file, string content)
    {
        var folder = await StartAsync($"echo x > {Mark("begun")}; exec sleep 600");
        await KillAsync(folder);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, file), content);

        await Eventually.IsTrueAsync(() => folder.Look() is RunState.Lost { TreeLives: false }, "the run is lost");
    }

    [Fact]
    [Trait("Requirement", "FLOW-3")]
    public async Task An_exit_code_that_cannot_be_written_is_kept_until_it_can()
    {
        var folder = await StartAsync($"until [ -e {Mark("go")} ]; do sleep 0.05; done; echo over > {Mark("over")}; exit 9");
        Directory.CreateDirectory(Path.Combine(folder.Path, "exit.json.tmp")); // each write fails, as on a full disk
        await File.WriteAllTextAsync(Mark("go"), "");
        await Eventually.IsTrueAsync(() => File.Exists(Mark("over")), "the program has ended");
        await Eventually.IsTrueAsync(() => File.ReadAllText(Path.Combine(folder.Path, "wrapper.log")).Contains("exit.json.tmp", StringComparison.Ordinal), "the write has failed");
        Assert.IsType<RunState.Alive>(folder.Look());

        Directory.Delete(Path.Combine(folder.Path, "exit.json.tmp"));

        Assert.Equal(9, Assert.IsType<RunState.Ended>(await OverAsync(folder)).Exit.Code);
    }

    [Fact]
    [Trait("Requirement", "FLOW-3")]
    public void A_run_that_was_never_started_cannot_begin_once_it_is_abandoned()
    {
        var folder = new RunFolder(_temporary.Path, ++_runs);
        folder.Create(Spec(folder));
        Assert.IsType<RunState.NotStarted>(folder.Look());

        Assert.True(folder.Abandon());

        using var late = Process.Start("/bin/bash", [Path.Combine(AppContext.BaseDirectory, "Processes", "wrapper.sh"), folder.Path, "--", "/bin/bash", "-c", "echo late > " + Mark("late")]);
        late.WaitForExit();
        Assert.Equal(75, late.ExitCode);
        Assert.False(File.Exists(Mark("late")));
    }

    [Fact]
    [Trait("Requirement", "FLOW-3")]
    public async Task A_jump_of_the_wall_clock_ends_no_run()
    {
        var clock = new JumpingClock();
        var folder = await StartAsync("sleep 600");
        var tree = new ProcessTree(folder, TimeProvider.System);
        var watch = new RunWatch(folder, tree, folder.Spec!.Limits, TimeSpan.Zero, clock);
        Assert.Equal(Watchdog.None, watch.Look());

        clock.Jump = TimeSpan.FromDays(400);

        Assert.Equal(Watchdog.None, watch.Look());
        await tree.StopAsync(TimeSpan.Zero);
    }

    [Fact]
    [Trait("Requirement", "FLOW-3")]
    public async Task The_program_finds_signals_and_variables_as_it_would_without_a_wrapper()
    {
        var command = _commands["script"];
        command.Environment["PATH"] = _temporary.Path; // without one of the wrapper's tools
        command.Environment["reason"] = "mine";
        command.Environment["BASH_ENV"] = Mark("evil");
        await File.WriteAllTextAsync(Mark("evil"), $"echo evil >> {Mark("evil-ran")}");
        command.Program = "/bin/cat";
        command.Arguments.Clear();
        command.Arguments.Add("/proc/self/{script}");
        command.Arguments.Add("/proc/self/environ");

        var folder = await StartAsync("status");
        await OverAsync(folder);

        var seen = await File.ReadAllTextAsync(folder.Log);
        Assert.Contains("SigIgn:\t0000000000000000", seen, StringComparison.Ordinal);
        Assert.Contains($"PATH={_temporary.Path}\0", seen, StringComparison.Ordinal);
        Assert.Contains("reason=mine\0", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("_orch", seen, StringComparison.Ordinal);
        Assert.False(File.Exists(Mark("evil-ran")));
    }

    [Fact]
    [Trait("Requirement", "JOB-7")]
    public async Task A_program_is_asked_to_end_once()
    {
        // It ends a second after it was asked: a second request would still reach it. The one beside it lives until the exit is written: nothing is killed before.
        var beside = $"trap '' TERM; echo ready > {Mark("beside")}; until [ -e \"$ORCHESTRATOR_RUN/exit.json\" ]; do sleep 0.1; done";
        var folder = await StartAsync($"({beside}) & trap 'echo asked >> {Mark("asked")}' TERM; echo ready > {Mark("ready")}; until [ -e {Mark("asked")} ]; do sleep 0.1; done; sleep 1; exit 0");
        await Eventually.IsTrueAsync(() => File.Exists(Mark("ready")) && File.Exists(Mark("beside")), "both wait");

        Assert.Empty(await new ProcessTree(folder, TimeProvider.System).StopAsync(TimeSpan.FromSeconds(20)));

        Assert.Single(await File.ReadAllLinesAsync(Mark("asked")));
        Assert.Equal("terminated", Assert.IsType<RunState.Ended>(folder.Look()).Exit.Reason);
    }

    [Fact]
    [Trait("Requirement", "FLOW-3")]
    public async Task A_wrapper_whose_folder_is_gone_does_not_stay()
    {
        var folder = await StartAsync($"touch {Mark("begun")}; until [ -e {Mark("go")} ]; do sleep 0.05; done");
        var wrapper = folder.Wrapper!;
        await Eventually.IsTrueAsync(() => File.Exists(Mark("begun")), "its log is open, and nothing more is put into the folder");
        Directory.Delete(folder.Path, recursive: true);

        await File.WriteAllTextAsync(Mark("go"), "");

        await Eventually.IsTrueAsync(() => !wrapper.IsThere, "it has ended");
    }

    [Fact]
    [Trait("Requirement", "SEC-3")]
    public void A_folder_that_leads_out_by_a_link_is_refused()
    {
        var inside = Directory.CreateDirectory(Path.Combine(_temporary.Path, "inside")).FullName;
        File.CreateSymbolicLink(Path.Combine(inside, "out"), "/etc");
        File.CreateSymbolicLink(Path.Combine(inside, "round"), Path.Combine(inside, "round"));

        Assert.True(CommandBook.IsWithin(inside, [_temporary.Path]));
        Assert.True(CommandBook.IsWithin(Path.Combine(inside, "new", "..", "newer"), [_temporary.Path]));
        foreach (var path in (string[])[Path.Combine(inside, "out"), Path.Combine(inside, "out", "ssh"), Path.Combine(inside, "round"), inside + "/../../..", _temporary.Path + "-sibling", "inside"])
            Assert.False(CommandBook.IsWithin(path, [_temporary.Path]), path);
    }

    public void Dispose()
    {
        foreach (var folder in Directory.EnumerateDirectories(_temporary.Path).Where(path => long.TryParse(Path.GetFileName(path), out _)))
            new ProcessTree(new RunFolder(_temporary.Path, long.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture)), TimeProvider.System).StopAsync(TimeSpan.Zero).GetAwaiter().GetResult();
        _temporary.Dispose();
    }

    private string Mark(string name) => Path.Combine(_temporary.Path, name);

    private async Task<RunFolder> StartAsync(string script)
    {
        var folder = new RunFolder(_temporary.Path, ++_runs);
        Assert.IsType<Launched.Started>(await LaunchAsync(folder, script));
        return folder;
    }

    private Task<Launched> LaunchAsync(RunFolder folder, string script)
    {
        var command = new CommandBook(_commands, _lanes).Prepare("agents", System.Text.Json.JsonSerializer.Serialize(
            new ProcessRequest("script", new Dictionary<string, string> { ["script"] = script }, Folder: _temporary.Path), Service.Run.JobRun.Json), out var errors);
        Assert.Empty(errors);
        return new Launcher(new ProcessOptions { StartGrace = TimeSpan.FromMinutes(1) }, TimeProvider.System).StartAsync(folder, Guid.NewGuid(), command!, CancellationToken.None);
    }

    private static RunSpec Spec(RunFolder folder) => new(
        Guid.NewGuid(), folder.Run, "script", ["/bin/sleep"], [], folder.Path, new RunLimits(TimeSpan.FromHours(1), TimeSpan.FromHours(1), TimeSpan.FromHours(1), TimeSpan.Zero, 1 << 20), TimeProvider.System.GetUtcNow());

    private static Task<RunState> OverAsync(RunFolder folder) => Eventually.IsAsync(() => Task.FromResult(folder.Look()), state => state is RunState.Ended, "it has ended");

    /// <summary>Kills a run whose script has written "begun": the wrapper first, so that it writes no exit.</summary>
    private async Task KillAsync(RunFolder folder)
    {
        await Eventually.IsTrueAsync(() => File.Exists(Mark("begun")), "the program has begun");
        foreach (var member in new ProcessTree(folder, TimeProvider.System).Members().OrderBy(member => !member.IsWrapper))
        {
            try
            {
                Process.GetProcessById(member.Pid).Kill();
            }
            catch (ArgumentException)
            {
                // It has ended by itself.
            }
        }
    }

    private static List<(int Pid, string Name)> ChildrenOf(int parent) => [.. Process.GetProcesses().Select(process => (process.Id, Stat: StatOf(process.Id))).Where(process => process.Stat.Parent == parent)
        .Select(process => (process.Id, process.Stat.Name))];

    private static (int Parent, string Name) StatOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var end = stat.LastIndexOf(')');
            return (int.Parse(stat[(end + 2)..].Split(' ')[1], CultureInfo.InvariantCulture), stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..end]);
        }
        catch (IOException)
        {
            return (0, "");
        }
    }

    private sealed class JumpingClock : TimeProvider
    {
        public TimeSpan Jump { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Jump;
    }
}
