using Orchestrator.Service.Claim;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Run;
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
    [Trait("Requirement", "JOB-2")]
    [Trait("Requirement", "PROT-3")]
    public async Task Quick_jobs_that_wait_for_a_permit_are_claimed_together_run_one_by_one_and_are_queued_again_when_the_node_stops()
    {
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
        }, null, ("Lanes:work:Permits", "1"), ("Lanes:work:Prefetch", "200"), ("Lanes:work:ClaimQuickAlong", "true"), ("Node:Drain", "00:00:00"));

        await node.Jobs.SubmitAsync([.. Enumerable.Range(0, 400).Select(_ => new JobRequest("work"))]);
        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE state = 'Succeeded'"), n => n == 400, "all have run");
        Assert.Equal(1, most);
        Assert.True(await node.ScalarAsync<long>("SELECT count(DISTINCT started_at) FROM orchestrator.job") < 400, "no claim took anybody along");

        await node.Jobs.SubmitAsync([.. Enumerable.Range(0, 50).Select(_ => new JobRequest("work", """{"stuck":true}"""))]);
        await stuck.Task;
        await node.StopAsync();

        Assert.Equal(50, await CountAsync("state = 'Queued' AND run_id IS NULL AND attempts = 0 AND losses = 0"));
        Assert.Equal(1, most);

        async Task<long> CountAsync(string where)
        {
            await using var database = Npgsql.NpgsqlDataSource.Create(node.ConnectionString);
            await using var command = database.CreateCommand($"SELECT count(*) FROM orchestrator.job WHERE {where}");
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }

    private static void Run(WaitingLine line, int times, TimeSpan each)
    {
        for (var i = 0; i < times; i++)
            line.Ran(each);
    }
}
