using Npgsql;
using Orchestrator.AmazonSqs;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Nodes;
using Orchestrator.Persistence.Outbox;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Nodes;
using Quartz;

namespace Orchestrator.Service.Sweeps;

/// <summary>A sweep: runs on one node at a time, repeats what is left over, and never throws.</summary>
internal abstract class Sweep(ILogger log) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        try
        {
            await SweepAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            log.SweepFailed(GetType().Name, exception);
        }
    }

    protected abstract Task SweepAsync(CancellationToken cancellation);
}

/// <summary>Looks at all leases; two stale looks in a row make a node dead, and its runs are queued again.</summary>
[DisallowConcurrentExecution]
internal sealed class NodeSweep(NpgsqlDataSource database, DeadNodes dead, ILogger<NodeSweep> log) : Sweep(log)
{
    private const int StaleObservations = 2;
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(7);

    protected override async Task SweepAsync(CancellationToken cancellation)
    {
        await NodeLedger.ObserveAsync(database, StaleObservations, cancellation);
        await dead.TakeBackAsync(cancellation);
        await NodeLedger.ForgetAsync(database, Remembered, cancellation);
    }
}

/// <summary>Sends wake-ups again that nobody claimed for long.</summary>
[DisallowConcurrentExecution]
internal sealed class WakeUpSweep(NpgsqlDataSource database, WorkSignal signal, SweepOptions options, TimeProvider time, ILogger<WakeUpSweep> log) : Sweep(log)
{
    protected override async Task SweepAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var lost = await JobLedger.ForgetLostWakeUpsAsync(connection, time.GetUtcNow() - options.WakeUpLostAfter, cancellation);
        foreach (var lane in lost.GroupBy(l => l))
        {
            log.WakeUpsLost(lane.Key, lane.Count(), options.WakeUpLostAfter);
            signal.Submitted(lane.Key);
        }
    }
}

/// <summary>Forgets messages that can't come again.</summary>
[DisallowConcurrentExecution]
internal sealed class InboxSweep(NpgsqlDataSource database, SweepOptions options, ILogger<InboxSweep> log) : Sweep(log)
{
    protected override Task SweepAsync(CancellationToken cancellation) =>
        Inbox.PurgeAsync(database, options.InboxRetention, cancellationToken: cancellation);
}

/// <summary>Removes response queues whose owner died.</summary>
[DisallowConcurrentExecution]
internal sealed class JanitorSweep(TemporaryQueueJanitor janitor, BusOptions bus, ILogger<JanitorSweep> log) : Sweep(log)
{
    protected override Task SweepAsync(CancellationToken cancellation) => janitor.Sweep(bus.Prefix, cancellationToken: cancellation);
}
