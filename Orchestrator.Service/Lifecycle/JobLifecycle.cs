using MassTransit;
using Orchestrator.Persistence.Jobs;

namespace Orchestrator.Service.Lifecycle;

/// <summary>
/// The only place that decides what follows on what. One block per state, in order of life; one row per event. What is late and
/// harmless in a state is named there; everything else is refused by name. <c>docs/lifecycle.md</c> is generated from this table.
/// </summary>
public sealed class JobLifecycle : MassTransitStateMachine<Job>
{
#pragma warning disable format // the columns are the point
    public JobLifecycle()
    {
        InstanceState(job => job.State);

        Initially(
            When(Enqueued)      .Admit()                               .TransitionTo(Queued));

        WhenEnter(Queued, job => job.ForgetOwner());              // the one place that clears ownership, whatever the way in

        During(Queued,                                            // nobody owns it
            When(Claimed)       .StampOwner()                          .TransitionTo(Running),
            When(ClaimRefused)  .ForgetWakeUp(),
            When(CancelAsked)   .RecordCancel()   .Announce(Cancelled) .TransitionTo(Cancelled),
            Late(RunLost), Late(Quarantined), Late(HandedBack));

        During(Running,                                           // exactly one owner holds the run
            When(WorkEnded)                                            .TransitionTo(Finalizing),
            When(WorkDone)      .RecordResult()   .Announce(Succeeded) .TransitionTo(Succeeded),
            When(WillRetry)     .ChargeAttempt()  .Schedule()          .TransitionTo(Queued),
            When(WorkFailed)    .ChargeAttempt()  .Announce(Failed)    .TransitionTo(Failed),
            When(WorkCancelled) .RecordEnd()      .Announce(Cancelled) .TransitionTo(Cancelled),
            When(HandedBack)    .RecordReason()                        .TransitionTo(Queued),
            When(RunLost)       .CountLoss()                           .TransitionTo(Queued),
            When(Quarantined)   .CountLastLoss()                       .TransitionTo(Held),
            When(CancelAsked)   .NoteCancel(),                                                      // the owner ends its own work
            Late(Claimed), Late(ClaimRefused));

        During(Finalizing,                                        // the same owner carries out the effects
            When(WorkDone)      .RecordResult()   .Announce(Succeeded) .TransitionTo(Succeeded),
            When(WillRetry)     .ChargeAttempt()  .Schedule()          .TransitionTo(Queued),
            When(WorkFailed)    .ChargeAttempt()  .Announce(Failed)    .TransitionTo(Failed),
            When(WorkCancelled) .RecordEnd()      .Announce(Cancelled) .TransitionTo(Cancelled),
            When(HandedBack)    .RecordReason()                        .TransitionTo(Queued),
            When(RunLost)       .CountLoss()                           .TransitionTo(Queued),
            When(Quarantined)   .CountLastLoss()                       .TransitionTo(Held),
            When(CancelAsked)   .NoteCancel(),
            Late(Claimed), Late(ClaimRefused));

        WhenEnter(Held, job => job.ForgetOwner());

        During(Held,                                              // waits for a person
            When(RetryAsked)    .ResetBudgets()                        .TransitionTo(Queued),
            When(CancelAsked)   .RecordCancel()   .Announce(Cancelled) .TransitionTo(Cancelled),
            Late(Claimed), Late(ClaimRefused), Late(RunLost), Late(Quarantined), Late(HandedBack));

        During(Succeeded,
            Late(Claimed), Late(ClaimRefused), Late(RunLost), Late(Quarantined), Late(HandedBack));

        During(Failed,
            When(RetryAsked)    .ResetBudgets()                        .TransitionTo(Queued),
            Late(Claimed), Late(ClaimRefused), Late(RunLost), Late(Quarantined), Late(HandedBack));

        During(Cancelled,
            When(RetryAsked)    .ResetBudgets()                        .TransitionTo(Queued),
            Late(Claimed), Late(ClaimRefused), Late(RunLost), Late(Quarantined), Late(HandedBack), Late(CancelAsked));
    }
#pragma warning restore format

    /// <summary>As they are stored and shown, in the order of a job's life.</summary>
    internal static readonly IReadOnlyList<string> StateNames =
        [nameof(Queued), nameof(Running), nameof(Finalizing), nameof(Held), nameof(Succeeded), nameof(Failed), nameof(Cancelled)];

    public State Queued { get; private set; } = null!;
    public State Running { get; private set; } = null!;
    public State Finalizing { get; private set; } = null!;
    public State Held { get; private set; } = null!;
    public State Succeeded { get; private set; } = null!;
    public State Failed { get; private set; } = null!;
    public State Cancelled { get; private set; } = null!;

    public Event<Enqueued> Enqueued { get; private set; } = null!;
    public Event<Claimed> Claimed { get; private set; } = null!;
    public Event<ClaimRefused> ClaimRefused { get; private set; } = null!;
    public Event<WorkEnded> WorkEnded { get; private set; } = null!;
    public Event<WorkDone> WorkDone { get; private set; } = null!;
    public Event<WillRetry> WillRetry { get; private set; } = null!;
    public Event<WorkFailed> WorkFailed { get; private set; } = null!;
    public Event<WorkCancelled> WorkCancelled { get; private set; } = null!;
    public Event<HandedBack> HandedBack { get; private set; } = null!;
    public Event<RunLost> RunLost { get; private set; } = null!;
    public Event<Quarantined> Quarantined { get; private set; } = null!;
    public Event<CancelAsked> CancelAsked { get; private set; } = null!;
    public Event<RetryAsked> RetryAsked { get; private set; } = null!;

    private EventActivities<Job> Late<T>(Event<T> late) where T : class => Ignore(late);
}
