using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine.Guards;

/// <summary>What a run can still write after its job became somebody else's, or nobody's: nothing.</summary>
[Trait("Requirement", "PROT-6")]
public sealed class FenceTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("storing")]
    [InlineData("failing")]
    [InlineData("retrying")]
    [InlineData("stopped")]
    public async Task A_run_that_was_replaced_writes_nothing_however_it_ends(string ending)
    {
        var work = new HeldWork();
        await using var node = await EngineNode.StartAsync(work.RunAsync);
        await node.ExecuteAsync("CREATE TABLE late_output (run_id bigint)");
        var id = await node.SubmitAsync();
        await Eventually.IsTrueAsync(() => work.Now == 1, "it runs");
        var replaced = (await node.Jobs.GetAsync(id))!;
        replaced.RunId--; // the run before this one

        var won = await node.Services.GetRequiredService<Finalizer>().EndAsync(replaced, Ending(ending), node.Services.GetRequiredService<Lanes>()["work"], CancellationToken.None);

        Assert.False(won);
        Assert.Equal(("Running", 0L), ((await node.Jobs.GetAsync(id))!.State, await node.ScalarAsync<long>("SELECT count(*) FROM late_output")));
        work.LetGo();
        await node.BecomesAsync(id, "Succeeded");
    }

    [Fact]
    public async Task A_run_that_was_replaced_does_not_begin_its_effect()
    {
        var work = new HeldWork();
        await using var node = await EngineNode.StartAsync(work.RunAsync);
        var id = await node.SubmitAsync();
        await Eventually.IsTrueAsync(() => work.Now == 1, "it runs");
        var replaced = (await node.Jobs.GetAsync(id))!;
        replaced.RunId--;

        Assert.Null(await node.Services.GetRequiredService<Finalizer>().BeginEffectAsync(replaced, CancellationToken.None));

        Assert.Equal("Running", (await node.Jobs.GetAsync(id))!.State);
        work.LetGo();
    }

    [Fact]
    [Trait("Requirement", "JOB-5")]
    public async Task A_run_that_the_database_gives_a_living_node_and_that_nothing_carries_is_queued_again()
    {
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()), null, ("Node:Heartbeat", "00:00:00.200"));
        await node.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = now()");
        var id = await node.SubmitAsync();

        // As after a claim whose commit arrived and whose answer was lost on the way.
        Assert.Equal(1, await node.ExecuteAsync(
            """
            UPDATE orchestrator.job SET state = 'Running', dispatched_at = NULL, dispatched_by = NULL, run_id = nextval('orchestrator.run_id'),
                   owner_node = n.id, owner_host = n.host, owner_pid = n.pid, owner_process_start = n.process_start, started_at = now()
            FROM orchestrator.node n WHERE job.id = $1
            """, id));
        await node.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = NULL");

        Assert.Equal(1, (await node.BecomesAsync(id, "Succeeded")).Losses);
    }

    [Fact]
    [Trait("Requirement", "JOB-5")]
    public async Task A_run_that_works_for_many_heartbeats_is_left_alone()
    {
        var work = new HeldWork();
        await using var node = await EngineNode.StartAsync(work.RunAsync, null, ("Node:Heartbeat", "00:00:00.100"), ("Node:Lease", "00:00:05"));
        var id = await node.SubmitAsync();
        await Eventually.IsTrueAsync(() => work.Now == 1, "it runs");
        var renewed = await RenewedAsync();

        await Eventually.IsAsync(RenewedAsync, now => now > renewed + TimeSpan.FromSeconds(1), "ten heartbeats have passed");
        work.LetGo();

        Assert.Equal(0, (await node.BecomesAsync(id, "Succeeded")).Losses);
        Assert.Single(work.Begun);

        async Task<DateTime> RenewedAsync() => await node.ScalarAsync<DateTime>("SELECT renewed_at FROM orchestrator.node");
    }

    [Fact]
    [Trait("Requirement", "JOB-2")]
    public async Task A_job_that_was_taken_from_a_run_runs_again_on_the_same_node_while_the_old_run_is_still_on_its_way_out()
    {
        var old = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var runs = 0;
        await using var node = await EngineNode.StartAsync(async (_, _) =>
        {
            if (Interlocked.Increment(ref runs) == 1)
                await old.Task; // looks at no token
            return JobOutcome.Done();
        });
        var id = await node.SubmitAsync();
        await Eventually.IsTrueAsync(() => Volatile.Read(ref runs) == 1, "it runs");

        await node.ExecuteAsync(
            """
            UPDATE orchestrator.job SET state = 'Queued', run_id = NULL, owner_node = NULL, owner_host = NULL, owner_pid = NULL, owner_process_start = NULL, started_at = NULL
            WHERE id = $1
            """, id);

        try
        {
            var ended = await node.BecomesAsync(id, "Succeeded");
            old.SetResult();
            Assert.Equal((2, ended.EndedAt), (runs, (await node.Jobs.GetAsync(id))!.EndedAt));
        }
        finally
        {
            old.TrySetResult(); // the node does not stop before its last run has ended
        }
    }

    [Fact]
    [Trait("Requirement", "JOB-5")]
    public async Task A_node_that_stalls_inside_a_transaction_loses_its_locks_to_the_server()
    {
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()), null, ("Database:StalledTransaction", "00:00:01"));
        await using var stalled = await node.Database.OpenConnectionAsync();
        await using var transaction = await stalled.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("SELECT FROM orchestrator.lane FOR UPDATE", stalled))
            await hold.ExecuteNonQueryAsync();

        Assert.Equal(1, await node.ExecuteAsync("UPDATE orchestrator.lane SET pause_reason = 'the lock is free again'"));
    }

    private static Ending Ending(string name) => name switch
    {
        "plain" => new Ending.Finished(JobOutcome.Done()),
        "storing" => new Ending.Finished(JobOutcome.Done(async (scope, cancellation) =>
        {
            await using var insert = new NpgsqlCommand("INSERT INTO late_output VALUES (1)", scope.Connection, scope.Transaction);
            await insert.ExecuteNonQueryAsync(cancellation);
        })),
        "failing" => new Ending.Finished(JobOutcome.Fail("too late")),
        "retrying" => new Ending.Threw(new InvalidOperationException("too late")),
        _ => new Ending.Stopped(StopReason.NodeStopping),
    };
}
