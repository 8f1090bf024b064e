using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Persistence.Runs;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Processes;
using Orchestrator.Service.Reaper;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Engine;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Reaper;

/// <summary>Runs of a node of another host that holds its lease: rows and evidence in, one sweep, rows out.</summary>
public sealed class ReaperSweepTests
{
    private static readonly Guid Elsewhere = Guid.NewGuid();

    [Fact]
    [Trait("Requirement", "REAP-1")]
    [Trait("Requirement", "REAP-3")]
    public async Task A_process_that_its_host_saw_dead_often_enough_is_lost_the_verdict_is_journalled_and_the_job_runs_again()
    {
        await using var node = await StartAsync();
        var job = await RunningAsync(node, "dead_ticks", 5);

        await SweepAsync(node);

        var row = await Eventually.IsAsync(() => node.Jobs.GetAsync(job), j => j is { Losses: 1 }, "the loss is counted");
        Assert.Equal(0, row!.Attempts);
        var journal = await JournalAsync(node, job);
        Assert.Equal(("ProcessLost", true), (journal.Verdict, journal.Won));
        Assert.Equal(5, JsonDocument.Parse(journal.Evidence).RootElement.GetProperty("deadTicks").GetInt32());
        using var http = new HttpClient();
        Assert.Contains("found dead 5 times", await http.GetStringAsync(new Uri(node.Url, $"/jobs/{job}/reaped")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Passed", "Succeeded")]
    [InlineData("Failed", "Failed")]
    [InlineData("NotYet", "Running")]
    [InlineData("CannotTell", "Running")]
    [Trait("Requirement", "REAP-4")]
    public async Task Of_an_exit_code_0_that_nobody_finalizes_the_gate_decides_and_one_that_cannot_tell_leaves_it(string answer, string state)
    {
        var gate = new Gate(Enum.Parse<GateAnswer>(answer));
        await using var node = await StartAsync(gate);
        var job = await RunningAsync(node, "exit_code, exit_seen_at, outcome", 0, "now() - interval '6 min'", new ExitOutcome(0, null, "", null).Write());

        await SweepAsync(node);

        Assert.Equal(state, (await node.Jobs.GetAsync(job))!.State);
        Assert.Equal([job], gate.Asked);
    }

    [Fact]
    [Trait("Requirement", "REAP-1")]
    [Trait("Requirement", "RES-3")]
    public async Task An_exit_that_nobody_finalizes_is_charged_by_its_class()
    {
        await using var node = await StartAsync();
        var job = await RunningAsync(node, "exit_code, exit_seen_at, outcome", 1, "now() - interval '6 min'", new ExitOutcome(1, FailureClass.RateLimited, "five-hour limit", TimeSpan.FromHours(5)).Write());

        await SweepAsync(node);

        var row = (await node.Jobs.GetAsync(job))!;
        Assert.Equal(("Queued", "RateLimited", 0, 1), (row.State, row.Failure, row.Attempts, row.TransientAttempts));
    }

    [Fact]
    [Trait("Requirement", "REAP-3")]
    public async Task The_loser_of_the_race_writes_nothing_but_that_it_lost()
    {
        await using var node = await StartAsync();
        var job = await RunningAsync(node, "dead_ticks", 5);
        Suspect suspect;
        await using (var connection = await node.Database.OpenConnectionAsync())
            suspect = (await RunLedger.SuspectsAsync(connection, Guid.Empty, TimeSpan.FromDays(1), 10, CancellationToken.None)).Single();
        // Its monitor was quicker: between the look and the act, and once more right before the act.
        await node.ExecuteAsync("UPDATE orchestrator.job SET state = 'Succeeded', ended_at = now(), result = '{\"by\": \"monitor\"}' WHERE id = $1", job);
        var before = await node.Jobs.GetAsync(job);

        await ActivatorUtilities.CreateInstance<ReaperSweep>(node.Services).JudgeAsync(suspect, CancellationToken.None);

        var after = await node.Jobs.GetAsync(job);
        Assert.Equal(JsonSerializer.Serialize(before), JsonSerializer.Serialize(after));
        Assert.False((await JournalAsync(node, job)).Won);
    }

    [Fact]
    [Trait("Requirement", "REAP-6")]
    public async Task A_row_that_cannot_be_judged_does_not_keep_the_others_from_being_judged()
    {
        await using var node = await StartAsync();
        var broken = await RunningAsync(node, "exit_code, exit_seen_at, outcome", 0, "now() - interval '6 min'", "{\"exitCode\": \"nonsense\"}");
        var good = await RunningAsync(node, "dead_ticks", 5);

        await SweepAsync(node);

        Assert.Equal("Running", (await node.Jobs.GetAsync(broken))!.State);
        Assert.Equal(1, (await node.Jobs.GetAsync(good))!.Losses);
    }

    [Fact]
    [Trait("Requirement", "REAP-5")]
    public async Task Evidence_against_a_run_whose_node_holds_no_lease_is_left_to_the_lease()
    {
        await using var node = await StartAsync();
        var job = await RunningAsync(node, "dead_ticks", 9);
        await node.ExecuteAsync("UPDATE orchestrator.node SET renewed_at = now() - interval '2 h' WHERE id = $1", Elsewhere);

        await SweepAsync(node);

        Assert.Equal(("Running", 0), ((await node.Jobs.GetAsync(job))!.State, (await node.Jobs.GetAsync(job))!.Losses));
    }

    [Fact]
    [Trait("Requirement", "REAP-2")]
    public async Task A_monitor_that_renews_its_deadline_keeps_its_run_and_is_told_to_give_up_at_the_cap()
    {
        await using var node = await StartAsync();
        var job = await RunningAsync(node, "exit_code, exit_seen_at, outcome, finalizing_until", 0, "now() - interval '6 min'", new ExitOutcome(0, null, "", null).Write(), "now() + interval '1 min'");
        await SweepAsync(node);
        Assert.Equal("Running", (await node.Jobs.GetAsync(job))!.State);

        await node.ExecuteAsync("UPDATE orchestrator.run_evidence SET exit_seen_at = now() - interval '2 h' WHERE job_id = $1", job);
        await SweepAsync(node);

        Assert.Equal("Running", (await node.Jobs.GetAsync(job))!.State);
        var run = (await node.Jobs.GetAsync(job))!.RunId!.Value;
        Assert.True(await RunLedger.MonitorAsync(node.Database, job, run, TimeSpan.FromMinutes(1), CancellationToken.None));
        Assert.Null(await RunLedger.MonitorAsync(node.Database, job, run - 1, TimeSpan.FromMinutes(1), CancellationToken.None));
    }

    private static Task<TestNode> StartAsync(IOutcomeGate? gate = null) => EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()), null, services =>
    {
        if (gate is not null)
            services.AddSingleton(gate);
    }, ("Lanes:work:MaxAttempts", "1"), ("Lanes:work:TransientBackoff", "00:10:00"), ("Lanes:work:MaxTransientBackoff", "00:10:00"));

    private static Task SweepAsync(TestNode node) => ActivatorUtilities.CreateInstance<ReaperSweep>(node.Services).RunAsync(CancellationToken.None);

    private static async Task<Guid> RunningAsync(TestNode node, string columns, params object[] evidence)
    {
        var job = Guid.CreateVersion7();
        await node.ExecuteAsync(
            """
            INSERT INTO orchestrator.node (id, host, name, pid, process_start, started_at, renewed_at, lease)
            VALUES ($1, 'another host', 'elsewhere', 4711, 1, now(), now(), interval '1 h') ON CONFLICT DO NOTHING
            """, Elsewhere);
        await node.ExecuteAsync(
            """
            WITH run AS (SELECT nextval('orchestrator.run_id') AS id)
            INSERT INTO orchestrator.job (id, lane, state, submitted_at, available_at, due, max_attempts, payload, run_id, owner_node, owner_host, owner_pid, owner_process_start, process_run, started_at)
            SELECT $1, 'work', 'Running', now(), now(), true, 1, '{}', run.id, $2, 'another host', 5000, 1, run.id, now() - interval '1 h' FROM run
            """, job, Elsewhere);
        var values = string.Join(", ", evidence.Select(value => value is string text && !text.StartsWith("now()", StringComparison.Ordinal) ? $"'{text}'" : $"{value}"));
        await node.ExecuteAsync($"INSERT INTO orchestrator.run_evidence (job_id, run_id, host, seen_at, {columns}) SELECT id, run_id, owner_host, now(), {values} FROM orchestrator.job WHERE id = $1", job);
        return job;
    }

    private static async Task<JournalRow> JournalAsync(TestNode node, Guid job)
    {
        await using var connection = await node.Database.OpenConnectionAsync();
        return (await RunLedger.JournalOfAsync(connection, job, CancellationToken.None)).Single();
    }

    private sealed class Gate(GateAnswer answer) : IOutcomeGate
    {
        public ConcurrentQueue<Guid> Asked { get; } = new();

        public string Lane => "work";

        public Task<GateVerdict> EvaluateAsync(JobRun run, CancellationToken cancellation)
        {
            Asked.Enqueue(run.JobId);
            return Task.FromResult(new GateVerdict(answer, "the gate says so"));
        }
    }
}
