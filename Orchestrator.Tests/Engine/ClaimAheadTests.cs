using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Claim;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Run;
using Orchestrator.Tests.AmazonSqs;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine;

public sealed class ClaimAheadTests
{
    [Theory]
    [Trait("Requirement", "PROT-3")]
    [InlineData(10_000, null, 0)] // heavy work: only who has a permit is claimed
    [InlineData(21, null, 0)]
    [InlineData(10, null, 6)] // three permits work off six of these in 20 ms
    [InlineData(1, null, 60)]
    [InlineData(0, null, 200)]
    [InlineData(1, 5, 0)] // a limit over all nodes: who waits must not count as running
    public void Only_quick_work_is_claimed_before_it_has_a_permit(int typicalMilliseconds, int? maxRunning, int allowed) =>
        Assert.Equal(allowed, ClaimAhead.Allowed(new LaneOptions { ClaimQuickAlong = true, Permits = 3, MaxRunning = maxRunning }, TimeSpan.FromMilliseconds(typicalMilliseconds)));

    [Fact]
    [Trait("Requirement", "PROT-3")]
    public void One_slow_run_makes_a_lane_slow_and_it_takes_many_quick_ones_to_make_it_quick_again()
    {
        var line = new WaitingLine();
        Assert.False(line.IsQuick); // until proven

        Run(line, 100, TimeSpan.Zero);
        Assert.True(line.IsQuick);

        line.Ran(TimeSpan.FromSeconds(1));
        Assert.False(line.IsQuick);
        Run(line, 20, TimeSpan.Zero);
        Assert.False(line.IsQuick);
    }

    [Fact]
    [Trait("Requirement", "PROT-3")]
    public void Who_has_left_the_line_is_not_claimed_for()
    {
        var line = new WaitingLine();
        Run(line, 200, TimeSpan.Zero);
        var (stays, leaves) = (line.Join(Guid.NewGuid()), line.Join(Guid.NewGuid()));

        Assert.Null(line.Leave(leaves));
        Assert.Equal([stays], line.TakeAhead(new LaneOptions { ClaimQuickAlong = true }));
        Assert.NotNull(line.Leave(stays));
        Assert.Null(line.Leave(stays)); // a claim is given once
    }

    [Fact]
    [Trait("Requirement", "PROT-3")]
    public async Task Ready_jobs_are_claimed_only_in_quick_lanes_and_only_as_many_as_are_soon_permitted()
    {
        var lane = new LaneOptions { ClaimQuickAlong = true, Permits = 3 };
        var line = new WaitingLine();
        Assert.False(line.MayClaimReady(lane)); // slow until proven quick
        Run(line, 400, TimeSpan.FromMilliseconds(8));
        Assert.False(line.MayClaimReady(new LaneOptions { Permits = 3 })); // nobody asked for it
        Assert.False(line.MayClaimReady(new LaneOptions { ClaimQuickAlong = true, Permits = 3, MaxRunning = 5 }));

        Assert.Equal(7, line.RoomToClaimReady(lane)); // three permits work off so many in 20 ms
        var jobs = Enumerable.Range(0, 4).Select(_ => Expect(line)).ToList();
        Assert.Equal(0, line.RoomToClaimReady(lane)); // more than half of them have no permit yet

        Assert.Equal(jobs[0], (await line.Leave(line.Join(jobs[0].Id))!).Job);
        Assert.Equal(4, line.RoomToClaimReady(lane));
    }

    [Fact]
    [Trait("Requirement", "JOB-2")]
    public async Task A_claimed_job_is_expected_once_and_carried_until_it_comes_or_is_given_up()
    {
        var (line, running) = (new WaitingLine(), new RunningJobs());
        var (comes, stays) = (Expect(line, running), Expect(line, running));
        Assert.True(running.Carries(comes.Id));

        var place = line.Join(comes.Id);
        Assert.False(running.Carries(comes.Id)); // whoever joined carries it now
        Assert.Null(line.Leave(line.Join(comes.Id))); // a second message of the job finds no claim

        Assert.Equal([stays], line.ExpectNoMore());
        Assert.False(running.Carries(stays.Id));
        Assert.Empty(line.ExpectNoMore());
        Assert.Null(line.Leave(line.Join(stays.Id)));
        Assert.Equal(comes, (await line.Leave(place)!).Job);
    }

