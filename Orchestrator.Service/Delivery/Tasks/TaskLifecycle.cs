using MassTransit;
using Orchestrator.Persistence.Tasks;

namespace Orchestrator.Service.Delivery.Tasks;

/// <summary>
/// The only place that decides what follows on what for a task. Which stage follows on which is the pipeline's; here is what may happen in each state.
/// What is late and harmless in a state is named there; everything else is refused by name.
/// </summary>
public sealed class TaskLifecycle : MassTransitStateMachine<DeliveryTask>
{
#pragma warning disable format // the columns are the point
    public TaskLifecycle()
    {
        InstanceState(task => task.State);

        Initially(
            When(Opened)        .Enter()                        .TransitionTo(Working));

        WhenLeave(Waiting, task => task.ForgetLook());
        WhenLeave(Held, task => task.ForgetHold());

        During(Working,                                           // a job of the stage is queued or runs
            When(Advanced)      .Enter(),
            When(Completed)     .End()                          .TransitionTo(Done),
            When(SentBack)      .ChargeRetry()  .Enter(),
            When(GaveUp)        .End()                          .TransitionTo(Failed),
            When(GatesWait)     .LookLater()                    .TransitionTo(Waiting),
            When(HeldUp)        .Explain()                      .TransitionTo(Held),
            When(PauseAsked)    .Pause(),
            When(ResumeAsked)   .Resume(),
            When(CancelAsked)   .End()                          .TransitionTo(Cancelled),
            Late(WentOn));

        During(Waiting,                                           // the job has ended, and the gates have no answer yet
            When(Advanced)      .Enter()                        .TransitionTo(Working),
            When(Completed)     .End()                          .TransitionTo(Done),
            When(SentBack)      .ChargeRetry()  .Enter()        .TransitionTo(Working),
            When(GaveUp)        .End()                          .TransitionTo(Failed),
            When(GatesWait)     .LookLater(),
            When(HeldUp)        .Explain()                      .TransitionTo(Held),
            When(StageRetried)  .Enter()                        .TransitionTo(Working),
            When(PauseAsked)    .Pause(),
            When(ResumeAsked)   .Resume(),
            When(CancelAsked)   .End()                          .TransitionTo(Cancelled),
            Late(WentOn));

        During(Held,                                              // for no fault of its own: waits for a person, or for what it lacks
            When(WentOn)        .ForgetReason()                 .TransitionTo(Working),
            When(StageRetried)  .Enter()                        .TransitionTo(Working),
            When(PauseAsked)    .Pause(),
            When(ResumeAsked)   .Resume(),
            When(CancelAsked)   .End()                          .TransitionTo(Cancelled),
            Late(Advanced), Late(Completed), Late(SentBack), Late(GaveUp), Late(GatesWait), Late(HeldUp));

        During(Done,
            Late(Advanced), Late(Completed), Late(SentBack), Late(GaveUp), Late(GatesWait), Late(HeldUp), Late(WentOn));

        During(Failed,
            When(StageRetried)  .ResetRetries() .Enter()        .TransitionTo(Working),
            Late(Advanced), Late(Completed), Late(SentBack), Late(GaveUp), Late(GatesWait), Late(HeldUp), Late(WentOn));

        During(Cancelled,
            When(StageRetried)  .ResetRetries() .Enter()        .TransitionTo(Working),
            Late(Advanced), Late(Completed), Late(SentBack), Late(GaveUp), Late(GatesWait), Late(HeldUp), Late(WentOn), Late(CancelAsked));
    }
#pragma warning restore format

    /// <summary>As they are stored and shown.</summary>
    internal static readonly IReadOnlyList<string> StateNames = [nameof(Working), nameof(Waiting), nameof(Held), nameof(Done), nameof(Failed), nameof(Cancelled)];

    public State Working { get; private set; } = null!;
    public State Waiting { get; private set; } = null!;
    public State Held { get; private set; } = null!;
    public State Done { get; private set; } = null!;
    public State Failed { get; private set; } = null!;
    public State Cancelled { get; private set; } = null!;

    public Event<Opened> Opened { get; private set; } = null!;
    public Event<Advanced> Advanced { get; private set; } = null!;
    public Event<Completed> Completed { get; private set; } = null!;
    public Event<SentBack> SentBack { get; private set; } = null!;
    public Event<GaveUp> GaveUp { get; private set; } = null!;
    public Event<GatesWait> GatesWait { get; private set; } = null!;
    public Event<HeldUp> HeldUp { get; private set; } = null!;
    public Event<WentOn> WentOn { get; private set; } = null!;
    public Event<StageRetried> StageRetried { get; private set; } = null!;
    public Event<PauseAsked> PauseAsked { get; private set; } = null!;
    public Event<ResumeAsked> ResumeAsked { get; private set; } = null!;
    public Event<TaskCancelAsked> CancelAsked { get; private set; } = null!;

    private EventActivities<DeliveryTask> Late<T>(Event<T> late) where T : class => Ignore(late);
}
