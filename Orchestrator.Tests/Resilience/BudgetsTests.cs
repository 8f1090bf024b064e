using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Resilience;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Engine;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Resilience;

public sealed class BudgetsTests
{
    private static readonly (string, string)[] Quick = [("Lanes:work:TransientBackoff", "00:00:00.010"), ("Lanes:work:Breaker:Enabled", "false"), ("Dispatch:PollInterval", "00:00:00.100")];

    [Fact]
    [Trait("Requirement", "JOB-4")]
    [Trait("Requirement", "RES-3")]
    public async Task Each_class_is_charged_to_its_own_budget_only()
    {
        var runs = 0;
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(Interlocked.Increment(ref runs) switch
        {
            1 or 3 => JobOutcome.Transient("away", TimeSpan.Zero),
            2 => JobOutcome.Retry("wrong", TimeSpan.Zero),
            4 => JobOutcome.RateLimited("slow down", TimeSpan.Zero),
            _ => JobOutcome.Done(),
        }), settings: Quick);

        var job = await node.BecomesAsync(await node.SubmitAsync(), "Succeeded");

        Assert.Equal((1, 3, 0, null), (job.Attempts, job.TransientAttempts, job.Losses, job.Failure));
    }

    [Fact]
    [Trait("Requirement", "JOB-4")]
    public async Task A_job_whose_transient_budget_is_used_up_is_held_with_its_reason_and_a_retry_by_hand_gives_it_a_fresh_one()
    {
        var serves = false;
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(Volatile.Read(ref serves) ? JobOutcome.Done() : JobOutcome.Transient("away")),
            settings: [.. Quick, ("Lanes:work:MaxTransient", "3")]);

        var id = await node.SubmitAsync();
        var held = await node.BecomesAsync(id, "Held");

        Assert.Equal(("Transient", "Transient", 3, 0), (held.HeldFor, held.Failure, held.TransientAttempts, held.Attempts));
        Assert.Contains("away", held.Reason, StringComparison.Ordinal);
        Volatile.Write(ref serves, true);
        await node.Jobs.RetryAsync(id);
        var ended = await node.BecomesAsync(id, "Succeeded");
        Assert.Equal((null, 0), (ended.HeldFor, ended.TransientAttempts));
    }

    [Fact]
    [Trait("Requirement", "RES-1")]
    public async Task A_lane_whose_preflight_fails_is_not_claimed_and_its_recovery_releases_what_was_held_for_the_environment()
    {
        var look = new Look { Ok = false };
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(look.Ok ? JobOutcome.Done() : JobOutcome.EnvironmentFault("no such program")), null,
            services => services.AddSingleton<IPreflight>(look), [.. Quick, ("Preflight:RetryInterval", "00:00:00.100")]);

        var waiting = await node.SubmitAsync();
        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.preflight WHERE NOT ok"), n => n == 1, "the failure is recorded");
        await node.ExecuteAsync("UPDATE orchestrator.job SET dispatched_at = now() WHERE id = $1", waiting); // as if another node had sent it
        await node.ExecuteAsync("UPDATE orchestrator.job SET dispatched_at = NULL WHERE id = $1", waiting);
        var held = Guid.CreateVersion7();
        await node.ExecuteAsync(
            "INSERT INTO orchestrator.job (id, lane, state, submitted_at, available_at, due, max_attempts, payload, held_for, failure) VALUES ($1, 'work', 'Held', now(), now(), true, 5, '{}', 'Environment', 'Environment')", held);
        var exhausted = Guid.CreateVersion7();
        await node.ExecuteAsync(
            "INSERT INTO orchestrator.job (id, lane, state, submitted_at, available_at, due, max_attempts, payload, held_for, failure) VALUES ($1, 'work', 'Held', now(), now(), true, 5, '{}', 'Lost', 'Lost')", exhausted);
        Assert.Equal("Queued", (await node.Jobs.GetAsync(waiting))!.State);

        look.Ok = true;

        await node.BecomesAsync(waiting, "Succeeded");
        await node.BecomesAsync(held, "Succeeded");
        Assert.Equal("Held", (await node.Jobs.GetAsync(exhausted))!.State);
    }

    [Fact]
    [Trait("Requirement", "RES-1")]
    [Trait("Requirement", "RES-5")]
    public async Task A_missing_program_opens_the_lanes_breaker_so_that_the_queue_is_not_drained_into_holds()
    {
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.EnvironmentFault("no such program")),
            settings: [("Lanes:work:Permits", "1"), ("Dispatch:PollInterval", "00:00:00.100")]);

        const int Jobs = 200;
        await node.Jobs.SubmitAsync([.. Enumerable.Range(0, Jobs).Select(_ => new JobRequest("work"))]);

        // A few more may be claimed while the first outcome is on its way into the database: its permit is free by then.
        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.breaker WHERE state = 'Open'"), n => n == 1, "the breaker is open");
        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE (state = 'Held' AND held_for = 'Environment') OR (state = 'Queued' AND dispatched_at IS NULL)"),
            n => n == Jobs, "what was not held waits, unsent");
        Assert.InRange(await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE state = 'Held'"), 1, Jobs / 2);
        Assert.Equal(0L, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE attempts > 0"));
    }

    [Fact]
    [Trait("Requirement", "JOB-2")]
    public async Task A_job_that_meets_an_obstacle_stands_aside_those_behind_it_go_on_and_it_runs_when_the_obstacle_is_gone()
    {
        var freeze = new Freeze();
        var sent = new ConcurrentQueue<Guid>();
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()), null, services => services
            .AddSingleton<IObstacle>(freeze)
            .AddSingleton<IWakeUps>(p => new WakeUpsHeard(ActivatorUtilities.CreateInstance<BusWakeUps>(p), sent)), Quick);
        freeze.Frozen = await node.SubmitAsync(new JobRequest("work") { Priority = 10, AvailableAt = TimeProvider.System.GetUtcNow().AddMinutes(1) });
        await node.ExecuteAsync("UPDATE orchestrator.job SET available_at = now() WHERE id = $1", freeze.Frozen.Value);
        var behind = await node.SubmitAsync();

        await node.BecomesAsync(behind, "Succeeded");

        var aside = await Eventually.IsAsync(() => node.Jobs.GetAsync(freeze.Frozen.Value), job => job?.Obstacle is not null, "it stands aside");
        Assert.Equal(("Queued", "freeze: until Monday"), (aside!.State, aside.Obstacle));
        Assert.Equal([behind], sent);
        var frozen = freeze.Frozen.Value;
        freeze.Frozen = null;
        var ended = await node.BecomesAsync(frozen, "Succeeded");
        Assert.Null(ended.Obstacle);
    }

    [Fact]
    [Trait("Requirement", "RES-5")]
    public async Task However_many_stand_aside_before_it_a_job_whose_obstacle_is_gone_runs()
    {
        var wall = new Wall();
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()), null, services => services.AddSingleton<IObstacle>(wall), Quick);
        var jobs = await node.Jobs.SubmitAsync([.. Enumerable.Range(0, 700).Select(_ => new JobRequest("work"))]);
        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE obstacle IS NOT NULL"), n => n == 700, "all stand aside");

        wall.Free = jobs[^1].JobId;

        await node.BecomesAsync(jobs[^1].JobId, "Succeeded");
        Assert.Equal(699L, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE obstacle IS NOT NULL"));
    }

    [Fact]
    [Trait("Requirement", "JOB-4")]
    public async Task A_run_in_the_process_that_takes_longer_than_the_lane_allows_is_stopped_and_costs_an_attempt()
    {
        await using var node = await EngineNode.StartAsync(async (_, stop) => { await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop); return JobOutcome.Done(); },
            settings: [.. Quick, ("Lanes:work:MaxRunTime", "00:00:01"), ("Lanes:work:MaxAttempts", "1")]);

        var job = await node.BecomesAsync(await node.SubmitAsync(), "Failed");

        Assert.Contains("longer than the lane allows", job.Reason, StringComparison.Ordinal);
    }

    private sealed class Wall : IObstacle
    {
        public Guid? Free { get; set; }

        public string Name => "wall";

        public Task<IReadOnlyDictionary<Guid, string>> FindAsync(NpgsqlConnection connection, IReadOnlyList<Job> jobs, CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyDictionary<Guid, string>>(jobs.Where(job => job.Id != Free).ToDictionary(job => job.Id, _ => "closed"));
    }

    private sealed class WakeUpsHeard(IWakeUps inner, ConcurrentQueue<Guid> sent) : IWakeUps
    {
        public bool StayInProcess => inner.StayInProcess;

        public Task SendAsync(Lane lane, IReadOnlyList<Guid> jobs, CancellationToken cancellation)
        {
            foreach (var job in jobs)
                sent.Enqueue(job);
            return inner.SendAsync(lane, jobs, cancellation);
        }
    }

    private sealed class Look : IPreflight
    {
        private volatile bool _ok;

        public bool Ok { get => _ok; set => _ok = value; }

        public string Lane => "work";

        public Task<PreflightResult> CheckAsync(CancellationToken cancellation) =>
            Ok ? Task.FromResult(new PreflightResult(true, "all there")) : throw new FileNotFoundException("no such program");
    }

    private sealed class Freeze : IObstacle
    {
        public Guid? Frozen { get; set; }

        public string Name => "freeze";

        public Task<IReadOnlyDictionary<Guid, string>> FindAsync(NpgsqlConnection connection, IReadOnlyList<Job> jobs, CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyDictionary<Guid, string>>(jobs.Where(job => job.Id == Frozen).ToDictionary(job => job.Id, _ => "until Monday"));
    }
}
