using System.Diagnostics;
using System.Globalization;
using Orchestrator.Persistence.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Processes;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Engine;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Processes;

/// <summary>Real processes under real nodes.</summary>
public sealed class ProcessLaneTests : IDisposable
{
    private readonly ProcessScene _scene = new();

    [Fact]
    [Trait("Requirement", "FLOW-3")]
    [Trait("Requirement", "OWN-3")]
    public async Task A_process_is_stamped_on_its_job_while_it_runs_its_exit_code_is_the_result_and_its_message_is_settled_long_before()
    {
        await using var node = await _scene.StartAsync();

        var id = await node.SubmitAsync(_scene.Script($"until [ -e {_scene.Mark("go")} ]; do sleep 0.05; done; echo done"));
        var running = await _scene.RunsAsync(node, id);

        var wrapper = _scene.FolderOf(node, running).Wrapper!;
        Assert.Equal((wrapper.Pid, wrapper.Start, running.RunId), (running.OwnerPid, running.OwnerProcessStart, running.ProcessRun));
        Assert.True(wrapper.IsThere);
        Assert.Null(running.DispatchedAt);
        await File.WriteAllTextAsync(_scene.Mark("go"), "");
        var ended = await node.BecomesAsync(id, "Succeeded");
        Assert.Equal("""{"exitCode": 0}""", ended.Result);
        Assert.Equal("done\n", await File.ReadAllTextAsync(_scene.FolderOf(node, ended).Log));
    }

    [Fact]
    [Trait("Requirement", "JOB-4")]
    public async Task A_process_that_fails_costs_an_attempt_each_time_and_at_last_the_job()
    {
        await using var node = await _scene.StartAsync();

        var job = await node.BecomesAsync(await node.SubmitAsync(_scene.Script("echo 'no such luck' >&2; exit 3", maxAttempts: 2)), "Failed");

        Assert.Equal((2, 0, 0, "Work"), (job.Attempts, job.TransientAttempts, job.Losses, job.Failure));
    }

    [Fact]
    [Trait("Requirement", "JOB-4")]
    [Trait("Requirement", "FLOW-3")]
    public async Task A_wrapper_that_is_killed_is_a_lost_run_what_it_started_is_ended_and_no_attempt_is_charged()
    {
        await using var node = await _scene.StartAsync();
        var id = await node.SubmitAsync(_scene.Script($"echo $$ >> {_scene.Mark("pids")}; [ $(wc -l < {_scene.Mark("pids")}) -gt 1 ] || sleep 600"));
        var first = await _scene.RunsAsync(node, id);
        var agent = int.Parse(await _scene.WrittenAsync("pids"), CultureInfo.InvariantCulture);

        Process.GetProcessById(first.OwnerPid!.Value).Kill();

        var job = await node.BecomesAsync(id, "Succeeded");
        Assert.Equal((0, 0, 1), (job.Attempts, job.TransientAttempts, job.Losses));
        Assert.True(job.LogRun > first.RunId);
        Assert.False(Lives(agent));
    }

    [Fact]
    [Trait("Requirement", "JOB-5")]
    public async Task What_an_earlier_run_of_the_job_left_on_this_machine_has_ended_before_the_job_begins_again()
    {
        await using var node = await _scene.StartAsync();
        var id = await node.SubmitAsync(_scene.Script($"kill -0 $(cat {_scene.Mark("earlier")}) 2> /dev/null && echo > {_scene.Mark("overlap")}; echo $ORCHESTRATOR_JOB") with { AvailableAt = TimeProvider.System.GetUtcNow().AddDays(1) });
        var request = _scene.Script($"trap '' TERM; echo $$ > {_scene.Mark("earlier")}; while :; do sleep 0.2; done").Payload!;
        var command = node.Services.GetRequiredService<CommandBook>().Prepare("agents", request, out _)!;
        // The node's look for strays may declare a folder that no run owns never started, in the moment before its wrapper is there: then another is tried.
        for (var (run, started) = (1, false); !started; run++)
            started = await node.Services.GetRequiredService<Launcher>().StartAsync(node.Services.GetRequiredService<RunFolders>().Of(run), id, command, CancellationToken.None) is Launched.Started;
        var agent = int.Parse(await _scene.WrittenAsync("earlier"), CultureInfo.InvariantCulture);

        await node.ExecuteAsync($"UPDATE orchestrator.job SET available_at = now() WHERE id = '{id}'");

        var job = await node.BecomesAsync(id, "Succeeded");
        Assert.False(Lives(agent));
        Assert.False(File.Exists(_scene.Mark("overlap")));
        Assert.Equal($"{id}\n", await File.ReadAllTextAsync(_scene.FolderOf(node, job).Log));
    }

