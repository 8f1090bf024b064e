using MassTransit;
using Orchestrator.Persistence.Tasks;

namespace Orchestrator.Service.Delivery.Tasks;

/// <summary>What the rows of the table do: set fields. No I/O, no clock, no decision.</summary>
internal static class TaskVerbs
{
    public static EventActivityBinder<DeliveryTask, Opened> Enter(this EventActivityBinder<DeliveryTask, Opened> when) => when.Then(context => Enter(context.Saga, context.Message.Entry, null));

    public static EventActivityBinder<DeliveryTask, Advanced> Enter(this EventActivityBinder<DeliveryTask, Advanced> when) => when.Then(context =>
    {
        Enter(context.Saga, context.Message.Entry, null);
        if (context.Message.NewHead)
            context.Saga.NewHeads++;
    });

    public static EventActivityBinder<DeliveryTask, SentBack> Enter(this EventActivityBinder<DeliveryTask, SentBack> when) =>
        when.Then(context =>
        {
            Enter(context.Saga, context.Message.Entry, context.Message.Note);
            context.Saga.NewHeads = 0;
        });

    // Who begins the stage anew must know what it was sent back for as much as who began it before.
    public static EventActivityBinder<DeliveryTask, StageRetried> Enter(this EventActivityBinder<DeliveryTask, StageRetried> when) =>
        when.Then(context =>
        {
            Enter(context.Saga, context.Message.Entry, context.Saga.Note);
            context.Saga.NewHeads = 0;
        });

    private static void Enter(DeliveryTask task, Entry entry, string? note)
    {
        task.Stage = entry.Stage;
        task.Step = entry.Step;
        task.StageSince = entry.At;
        task.JobId = entry.Job;
        task.LookAt = null;
        task.Reason = null;
        task.Note = note;
        task.EndedAt = null;
    }

    public static EventActivityBinder<DeliveryTask, SentBack> ChargeRetry(this EventActivityBinder<DeliveryTask, SentBack> when) => when.Then(context => context.Saga.Retries++);

    public static EventActivityBinder<DeliveryTask, StageRetried> ResetRetries(this EventActivityBinder<DeliveryTask, StageRetried> when) => when.Then(context => context.Saga.Retries = 0);

    public static EventActivityBinder<DeliveryTask, Completed> End(this EventActivityBinder<DeliveryTask, Completed> when) => when.Then(context => End(context.Saga, context.Message.At, null));

    public static EventActivityBinder<DeliveryTask, GaveUp> End(this EventActivityBinder<DeliveryTask, GaveUp> when) => when.Then(context => End(context.Saga, context.Message.At, context.Message.Reason));

    public static EventActivityBinder<DeliveryTask, TaskCancelAsked> End(this EventActivityBinder<DeliveryTask, TaskCancelAsked> when) =>
        when.Then(context => End(context.Saga, context.Message.At, context.Message.Reason));

    private static void End(DeliveryTask task, DateTimeOffset at, string? reason)
    {
        task.EndedAt = at;
        task.Reason = reason;
        task.PausedAt = null;
        task.PauseReason = null;
    }

    public static EventActivityBinder<DeliveryTask, GatesWait> LookLater(this EventActivityBinder<DeliveryTask, GatesWait> when) => when.Then(context =>
    {
        context.Saga.LookAt = context.Message.LookAt;
        context.Saga.Reason = context.Message.Reason;
    });

    public static EventActivityBinder<DeliveryTask> ForgetLook(this EventActivityBinder<DeliveryTask> leaving) => leaving.Then(context => context.Saga.LookAt = null);

    public static EventActivityBinder<DeliveryTask, HeldUp> Explain(this EventActivityBinder<DeliveryTask, HeldUp> when) => when.Then(context =>
    {
        context.Saga.Reason = context.Message.Reason;
        context.Saga.HeldForJob = context.Message.ForJob;
    });

    public static EventActivityBinder<DeliveryTask, WentOn> ForgetReason(this EventActivityBinder<DeliveryTask, WentOn> when) => when.Then(context => context.Saga.Reason = null);

    public static EventActivityBinder<DeliveryTask> ForgetHold(this EventActivityBinder<DeliveryTask> leaving) => leaving.Then(context => context.Saga.HeldForJob = false);

    public static EventActivityBinder<DeliveryTask, PauseAsked> Pause(this EventActivityBinder<DeliveryTask, PauseAsked> when) => when.Then(context =>
    {
        context.Saga.PausedAt ??= context.Message.At;
        context.Saga.PauseReason = context.Message.Reason;
    });

    public static EventActivityBinder<DeliveryTask, ResumeAsked> Resume(this EventActivityBinder<DeliveryTask, ResumeAsked> when) => when.Then(context =>
    {
        context.Saga.PausedAt = null;
        context.Saga.PauseReason = null;
    });
}
