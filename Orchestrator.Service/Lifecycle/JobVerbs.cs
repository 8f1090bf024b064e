using MassTransit;
using Orchestrator.Contracts;
using Orchestrator.Persistence.Jobs;

namespace Orchestrator.Service.Lifecycle;

/// <summary>What the rows of the table do: set fields or publish. No I/O, no clock, no decision.</summary>
internal static class JobVerbs
{
    public static EventActivityBinder<Job> ForgetOwner(this EventActivityBinder<Job> entering) => entering.Then(context =>
    {
        var job = context.Saga;
        job.RunId = null;
        job.OwnerNode = null;
        job.OwnerHost = null;
        job.OwnerPid = null;
        job.OwnerProcessStart = null;
        job.StartedAt = null;
        job.CancelRequestedAt = null;
        job.DispatchedAt = null;
        job.DispatchedBy = null;
    });

    public static EventActivityBinder<Job, Enqueued> Admit(this EventActivityBinder<Job, Enqueued> when) => when.Then(context =>
        context.Saga.Due = context.Message.Due);

    public static EventActivityBinder<Job, Claimed> StampOwner(this EventActivityBinder<Job, Claimed> when) => when.Then(context =>
    {
        var (node, runId, at) = context.Message;
        var job = context.Saga;
        job.RunId = runId;
        job.OwnerNode = node.Id;
        job.OwnerHost = node.Host;
        job.OwnerPid = node.Pid;
        job.OwnerProcessStart = node.ProcessStart;
        job.StartedAt = at;
        job.CancelRequestedAt = null;
        job.DispatchedAt = null;
        job.DispatchedBy = null;
    });

    public static EventActivityBinder<Job, ClaimRefused> ForgetWakeUp(this EventActivityBinder<Job, ClaimRefused> when) => when.Then(context =>
    {
        context.Saga.DispatchedAt = null;
        context.Saga.DispatchedBy = null;
    });

    public static EventActivityBinder<Job, WorkDone> RecordResult(this EventActivityBinder<Job, WorkDone> when) => when.Then(context =>
    {
        context.Saga.Result = context.Message.Result;
        context.Saga.Reason = null;
        context.Saga.EndedAt = context.Message.At;
    });

    public static EventActivityBinder<Job, WillRetry> ChargeAttempt(this EventActivityBinder<Job, WillRetry> when) => when.Then(context =>
    {
        context.Saga.Attempts++;
        context.Saga.Reason = context.Message.Reason;
    });

    public static EventActivityBinder<Job, WillRetry> Schedule(this EventActivityBinder<Job, WillRetry> when) => when.Then(context =>
    {
        context.Saga.AvailableAt = context.Message.AvailableAt;
        context.Saga.Due = false;
    });

    public static EventActivityBinder<Job, WorkFailed> ChargeAttempt(this EventActivityBinder<Job, WorkFailed> when) => when.Then(context =>
    {
        context.Saga.Attempts = Math.Min(context.Saga.Attempts + 1, context.Saga.MaxAttempts);
        context.Saga.Reason = context.Message.Reason;
        context.Saga.EndedAt = context.Message.At;
    });

    public static EventActivityBinder<Job, WorkCancelled> RecordEnd(this EventActivityBinder<Job, WorkCancelled> when) => when.Then(context =>
        context.Saga.EndedAt = context.Message.At);

    public static EventActivityBinder<Job, HandedBack> RecordReason(this EventActivityBinder<Job, HandedBack> when) => when.Then(context =>
        context.Saga.Reason = context.Message.Reason);

    public static EventActivityBinder<Job, RunLost> CountLoss(this EventActivityBinder<Job, RunLost> when) => when.Then(context =>
    {
        context.Saga.Losses++;
        context.Saga.Reason = context.Message.Reason;
    });

    public static EventActivityBinder<Job, Quarantined> CountLastLoss(this EventActivityBinder<Job, Quarantined> when) => when.Then(context =>
    {
        context.Saga.Losses++;
        context.Saga.Reason = context.Message.Reason;
    });

    public static EventActivityBinder<Job, CancelAsked> NoteCancel(this EventActivityBinder<Job, CancelAsked> when) => when.Then(context =>
    {
        context.Saga.CancelRequestedAt ??= context.Message.At;
        context.Saga.Reason = context.Message.Reason;
    });

    public static EventActivityBinder<Job, CancelAsked> RecordCancel(this EventActivityBinder<Job, CancelAsked> when) => when.Then(context =>
    {
        context.Saga.Reason = context.Message.Reason;
        context.Saga.EndedAt = context.Message.At;
        context.Saga.DispatchedAt = null;
        context.Saga.DispatchedBy = null;
    });

    public static EventActivityBinder<Job, RetryAsked> ResetBudgets(this EventActivityBinder<Job, RetryAsked> when) => when.Then(context =>
    {
        context.Saga.Attempts = 0;
        context.Saga.Losses = 0;
        context.Saga.Reason = null;
        context.Saga.EndedAt = null;
        context.Saga.AvailableAt = context.Message.At;
        context.Saga.Due = true;
    });

    /// <param name="ended">The state that the row goes to: its TransitionTo comes after its verbs.</param>
    public static EventActivityBinder<Job, T> Announce<T>(this EventActivityBinder<Job, T> when, State ended) where T : class => when.ThenAsync(context =>
        context.Saga is { Announce: true } job
            ? context.Publish(new JobEnded(job.Id, job.Lane, ended.Name, job.Reason, job.EndedAt!.Value))
            : Task.CompletedTask);
}