    [Fact]
    [Trait("Requirement", "RES-2")]
    public async Task An_agent_that_is_killed_leaves_its_exit_code_with_the_wrapper_and_counts_as_transient()
    {
        await using var node = await _scene.StartAsync();
        var id = await node.SubmitAsync(_scene.Script($"echo $$ >> {_scene.Mark("pids")}; [ $(wc -l < {_scene.Mark("pids")}) -gt 1 ] || exec sleep 600"));
        await _scene.RunsAsync(node, id);

        Process.GetProcessById(int.Parse(await _scene.WrittenAsync("pids"), CultureInfo.InvariantCulture)).Kill();

        var job = await node.BecomesAsync(id, "Succeeded");
        Assert.Equal((0, 1, 0), (job.Attempts, job.TransientAttempts, job.Losses));
    }

    [Theory]
    [InlineData("setsid sleep 600 & echo $! > {0}; wait", "a child that left the session")]
    [InlineData("(sleep 600 & echo $! > {0}); sleep 600", "a child whose parent is gone")]
    [InlineData("trap '' TERM; echo $$ > {0}; while :; do sleep 0.2; done", "a program that ignores the request to end")]
    [Trait("Requirement", "JOB-7")]
    public async Task A_cancel_ends_the_whole_tree(string script, string what)
    {
        await using var node = await _scene.StartAsync();
        var id = await node.SubmitAsync(_scene.Script(string.Format(CultureInfo.InvariantCulture, script, _scene.Mark("pid"))));
        var running = await _scene.RunsAsync(node, id);
        var pid = int.Parse(await _scene.WrittenAsync("pid"), CultureInfo.InvariantCulture);

        await node.Jobs.CancelAsync(id);

        await node.BecomesAsync(id, "Cancelled");
        Assert.False(Lives(pid), what);
        Assert.Empty(new ProcessTree(_scene.FolderOf(node, running), TimeProvider.System).Members());
    }

    [Fact]
    [Trait("Requirement", "JOB-5")]
    public async Task A_process_outlives_a_stop_of_the_service_and_the_next_node_takes_it_over_under_a_new_token()
    {
        var first = await _scene.StartAsync();
        var id = await first.SubmitAsync(_scene.Script($"echo $$ >> {_scene.Mark("pids")}; until [ -e {_scene.Mark("go")} ]; do sleep 0.05; done; exit 0"));
        var before = await _scene.RunsAsync(first, id);
        await first.StopAsync();
        Assert.True(Lives(before.OwnerPid!.Value));

        await using var second = await _scene.StartAsync(first);

        var adopted = (await Eventually.IsAsync(() => second.Jobs.GetAsync(id), job => job?.RunId > before.RunId, "the run is taken over"))!;
        Assert.Equal((before.ProcessRun, before.OwnerPid, before.StartedAt, "Running"), (adopted.ProcessRun, adopted.OwnerPid, adopted.StartedAt, adopted.State));
        await File.WriteAllTextAsync(_scene.Mark("go"), "");
        var ended = await second.BecomesAsync(id, "Succeeded");
        Assert.Equal((0, 0, 0), (ended.Attempts, ended.TransientAttempts, ended.Losses));
        Assert.Single(await File.ReadAllLinesAsync(_scene.Mark("pids")));
        await first.DisposeAsync();
    }

    [Fact]
    [Trait("Requirement", "JOB-5")]
    public async Task An_exit_that_came_while_no_service_was_there_is_finalized_by_the_next_node()
    {
        var first = await _scene.StartAsync();
        var id = await first.SubmitAsync(_scene.Script($"until [ -e {_scene.Mark("go")} ]; do sleep 0.05; done; echo well > {_scene.Mark("end")}"));
        var running = await _scene.RunsAsync(first, id);
        await first.StopAsync();
        await File.WriteAllTextAsync(_scene.Mark("go"), "");
        await Eventually.IsTrueAsync(() => _scene.FolderOf(first, running).Look() is RunState.Ended, "it ends alone");

        await using var second = await _scene.StartAsync(first);

        await second.BecomesAsync(id, "Succeeded");
        await first.DisposeAsync();
    }

