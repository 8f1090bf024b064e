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
            When(Obstructed)    .StandAside(),
            When(Healed)        .ForgetOwner(),                                                     // a row from before the constraint, or that somebody broke by hand
            When(CancelAsked)   .RecordCancel()   .Announce(Cancelled) .TransitionTo(Cancelled),
            Late(RunLost), Late(Quarantined), Late(HandedBack), Late(Released));

        During(Running,                                           // exactly one owner holds the run
            When(Spawned)       .StampProcess(),                                                    // its work goes on in a process of its own
            When(Adopted)       .StampHeir(),                                                       // another node of the host takes the process over
            When(WorkEnded)                                            .TransitionTo(Finalizing),
            When(WorkDone)      .RecordResult()   .Announce(Succeeded) .TransitionTo(Succeeded),
            When(WillRetry)     .ChargeAttempt()  .Schedule()          .TransitionTo(Queued),
            When(BackedOff)     .ChargeTransient().Schedule()          .TransitionTo(Queued),
            When(PutOnHold)     .ChargeHold()                          .TransitionTo(Held),
            When(WorkFailed)    .ChargeAttempt()  .Announce(Failed)    .TransitionTo(Failed),
            When(WorkCancelled) .RecordEnd()      .Announce(Cancelled) .TransitionTo(Cancelled),
            When(HandedBack)    .RecordReason()                        .TransitionTo(Queued),
            When(RunLost)       .CountLoss()      .Schedule()          .TransitionTo(Queued),
            When(Quarantined)   .CountLastLoss()                       .TransitionTo(Held),
            When(CancelAsked)   .NoteCancel(),                                                      // the owner ends its own work
            Late(Claimed), Late(ClaimRefused), Late(Obstructed), Late(Healed), Late(Released));

        During(Finalizing,                                        // the same owner carries out the effects
            When(Adopted)       .StampHeir(),
            When(WorkDone)      .RecordResult()   .Announce(Succeeded) .TransitionTo(Succeeded),
            When(WillRetry)     .ChargeAttempt()  .Schedule()          .TransitionTo(Queued),
            When(BackedOff)     .ChargeTransient().Schedule()          .TransitionTo(Queued),
            When(PutOnHold)     .ChargeHold()                          .TransitionTo(Held),
            When(WorkFailed)    .ChargeAttempt()  .Announce(Failed)    .TransitionTo(Failed),
            When(WorkCancelled) .RecordEnd()      .Announce(Cancelled) .TransitionTo(Cancelled),
            When(HandedBack)    .RecordReason()                        .TransitionTo(Queued),
            When(RunLost)       .CountLoss()      .Schedule()          .TransitionTo(Queued),
            When(Quarantined)   .CountLastLoss()                       .TransitionTo(Held),
            When(CancelAsked)   .NoteCancel(),
            Late(Claimed), Late(ClaimRefused), Late(Obstructed), Late(Healed), Late(Released));

        WhenEnter(Held, job => job.ForgetOwner());
        WhenLeave(Held, job => job.ForgetHold());

        During(Held,                                              // waits for a person, or for what it lacks to come back
            When(Released)      .ResetTransient()                      .TransitionTo(Queued),
            When(RetryAsked)    .ResetBudgets()                        .TransitionTo(Queued),
            When(CancelAsked)   .RecordCancel()   .Announce(Cancelled) .TransitionTo(Cancelled),
            Late(Claimed), Late(ClaimRefused), Late(RunLost), Late(Quarantined), Late(HandedBack), Late(Obstructed), Late(Healed));

        During(Succeeded,
            Late(Claimed), Late(ClaimRefused), Late(RunLost), Late(Quarantined), Late(HandedBack), Late(Obstructed), Late(Healed), Late(Released));

        During(Failed,
            When(RetryAsked)    .ResetBudgets()                        .TransitionTo(Queued),
            Late(Claimed), Late(ClaimRefused), Late(RunLost), Late(Quarantined), Late(HandedBack), Late(Obstructed), Late(Healed), Late(Released));

        During(Cancelled,
            When(RetryAsked)    .ResetBudgets()                        .TransitionTo(Queued),
            Late(Claimed), Late(ClaimRefused), Late(RunLost), Late(Quarantined), Late(HandedBack), Late(Obstructed), Late(Healed), Late(Released), Late(CancelAsked));
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
    public Event<Obstructed> Obstructed { get; private set; } = null!;
    public Event<Healed> Healed { get; private set; } = null!;
    public Event<Spawned> Spawned { get; private set; } = null!;
    public Event<Adopted> Adopted { get; private set; } = null!;
    public Event<WorkEnded> WorkEnded { get; private set; } = null!;
    public Event<WorkDone> WorkDone { get; private set; } = null!;
    public Event<WillRetry> WillRetry { get; private set; } = null!;
    public Event<BackedOff> BackedOff { get; private set; } = null!;
    public Event<PutOnHold> PutOnHold { get; private set; } = null!;
    public Event<WorkFailed> WorkFailed { get; private set; } = null!;
    public Event<WorkCancelled> WorkCancelled { get; private set; } = null!;
    public Event<HandedBack> HandedBack { get; private set; } = null!;
    public Event<RunLost> RunLost { get; private set; } = null!;
    public Event<Quarantined> Quarantined { get; private set; } = null!;
    public Event<Released> Released { get; private set; } = null!;
    public Event<CancelAsked> CancelAsked { get; private set; } = null!;
    public Event<RetryAsked> RetryAsked { get; private set; } = null!;

    private EventActivities<Job> Late<T>(Event<T> late) where T : class => Ignore(late);
}
