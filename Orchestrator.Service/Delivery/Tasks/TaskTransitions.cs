using Orchestrator.Persistence.Outbox;
using Orchestrator.Persistence.Sagas;
using Orchestrator.Persistence.Tasks;

namespace Orchestrator.Service.Delivery.Tasks;

/// <summary>The task lifecycle's door inside the process: applies an event to a task that the caller has locked, in memory.</summary>
internal sealed class TaskTransitions(SagaDoor<TaskLifecycle, DeliveryTask> door, OutboxWriter outbox)
{
    /// <returns>False if nothing changed: the event is late in this state, or refused by it. Nothing may be written then.</returns>
    public async ValueTask<bool> ApplyAsync(DeliveryTask task, object @event)
    {
        var events = outbox.Collect(); // a task publishes nothing
        var transition = @event switch
        {
            Opened e => await door.Raise(task, e, events),
            Advanced e => await door.Raise(task, e, events),
            Completed e => await door.Raise(task, e, events),
            SentBack e => await door.Raise(task, e, events),
            GaveUp e => await door.Raise(task, e, events),
            GatesWait e => await door.Raise(task, e, events),
            HeldUp e => await door.Raise(task, e, events),
            WentOn e => await door.Raise(task, e, events),
            StageRetried e => await door.Raise(task, e, events),
            PauseAsked e => await door.Raise(task, e, events),
            ResumeAsked e => await door.Raise(task, e, events),
            TaskCancelAsked e => await door.Raise(task, e, events),
            _ => throw new ArgumentException($"{@event.GetType().Name} is not an event of the lifecycle.", nameof(@event)),
        };
        return transition.Outcome == RaiseOutcome.Accepted && (transition.From != transition.To || Stays(transition.From, @event));
    }

    // The rows of the table that change the task and not its state; whatever else leaves the state as it is came late.
    private static bool Stays(string state, object @event) => state switch
    {
        nameof(TaskLifecycle.Working) => @event is Advanced or SentBack or PauseAsked or ResumeAsked,
        nameof(TaskLifecycle.Waiting) => @event is GatesWait or PauseAsked or ResumeAsked,
        nameof(TaskLifecycle.Held) => @event is PauseAsked or ResumeAsked,
        _ => false,
    };
}