    [Fact]
    [Trait("Requirement", "JOB-2")]
    public async Task Jobs_that_were_claimed_before_their_wake_up_are_handed_back_when_it_can_not_be_sent()
    {
        var wakeUps = new BreakableWakeUps();
        await using var node = await QuickNodeAsync(wakeUps);

        wakeUps.Broken = true;
        var job = await node.SubmitAsync();
        await Eventually.IsAsync(() => Task.FromResult(wakeUps.Failed), failed => failed > 0, "a wake-up could not be sent");
        wakeUps.Broken = false;

        await node.BecomesAsync(job, "Succeeded");
        Assert.Equal(0, await node.ScalarAsync<int>("SELECT losses + attempts FROM orchestrator.job WHERE id = $1", job)); // not found by the look for stranded runs
    }

    [Fact]
    [Trait("Requirement", "PROT-7")]
    public async Task Jobs_that_were_claimed_before_their_wake_up_are_handed_back_when_the_node_stops_before_it_comes()
    {
        var wakeUps = new BreakableWakeUps();
        await using var node = await QuickNodeAsync(wakeUps);
        wakeUps.Loses = true;
        // A job whose submission commits just after the look for quick ones goes the ordinary way: sent unclaimed, and lost for good. Then the next one.
        Job? claimed = null;
        for (var more = 0; more < 100 && claimed?.State != "Running"; more++)
        {
            var id = await node.SubmitAsync();
            claimed = await Eventually.IsAsync(() => node.Jobs.GetAsync(id), seen => seen is { State: "Running" } or { DispatchedAt: not null }, "it is claimed, or sent");
        }

        Assert.Equal("Running", claimed!.State);
        var job = claimed.Id;

        await node.StopAsync();

        await using var database = Npgsql.NpgsqlDataSource.Create(node.ConnectionString);
        await using var queued = database.CreateCommand("SELECT count(*) FROM orchestrator.job WHERE id = $1 AND state = 'Queued' AND losses = 0 AND attempts = 0");
        queued.Parameters.AddWithValue(job);
        Assert.Equal(1L, await queued.ExecuteScalarAsync());
    }

    [Fact]
    [Trait("Requirement", "JOB-2")]
    public async Task A_job_that_was_claimed_before_its_wake_up_is_no_old_news_in_a_lane_that_has_become_slow()
    {
        await using var node = await EngineNode.StartAsync(
            static (_, _) => Task.FromResult(JobOutcome.Done()), null, ("Lanes:work:Permits", "1"), ("Lanes:work:DispatchAhead", "1"));
        var (lane, claims) = (node.Services.GetRequiredService<Lanes>()["work"], node.Services.GetRequiredService<Claims>());
        Assert.True(lane.Permits.TryTake(out var permit));
        await node.SubmitAsync();
        await Eventually.IsTrueAsync(() => lane.Permits.Use.Waiting == 1, "one job waits, and the dispatcher sends no more");
        var id = await node.SubmitAsync();

        var claimed = Assert.Single(await claims.ClaimReadyAsync(lane, 1, default));
        await node.Services.GetRequiredService<IWakeUps>().SendAsync(lane, [claimed.Id], default);
        await Eventually.IsTrueAsync(() => lane.Permits.Use.Waiting == 2, "it waits for the permit, too");
        permit.Dispose();

        var job = await node.BecomesAsync(id, "Succeeded");
        Assert.Equal((0, 0), (job.Losses, job.Attempts));
    }

    [Fact]
    [Trait("Requirement", "JOB-2")]
    public async Task A_shut_lane_has_no_ready_jobs_to_claim()
    {
        await using var node = await EngineNode.StartAsync(static (_, _) => Task.FromResult(JobOutcome.Done()));
        var (lane, claims) = (node.Services.GetRequiredService<Lanes>()["work"], node.Services.GetRequiredService<Claims>());
        await node.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = now()");
        var job = await node.SubmitAsync();

        Assert.Empty(await claims.ClaimReadyAsync(lane, 10, default));
        Assert.Equal("Queued", (await node.Jobs.GetAsync(job))!.State);
    }

    [Theory]
    [InlineData(10_000, 1)]
    [InlineData(8, 7)]
    [InlineData(0, 10)]
    [Trait("Requirement", "PROT-3")]
    public void A_wake_up_names_one_job_but_in_quick_lanes_as_many_as_are_soon_permitted(int typicalMilliseconds, int jobs)
    {
        var line = new WaitingLine();
        Run(line, 400, TimeSpan.FromMilliseconds(typicalMilliseconds));

        Assert.Equal(jobs, line.PerWakeUp(new LaneOptions { ClaimQuickAlong = true, Permits = 3 }));
        Assert.Equal(1, line.PerWakeUp(new LaneOptions { Permits = 3 }));
    }

