using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Nodes;
using Orchestrator.Service.Alerts;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Processes;
using Orchestrator.Service.Receive;

namespace Orchestrator.Service.Nodes;

/// <summary>Queues the runs of dead nodes again. Whoever comes second finds no row.</summary>
internal sealed class DeadNodes(
    NpgsqlDataSource database, NodeLease lease, Transitions transitions, WorkSignal signal, LanesOptions lanes, ProcessOptions processes, BusOptions bus, Alerts.Alerts alerts, ILogger<DeadNodes> log)
{
    private const int Batch = 200;

    public async Task TakeBackAsync(CancellationToken cancellation)
    {
        // Without a lease this node can't be told from a host that is gone, and external processes that it could take over would be given up.
        if (!lease.IsHeld)
            return;
        foreach (var (node, name, reason) in await NodeLedger.DeadWithWorkAsync(database, cancellation))
        {
            int batch, runs = 0;
            do
            {
                batch = await TakeBackBatchAsync(node, name, reason, cancellation);
                runs += batch;
            }
            while (batch == Batch);

            // In memory its wake-ups died with it. On SQS a killed node may have held some, which nobody gets before their protection ends; a second
            // one is harmless. A node that stopped has handed them back.
            if (bus.Transport == BusTransport.InMemory || reason != NodeLedger.Stopped)
                await ForgetWakeUpsAsync(node, cancellation);
            if (runs > 0)
                log.RunsTakenBack(node, name, reason, runs);
        }
    }

    /// <summary>Queues one run again that its living node has lost sight of. False if it has ended meanwhile.</summary>
    public async Task<bool> TakeBackAsync(Guid job, long run, string name, string reason, CancellationToken cancellation) =>
        await TakeBackAsync(async connection => await JobLedger.LockRunAsync(connection, job, run, cancellation) is { } row ? [row] : [], name, reason, cancellation) == 1;

    private Task<int> TakeBackBatchAsync(Guid node, string name, string reason, CancellationToken cancellation) =>
        TakeBackAsync(connection => JobLedger.LockRunsOfNodeAsync(connection, node, Batch, lanes.OfProcesses, processes.ReturnWithin, cancellation), name, $"died: {reason}", cancellation);

    private async Task<int> TakeBackAsync(Func<NpgsqlConnection, Task<List<Job>>> lockLost, string name, string what, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var lost = await lockLost(connection);
        var moved = new List<Moved>(lost.Count);
        var events = transitions.Collect();
        foreach (var job in lost)
        {
            var (state, run) = (job.State, job.RunId);
            var limit = lanes.TryGetValue(job.Lane, out var lane) ? lane.MaxLosses : new LaneOptions().MaxLosses;
            var @event = FinalizeDecision.Loss(job, $"Its node {name} {what}.", limit);
            if (await transitions.ApplyAsync(job, @event, events))
                moved.Add(new Moved(job, state, run));
        }

        if (moved.Count > 0)
            await JobLedger.WriteAsync(connection, moved, cancellation);
        await Transitions.StoreAsync(transaction, events, cancellation);
        await transaction.CommitAsync(cancellation);

        transitions.Deliver(events);
        foreach (var held in moved.Where(m => m.Job.HeldFor is not null))
            alerts.Raise(new Alert(AlertKind.JobHeld, held.Job.Id.ToString(), $"Job {held.Job.Id} of lane {held.Job.Lane} is held: {held.Job.Reason} POST /jobs/{held.Job.Id}/retry releases it."));
        foreach (var lane in lost.Select(j => j.Lane).Distinct())
            signal.Submitted(lane);
        return lost.Count;
    }

    private async Task ForgetWakeUpsAsync(Guid node, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        foreach (var lane in (await JobLedger.ForgetWakeUpsOfNodeAsync(connection, node, cancellation)).Distinct())
            signal.Submitted(lane);
    }
}
