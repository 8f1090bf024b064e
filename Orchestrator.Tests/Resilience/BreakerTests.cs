using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orchestrator.Persistence.Breakers;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Alerts;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Resilience;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Engine;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Resilience;

/// <summary>Real nodes on a real database; the other side is a switch.</summary>
public sealed class BreakerTests
{
    private static readonly (string, string)[] Quick =
        [("Lanes:work:TransientBackoff", "00:00:00.020"), ("Lanes:work:Breaker:OpensAfter", "3"), ("Lanes:work:Breaker:Pause", "00:00:00.500"), ("Dispatch:PollInterval", "00:00:00.100"), ("Lanes:work:MaxTransient", "1000")];

    [Theory]
    [InlineData("InMemory")]
    [InlineData("AmazonSqs")]
    [Trait("Requirement", "RES-4")]
    [Trait("Requirement", "RES-5")]
    [Trait("Requirement", "RES-3")]
    public async Task Failures_in_a_row_shut_the_lane_one_probe_over_two_nodes_tries_and_its_success_opens_it_again(string transport)
    {
        var serves = false;
        var runs = new ConcurrentQueue<bool>();
        var now = 0;
        var most = 0;
        async Task<JobOutcome> Work(JobRun run, CancellationToken cancellation)
        {
            var count = Interlocked.Increment(ref now);
            if (runs.Count > 10) // the first failures may run side by side
                InterlockedMax(ref most, count);
            await Task.Yield();
            var served = Volatile.Read(ref serves);
            runs.Enqueue(served);
            Interlocked.Decrement(ref now);
            return served ? JobOutcome.Done() : JobOutcome.Transient("the other side is busy");
        }

        var settings = transport == "InMemory" ? Quick : [.. Quick, .. EngineNode.OnSqs(Shared.Unique("b") + "-")];
        await using var node = await EngineNode.StartAsync(Work, settings: settings);
        await using var other = await EngineNode.StartAsync(Work, node, settings);

        await node.Jobs.SubmitAsync([.. Enumerable.Range(0, 200).Select(_ => new JobRequest("work"))]);
        var open = await Eventually.IsAsync(() => BreakerAsync(node), breaker => breaker is { State: BreakerState.Open, Openings: >= 3 }, "the breaker has opened for the third time");

        // Work that takes no time runs on until the third failure is stored; then each opening lets one more through.
        Assert.InRange(runs.Count, 3, 150 + open!.Openings);
        Volatile.Write(ref serves, true);

        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE state = 'Succeeded'"), ended => ended == 200, "all jobs have succeeded");
        Assert.Equal(BreakerState.Closed, (await BreakerAsync(node))!.State);
        Assert.Equal(0L, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE attempts > 0 OR losses > 0"));
    }

    [Theory]
    [InlineData("Transient")]
    [InlineData("RateLimited")]
    [InlineData("EnvironmentFault")]
    [Trait("Requirement", "RES-4")]
    [Trait("Requirement", "RUN-4")]
    public async Task What_one_job_alone_lacks_shuts_the_lane_for_no_other(string outcome)
    {
        await using var node = await EngineNode.StartAsync(
            (run, _) => Task.FromResult(run.Payload.Contains("well", StringComparison.Ordinal) ? JobOutcome.Done() : (outcome switch
            {
                "Transient" => JobOutcome.Transient("its host is away", TimeSpan.FromHours(1)),
                "RateLimited" => JobOutcome.RateLimited("its host is busy", TimeSpan.FromHours(1)),
                _ => JobOutcome.EnvironmentFault("its host lacks a program"),
            }).Alone()),
            settings: [.. Quick.Where(setting => setting.Item1 != "Lanes:work:Breaker:Pause"), ("Lanes:work:Breaker:Pause", "00:30:00"), ("Lanes:work:Breaker:MaxPause", "01:00:00")]);

        await node.Jobs.SubmitAsync([.. Enumerable.Range(0, 5).Select(_ => new JobRequest("work", """{"is":"ill"}"""))]);
        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE state = 'Held' OR (state = 'Queued' AND transient_attempts = 1)"), count => count == 5, "all five have met it");
        await node.Jobs.SubmitAsync(new JobRequest("work", """{"is":"well"}"""));

        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE state = 'Succeeded'"), count => count == 1, "another works");
        Assert.Equal(0L, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.breaker WHERE openings > 0"));
    }

    [Fact]
    [Trait("Requirement", "RES-4")]
    public async Task While_half_open_nothing_but_the_probe_is_claimed_by_any_node()
    {
        var held = new HeldWork();
        await using var node = await EngineNode.StartAsync(held.RunAsync, settings: Quick);
        await using var other = await EngineNode.StartAsync(held.RunAsync, node, Quick);
        await node.ExecuteAsync("INSERT INTO orchestrator.breaker (scope, name, state, in_a_row, openings, opened_at, until, reason) VALUES ('Lane', 'work', 'Open', 3, 1, now(), now(), 'busy')");

        await node.Jobs.SubmitAsync([.. Enumerable.Range(0, 10).Select(_ => new JobRequest("work"))]);

        await Eventually.IsAsync(() => Task.FromResult(held.Now), now => now == 1, "the probe runs");
        await other.Jobs.SubmitAsync(new JobRequest("work", "{}") { Priority = 1000 });
        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.breaker b JOIN orchestrator.job j ON j.id = b.probe_job WHERE b.state = 'HalfOpen' AND j.state = 'Running'"), n => n == 1, "the probe is known");
        Assert.Equal(1, held.Most);
        held.LetGo();
        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE state = 'Succeeded'"), ended => ended == 11, "the rest follows");
    }

    [Fact]
    [Trait("Requirement", "RES-4")]
    public async Task Who_waited_for_the_breaker_sees_the_probe_that_was_begun_meanwhile()
    {
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()));
        await node.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = now() WHERE name = 'work'"); // here only the test dispatches
        var (probe, now) = (await node.SubmitAsync(), TimeProvider.System.GetUtcNow());
        await node.ExecuteAsync("INSERT INTO orchestrator.breaker (scope, name, state, in_a_row, openings, opened_at, until, reason, probe_job) VALUES ('Lane', 'work', 'HalfOpen', 3, 1, now(), now(), 'busy', gen_random_uuid())");
        await using var quicker = await node.Database.OpenConnectionAsync();
        await using var slower = await node.Database.OpenConnectionAsync();
        await using var first = await quicker.BeginTransactionAsync();
        await using var second = await slower.BeginTransactionAsync();

        Assert.True(await BreakerLedger.MayProbeAsync(quicker, "work", null, now, CancellationToken.None));
        var asked = BreakerLedger.MayProbeAsync(slower, "work", null, now, CancellationToken.None);
        await Eventually.IsAsync(() => node.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock')", slower.ProcessID), waits => waits, "the slower one waits");
        await BreakerLedger.BeginProbeAsync(quicker, "work", null, probe, CancellationToken.None);
        await JobLedger.CommitDispatchedAsync(quicker, [probe], now, Guid.NewGuid(), CancellationToken.None);

        Assert.False(await asked);
    }

    [Fact]
    [Trait("Requirement", "RES-4")]
    public async Task A_probe_that_was_lost_with_its_node_does_not_shut_the_lane_for_ever()
    {
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()), settings: Quick);
        await node.ExecuteAsync("INSERT INTO orchestrator.breaker (scope, name, state, in_a_row, openings, opened_at, until, reason, probe_job) VALUES ('Lane', 'work', 'HalfOpen', 3, 1, now(), now(), 'busy', gen_random_uuid())");

