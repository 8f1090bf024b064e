using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orchestrator.Persistence.Nodes;
using Orchestrator.Service.Claim;
using Orchestrator.Service.Nodes;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine.Guards;

[Trait("Requirement", "REAP-5")]
public sealed class NodeLeaseTests
{
    [Fact]
    public async Task A_node_that_cannot_renew_its_lease_claims_and_dispatches_nothing_ends_its_runs_and_goes_on_when_it_can()
    {
        var work = new HeldWork();
        await using var node = await EngineNode.StartAsync(work.RunAsync, null, ("Node:Heartbeat", "00:00:00.300"), ("Node:Lease", "00:00:01"), ("Database:StalledTransaction", "00:05:00"));
        var running = await node.SubmitAsync();
        await Eventually.IsTrueAsync(() => work.Now == 1, "one runs");
        var lease = node.Services.GetRequiredService<NodeLease>();
        Guid waiting;
        await using (var holder = await node.Database.OpenConnectionAsync())
        {
            await using var transaction = await holder.BeginTransactionAsync();
            await using (var hold = new NpgsqlCommand("SELECT FROM orchestrator.node FOR UPDATE", holder))
                await hold.ExecuteNonQueryAsync();

            await Eventually.IsTrueAsync(() => !lease.IsHeld, "the lease is over");
            waiting = await node.SubmitAsync();
            var (answer, _) = await node.Services.GetRequiredService<Claims>().ClaimAsync(waiting, node.Services.GetRequiredService<Lanes>()["work"]);
            Assert.Equal(ClaimAnswer.Refused, answer);
            Assert.Null((await node.Jobs.GetAsync(waiting))!.DispatchedAt);
            await Eventually.IsTrueAsync(() => work.Now == 0, "its run is stopped, because others may take it now");
        }

        await Eventually.IsTrueAsync(() => lease.IsHeld, "it holds its lease again");
        work.LetGo();
        await node.BecomesAsync(waiting, "Succeeded");
        await node.BecomesAsync(running, "Succeeded"); // stopped by itself and taken by nobody: found as stranded
    }

    [Fact]
    [Trait("Requirement", "REAP-5")]
    public async Task Two_looks_that_come_at_once_are_one()
    {
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()));
        var other = new NodeIdentity(Guid.NewGuid(), "another host", "other", 1, 1);
        await NodeLedger.RegisterAsync(node.Database, other, TimeSpan.FromMinutes(10), CancellationToken.None);
        await node.ExecuteAsync("UPDATE orchestrator.node SET renewed_at = now() - interval '1 h' WHERE id = $1", other.Id);

        var first = await NodeLedger.ObserveAsync(node.Database, 2, CancellationToken.None);
        var second = await NodeLedger.ObserveAsync(node.Database, 2, CancellationToken.None);

        Assert.Equal((other.Id, "other", null), Assert.Single(first, seen => seen.Id == other.Id)); // the node of the test may be late, too
        Assert.DoesNotContain(second, seen => seen.Id == other.Id);
        Assert.Equal(1L, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.node WHERE id = $1 AND dead_at IS NULL", other.Id));
    }

    [Fact]
    public async Task A_lease_that_ran_out_makes_a_node_dead_only_when_it_is_seen_twice_in_a_row()
    {
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()));
        var other = new NodeIdentity(Guid.NewGuid(), "another host", "other", 1, 1);
        await NodeLedger.RegisterAsync(node.Database, other, TimeSpan.FromMilliseconds(1), CancellationToken.None);
        var lasting = other with { Id = Guid.NewGuid() };
        await NodeLedger.RegisterAsync(node.Database, lasting, TimeSpan.FromHours(1), CancellationToken.None);

        Assert.Equal((other.Id, null), await ObserveAsync());
        Assert.NotNull(await NodeLedger.RenewAsync(node.Database, other.Id, CancellationToken.None));
        Assert.Equal((other.Id, null), await ObserveAsync()); // the renewal counted: from the start again
        var (dead, reason) = await ObserveAsync();
        Assert.Equal(other.Id, dead);
        Assert.StartsWith("its lease of 00:00:00.001 ran out", reason, StringComparison.Ordinal);
        Assert.Null(await NodeLedger.RenewAsync(node.Database, other.Id, CancellationToken.None));

        async Task<(Guid Id, string? Reason)> ObserveAsync()
        {
            var seen = await Eventually.IsAsync(async () =>
            {
                var stale = await NodeLedger.ObserveAsync(node.Database, staleObservations: 2, CancellationToken.None);
                Assert.DoesNotContain(stale, its => its.Id == lasting.Id);
                return stale;
            }, stale => stale.Any(its => its.Id == other.Id), "its lease is stale");
            var (id, _, reason) = Assert.Single(seen, its => its.Id == other.Id);
            return (id, reason);
        }
    }
}