    [Fact]
    [Trait("Requirement", "RES-1")]
    public async Task A_program_that_is_missing_keeps_the_lane_from_being_claimed_and_costs_nothing()
    {
        await using var node = await _scene.StartAsync(null, ("Commands:script:Program", "/nowhere/agent"), ("Preflight:RetryInterval", "00:00:00.100"));

        var id = await node.SubmitAsync(_scene.Script("true"));

        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.preflight WHERE lane = 'agents' AND NOT ok AND detail LIKE '%/nowhere/agent%not installed%'"), n => n == 1, "the preflight says so");
        var job = (await node.Jobs.GetAsync(id))!;
        Assert.Equal(("Queued", 0, 0, 0), (job.State, job.Attempts, job.TransientAttempts, job.Losses));
    }

    [Fact]
    [Trait("Requirement", "RES-1")]
    public async Task A_working_folder_that_is_missing_is_a_fault_of_the_environment_and_is_not_blamed_on_the_program()
    {
        await using var node = await _scene.StartAsync();

        var id = await node.SubmitAsync(JobRequest.For("agents", new ProcessRequest("script", new Dictionary<string, string> { ["script"] = "true" }, Folder: _scene.Mark("gone"))));

        var job = await node.BecomesAsync(id, "Held");
        Assert.Equal(("Environment", 0), (job.HeldFor, job.Attempts));
        Assert.Contains("working folder", job.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Commands:script:WallTime", "00:00:01", "sleep 600", "longer than its limit", "Work")]
    [InlineData("Commands:script:IdleTime", "00:00:01", "sleep 600", "Nothing was heard", "Transient")]
    [Trait("Requirement", "FLOW-3")]
    public async Task A_watchdog_ends_a_run_that_is_over_its_time(string key, string value, string script, string reason, string failure)
    {
        await using var node = await _scene.StartAsync(null, (key, value), ("Lanes:agents:MaxTransient", "1"));

        var id = await node.SubmitAsync(_scene.Script(script, maxAttempts: 1));

        var job = (await Eventually.IsAsync(() => node.Jobs.GetAsync(id), j => j?.State is "Failed" or "Held", "it is ended"))!;
        Assert.Contains(reason, job.Reason, StringComparison.Ordinal);
        Assert.Equal(failure, job.Failure);
    }

    [Fact]
    [Trait("Requirement", "FLOW-3")]
    public async Task A_run_that_is_silent_and_works_is_not_idle()
    {
        await using var node = await _scene.StartAsync(null, ("Commands:script:IdleTime", "00:00:01"));

        var id = await node.SubmitAsync(_scene.Script("end=$((SECONDS + 4)); while [ $SECONDS -lt $end ]; do :; done"));

        await node.BecomesAsync(id, "Succeeded");
    }

    [Fact]
    [Trait("Requirement", "FLOW-3")]
    public async Task A_run_whose_result_is_there_and_that_does_not_end_is_ended_and_the_result_counts()
    {
        await using var node = await _scene.StartAsync(null, ("Commands:script:ResultGrace", "00:00:01"));

        var id = await node.SubmitAsync(_scene.Script("""echo '{"type":"result","subtype":"success","is_error":false,"result":"all done"}'; sleep 600"""));

        await node.BecomesAsync(id, "Succeeded");
    }

    [Fact]
    [Trait("Requirement", "SEC-3")]
    public async Task Secrets_are_in_the_environment_of_the_run_and_nowhere_else()
    {
        Environment.SetEnvironmentVariable("PROCESS_LANE_SECRET", "hush-4711");
        await using var node = await _scene.StartAsync(null, ("Commands:script:Secrets:0", "PROCESS_LANE_SECRET"));

        var id = await node.SubmitAsync(_scene.Script($"[ \"${{PROCESS_LANE_SECRET:4}}\" = -4711 ] && [ -z \"$CLAUDECODE\" ] && tr '\\0' ' ' < /proc/$PPID/cmdline > {_scene.Mark("line")}"));

        var job = await node.BecomesAsync(id, "Succeeded");
        Assert.DoesNotContain("hush", await _scene.WrittenAsync("line"), StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(_scene.FolderOf(node, job).Path))
            Assert.DoesNotContain("hush", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "FLOW-3")]
    public async Task The_log_is_followed_over_http_while_it_grows_and_read_by_pieces_when_it_is_there()
    {
        await using var node = await _scene.StartAsync();
        using var http = new HttpClient { BaseAddress = node.Url };
        var id = await node.SubmitAsync(_scene.Script($"echo first; until [ -e {_scene.Mark("go")} ]; do sleep 0.05; done; printf 'last words'"));
        await _scene.RunsAsync(node, id);

        using var followed = await http.GetAsync(new Uri($"/jobs/{id}/log?follow", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await followed.Content.ReadAsStreamAsync());
        Assert.Equal("first", await reader.ReadLineAsync());
        await File.WriteAllTextAsync(_scene.Mark("go"), "");
        Assert.Equal("last words", await reader.ReadToEndAsync());

        await node.BecomesAsync(id, "Succeeded");
        Assert.Equal("text/plain", followed.Content.Headers.ContentType!.MediaType);
        Assert.Equal("words", await http.GetStringAsync(new Uri($"/jobs/{id}/log?tail=5", UriKind.Relative)));
        Assert.Equal("last words", await http.GetStringAsync(new Uri($"/jobs/{id}/log?offset=6", UriKind.Relative)));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await http.GetAsync(new Uri($"/jobs/{Guid.NewGuid()}/log", UriKind.Relative))).StatusCode);
    }

    [Fact]
    [Trait("Requirement", "REAP-4")]
    public async Task The_gate_decides_over_a_process_that_ended_with_0_and_is_asked_again_while_it_cannot_tell()
    {
        var gate = new OpensLate();
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()), null, services => services.AddSingleton<IOutcomeGate>(gate), _scene.Settings);