        var job = await node.SubmitAsync();

        await node.BecomesAsync(job, "Succeeded");
        Assert.Equal(BreakerState.Closed, (await BreakerAsync(node))!.State);
    }

    [Fact]
    [Trait("Requirement", "RES-4")]
    public async Task A_rate_limit_shuts_every_lane_of_the_account_at_once_until_the_time_that_was_stated()
    {
        var begun = new ConcurrentQueue<string>();
        var lanes = new Dictionary<string, Func<JobRun, CancellationToken, Task<JobOutcome>>>
        {
            ["limited"] = (run, _) => { begun.Enqueue(run.Lane); return Task.FromResult(JobOutcome.RateLimited("five-hour limit", TimeSpan.FromHours(5))); },
            ["sibling"] = (run, _) => { begun.Enqueue(run.Lane); return Task.FromResult(JobOutcome.Done()); },
            ["stranger"] = (run, _) => { begun.Enqueue(run.Lane); return Task.FromResult(JobOutcome.Done()); },
        };
        var told = new Told();
        await using var node = await TestNode.StartAsync(lanes, new Dictionary<string, string?>
        {
            ["Lanes:limited:Credential"] = "team", ["Lanes:sibling:Credential"] = "team", ["Dispatch:PollInterval"] = "00:00:00.100",
        }, replace: services => services.AddSingleton<IAlertSink>(told));

        var limited = (await node.Jobs.SubmitAsync(new JobRequest("limited"))).JobId;
        await Eventually.IsAsync(() => node.Jobs.GetAsync(limited), job => job is { State: "Queued", TransientAttempts: 1 }, "the limited job waits");
        var sibling = (await node.Jobs.SubmitAsync(new JobRequest("sibling"))).JobId;
        var stranger = (await node.Jobs.SubmitAsync(new JobRequest("stranger"))).JobId;

        await node.BecomesAsync(stranger, "Succeeded");
        Assert.Equal(["limited", "stranger"], begun);
        Assert.Equal((0, null), await NeverSentAsync(node, sibling));
        var job = (await node.Jobs.GetAsync(limited))!;
        Assert.Equal(("RateLimited", 0, 1), (job.Failure, job.Attempts, job.TransientAttempts));
        Assert.InRange(job.AvailableAt - TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(4.9), TimeSpan.FromHours(5));
        await Eventually.IsTrueAsync(() => told.Alerts.Any(alert => alert is { Kind: AlertKind.BreakerOpened, Subject: "Credential team" }), "people are told");

        Assert.True(await node.Services.GetRequiredService<Breakers>().CloseAsync(BreakerScope.Credential, "team", CancellationToken.None));
        await node.BecomesAsync(sibling, "Succeeded");
    }

    [Fact]
    [Trait("Requirement", "RES-5")]
    public async Task A_job_that_was_dispatched_before_the_breaker_opened_is_refused_at_the_claim()
    {
        var held = new HeldWork();
        await using var node = await EngineNode.StartAsync(held.RunAsync, settings: [.. Quick, ("Lanes:work:Permits", "1"), ("Lanes:work:Prefetch", "4")]);
        await node.Jobs.SubmitAsync([.. Enumerable.Range(0, 3).Select(_ => new JobRequest("work"))]);
        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE dispatched_at IS NOT NULL"), sent => sent == 2, "two wait for the permit behind the first");
        await node.ExecuteAsync("INSERT INTO orchestrator.breaker (scope, name, state, in_a_row, openings, opened_at, until, reason) VALUES ('Lane', 'work', 'Open', 3, 1, now(), now() + interval '1 h', 'busy')");

        held.LetGo();

        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE state = 'Queued' AND dispatched_at IS NULL"), n => n == 2, "both wake-ups are forgotten");
        Assert.Single(held.Begun);
    }

    private static async Task<Breaker?> BreakerAsync(TestNode node)
    {
        await using var connection = await node.Database.OpenConnectionAsync();
        return (await BreakerLedger.AllAsync(connection, CancellationToken.None)).SingleOrDefault(breaker => breaker.Scope == BreakerScope.Lane);
    }

    private static async Task<(int, DateTimeOffset?)> NeverSentAsync(TestNode node, Guid job) =>
        await node.Jobs.GetAsync(job) is { State: "Queued" } row ? (row.TransientAttempts, row.DispatchedAt) : (-1, null);

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen && Interlocked.CompareExchange(ref most, value, seen) != seen; seen = Volatile.Read(ref most))
        {
        }
    }

    private sealed class Told : IAlertSink
    {
        public ConcurrentQueue<Alert> Alerts { get; } = new();

        public Task SendAsync(Alert alert, CancellationToken cancellation)
        {
            Alerts.Enqueue(alert);
            throw new InvalidOperationException("a sink that fails must not matter");
        }
    }
}
