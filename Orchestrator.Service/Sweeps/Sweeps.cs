using Npgsql;
using Orchestrator.AmazonSqs;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Nodes;
using Orchestrator.Persistence.Outbox;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Nodes;

namespace Orchestrator.Service.Sweeps;

/// <summary>Looks at all leases; two stale looks in a row make a node dead, and its runs are queued again.</summary>
internal sealed class NodeSweep(NpgsqlDataSource database, NodeLease lease, DeadNodes dead, ILogger<NodeSweep> log) : Sweep(log)
{
    private const int StaleObservations = 2;
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(7);

    protected override async Task SweepAsync(CancellationToken cancellation)
    {
        // After a stall of the database all leases are over, this node's too: whoever lives has renewed by the next turn.
        if (!lease.IsHeld)
            return;
        var stale = await NodeLedger.ObserveAsync(database, StaleObservations, cancellation);
        Did("leasesRunOut", stale.Count);
        Did("nodesDead", stale.Count(node => node.DeadReason is not null));
        await dead.TakeBackAsync(cancellation);
        Did("nodesForgotten", await NodeLedger.ForgetAsync(database, Remembered, cancellation));
    }
}

/// <summary>Sends wake-ups again that nobody claimed for long.</summary>
internal sealed class WakeUpSweep(NpgsqlDataSource database, WorkSignal signal, SweepOptions options, TimeProvider time, ILogger<WakeUpSweep> log) : Sweep(log)
{
    protected override async Task SweepAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var lost = await JobLedger.ForgetLostWakeUpsAsync(connection, time.GetUtcNow() - options.WakeUpLostAfter, cancellation);
        Did("wakeUpsLost", lost.Count);
        foreach (var lane in lost.GroupBy(l => l))
        {
            log.WakeUpsLost(lane.Key, lane.Count(), options.WakeUpLostAfter);
            signal.Submitted(lane.Key);
        }
    }
}

/// <summary>Forgets messages that can't come again.</summary>
internal sealed class InboxSweep(NpgsqlDataSource database, SweepOptions options, ILogger<InboxSweep> log) : Sweep(log)
{
    protected override Task SweepAsync(CancellationToken cancellation) =>
        Inbox.PurgeAsync(database, options.InboxRetention, cancellationToken: cancellation);
}

/// <summary>Removes response queues whose owner died.</summary>
internal sealed class JanitorSweep(TemporaryQueueJanitor janitor, BusOptions bus, ILogger<JanitorSweep> log) : Sweep(log)
{
    protected override Task SweepAsync(CancellationToken cancellation) => janitor.Sweep(bus.Prefix, cancellationToken: cancellation);
}