        var id = await node.SubmitAsync(_scene.Script("exit 0"));

        await node.BecomesAsync(id, "Finalizing");
        gate.IsOpen = true;
        await node.BecomesAsync(id, "Succeeded");
    }

    private sealed class OpensLate : IOutcomeGate
    {
        private volatile bool _open;

        public bool IsOpen { get => _open; set => _open = value; }

        public string Lane => "agents";

        public Task<GateVerdict> EvaluateAsync(JobRun run, CancellationToken cancellation) => Task.FromResult(new GateVerdict(IsOpen ? GateAnswer.Passed : GateAnswer.NotYet, "not yet"));
    }

    [Fact]
    [Trait("Requirement", "JOB-6")]
    public async Task A_process_keeps_its_lanes_permit_until_it_ends()
    {
        await using var node = await _scene.StartAsync(null, ("Lanes:agents:Permits", "1"));
        for (var i = 0; i < 4; i++)
            await node.SubmitAsync(_scene.Script($"mkdir {_scene.Mark("busy")} || echo > {_scene.Mark("overlap")}; sleep 0.5; rmdir {_scene.Mark("busy")}"));

        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE state = 'Succeeded'"), n => n == 4, "all have run");
        Assert.False(File.Exists(_scene.Mark("overlap")), "Two ran at a time.");
    }

    [Fact]
    [Trait("Requirement", "SEC-3")]
    public async Task A_request_that_names_what_is_not_declared_is_refused_at_once()
    {
        await using var node = await _scene.StartAsync();
        string[] payloads =
        [
            """{"command":"rm"}""", """{"command":"script"}""", """{"command":"script","arguments":{"script":"x","extra":"y"}}""", """{"command":"script","arguments":{"script":"--posix"}}""",
            """{"command":"script","arguments":{"script":"x"},"folder":"/etc"}""", """{"command":"script","arguments":{"script":"x"},"environment":["HOME"]}""",
            """{"command":"script","arguments":{"script":"x"},"program":"/bin/sh"}""", """{"command":"script","arguments":{"script":"x"},"timeLimit":"99.00:00:00"}""", "{}",
        ];

        foreach (var payload in payloads)
            await Assert.ThrowsAsync<JobRequestException>(() => node.Jobs.SubmitAsync(new JobRequest("agents", payload)));
    }

    public void Dispose() => _scene.Dispose();

    private static bool Lives(int pid) => Service.Nodes.ProcessIdentity.StartOf(pid) is not null;
}