    [Theory]
    [InlineData("InMemory")]
    [InlineData("AmazonSqs")]
    [Trait("Requirement", "JOB-2")]
    [Trait("Requirement", "PROT-3")]
    [Trait("Requirement", "PROT-7")]
    public async Task Quick_jobs_that_wait_for_a_permit_are_claimed_together_run_one_by_one_and_are_queued_again_when_the_node_stops(string transport)
    {
        var prefix = Shared.Unique("quick") + "-";
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stuck = new TaskCompletionSource();
        int now = 0, most = 0;
        await using var node = await EngineNode.StartAsync(async (run, cancellation) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref now));
            try
            {
                if (run.Payload.Contains("stuck", StringComparison.Ordinal))
                {
                    stuck.TrySetResult();
                    await hold.Task.WaitAsync(cancellation);
                }

                return JobOutcome.Done();
            }
            finally
            {
                Interlocked.Decrement(ref now);
            }
        }, null, ("Lanes:work:Permits", "1"), ("Lanes:work:Prefetch", "200"), ("Lanes:work:ClaimQuickAlong", "true"), ("Node:Drain", "00:00:00"),
            ("Bus:Transport", transport), ("Bus:Prefix", prefix), ("Bus:LongPollSeconds", "1"));

        await node.Jobs.SubmitAsync([.. Enumerable.Range(0, 400).Select(_ => new JobRequest("work"))]);
        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE state = 'Succeeded'"), n => n == 400, "all have run");
        Assert.Equal(1, most);
        Assert.True(await node.ScalarAsync<long>("SELECT count(DISTINCT started_at) FROM orchestrator.job") < 400, "no claim took anybody along");
        Assert.True(node.Services.GetRequiredService<Lanes>()["work"].Deliveries.Use.ByReceiveCount.Values.Sum() < 400, "every message named one job");

        await node.Jobs.SubmitAsync([.. Enumerable.Range(0, 50).Select(_ => new JobRequest("work", """{"stuck":true}"""))]);
        await stuck.Task;
        await node.StopAsync();

        Assert.Equal(50, await CountAsync("state = 'Queued' AND run_id IS NULL AND attempts = 0 AND losses = 0"));
        Assert.Equal(1, most);
        using var queues = new TestQueues((await Shared.Environment).ServiceUrl);
        Assert.False(await queues.ExistsAsync(prefix + "work_error"));

        async Task<long> CountAsync(string where)
        {
            await using var database = Npgsql.NpgsqlDataSource.Create(node.ConnectionString);
            await using var command = database.CreateCommand($"SELECT count(*) FROM orchestrator.job WHERE {where}");
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }

    private static async Task<TestNode> QuickNodeAsync(BreakableWakeUps wakeUps)
    {
        var node = await EngineNode.StartAsync(static (_, _) => Task.FromResult(JobOutcome.Done()), null, services => services.AddSingleton<IWakeUps>(p =>
        {
            wakeUps.Inner = ActivatorUtilities.CreateInstance<BusWakeUps>(p);
            return wakeUps;
        }), ("Lanes:work:ClaimQuickAlong", "true"));
        await node.Jobs.SubmitAsync([.. Enumerable.Range(0, 200).Select(_ => new JobRequest("work"))]);
        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE state = 'Succeeded'"), n => n == 200, "the lane has worked");
        var line = node.Services.GetRequiredService<Lanes>()["work"].Line;
        for (var more = 0; more < 1000 && !line.IsQuick; more++) // a busy machine may have made it slow
            await node.BecomesAsync(await node.SubmitAsync(), "Succeeded");
        Assert.True(line.IsQuick);
        return node;
    }

    private static Job Expect(WaitingLine line, RunningJobs? running = null)
    {
        var job = new Job { CorrelationId = Guid.NewGuid() };
        line.Expect(job, (running ?? new RunningJobs()).Carry(job.Id));
        return job;
    }

    private sealed class BreakableWakeUps : IWakeUps
    {
        private int _failed;

        public IWakeUps Inner { get; set; } = null!;
        public volatile bool Broken;
        public volatile bool Loses;

        public int Failed => Volatile.Read(ref _failed);

        public bool StayInProcess => Inner.StayInProcess;

        public Task SendAsync(Lane lane, IReadOnlyList<Guid> jobs, CancellationToken cancellation)
        {
            if (Loses)
                return Task.CompletedTask;
            if (!Broken)
                return Inner.SendAsync(lane, jobs, cancellation);
            Interlocked.Increment(ref _failed);
            throw new IOException("The bus takes nothing.");
        }
    }

    private static void Run(WaitingLine line, int times, TimeSpan each)
    {
        for (var i = 0; i < times; i++)
            line.Ran(each);
    }
}
