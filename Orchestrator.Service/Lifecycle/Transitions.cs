using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Outbox;
using Orchestrator.Persistence.Sagas;

namespace Orchestrator.Service.Lifecycle;

/// <summary>
/// The lifecycle's door inside the process: applies an event to a job that the caller has locked or fenced, in memory. The caller then
/// writes the job and what the machine published in the same transaction, and hands the messages on after the commit.
/// </summary>
internal sealed class Transitions(SagaDoor<JobLifecycle, Job> door, OutboxWriter outbox)
{
    /// <summary>Catches what the machine publishes; one for a transaction.</summary>
    public OutboxCollector Collect() => outbox.Collect();

    /// <returns>False if nothing changed: the event is late in this state, or refused by it. Nothing may be written then.</returns>
    public async ValueTask<bool> ApplyAsync(Job job, object @event, OutboxCollector events)
    {
        var transition = @event switch
        {
            Claimed e => await door.Raise(job, e, events),
            WorkDone e => await door.Raise(job, e, events),
            Enqueued e => await door.Raise(job, e, events),
            ClaimRefused e => await door.Raise(job, e, events),
            WorkEnded e => await door.Raise(job, e, events),
            WillRetry e => await door.Raise(job, e, events),
            WorkFailed e => await door.Raise(job, e, events),
            WorkCancelled e => await door.Raise(job, e, events),
            HandedBack e => await door.Raise(job, e, events),
            RunLost e => await door.Raise(job, e, events),
            Quarantined e => await door.Raise(job, e, events),
            CancelAsked e => await door.Raise(job, e, events),
            RetryAsked e => await door.Raise(job, e, events),
            Obstructed e => await door.Raise(job, e, events),
            Healed e => await door.Raise(job, e, events),
            Spawned e => await door.Raise(job, e, events),
            Adopted e => await door.Raise(job, e, events),
            BackedOff e => await door.Raise(job, e, events),
            PutOnHold e => await door.Raise(job, e, events),
            Released e => await door.Raise(job, e, events),
            _ => throw new ArgumentException($"{@event.GetType().Name} is not an event of the lifecycle.", nameof(@event)),
        };
        return transition.Outcome == RaiseOutcome.Accepted && (transition.From != transition.To || Stays(transition.From, @event));
    }

    // The rows of the table that change the job and not its state; whatever else leaves the state as it is came late.
    private static bool Stays(string state, object @event) => state switch
    {
        nameof(JobLifecycle.Queued) => @event is ClaimRefused or Obstructed or Healed,
        nameof(JobLifecycle.Running) => @event is CancelAsked or Adopted or Spawned,
        nameof(JobLifecycle.Finalizing) => @event is CancelAsked or Adopted,
        _ => false,
    };

    /// <summary>Stores what the machine published, in the connection's transaction.</summary>
    public static Task StoreAsync(NpgsqlTransaction transaction, OutboxCollector events, CancellationToken cancellation) =>
        OutboxWriter.AppendAsync(transaction, events.Rows, cancellation);

    /// <summary>After the commit: hands the stored messages to delivery at once. If the process dies before, recovery finds the rows.</summary>
    public void Deliver(OutboxCollector events)
    {
        if (events.Rows.Count > 0)
            outbox.HandOver(events.Rows);
    }
}
