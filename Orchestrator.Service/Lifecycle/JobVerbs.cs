using MassTransit;
using Orchestrator.Contracts;
using Orchestrator.Persistence.Jobs;

namespace Orchestrator.Service.Lifecycle;

/// <summary>What the rows of the table do: set fields or publish. No I/O, no clock, no decision.</summary>
internal static class JobVerbs
{
    public static EventActivityBinder<Job> ForgetOwner(this EventActivityBinder<Job> entering) => entering.Then(context => ForgetOwner(context.Saga));

    public static EventActivityBinder<Job, Healed> ForgetOwner(this EventActivityBinder<Job, Healed> when) => when.Then(context => ForgetOwner(context.Saga));

    private static void ForgetOwner(Job job)
    {
        job.RunId = null;
        job.OwnerNode = null;
        job.OwnerHost = null;
        job.OwnerPid = null;
        job.OwnerProcessStart = null;
        job.ProcessRun = null;
        job.StartedAt = null;
        job.CancelRequestedAt = null;
        job.DispatchedAt = null;
        job.DispatchedBy = null;
    }

    public static EventActivityBinder<Job> ForgetHold(this EventActivityBinder<Job> leaving) => leaving.Then(context => context.Saga.HeldFor = null);

    public static EventActivityBinder<Job, Enqueued> Admit(this EventActivityBinder<Job, Enqueued> when) => when.Then(context =>
        context.Saga.Due = context.Message.Due);

    public static EventActivityBinder<Job, Claimed> StampOwner(this EventActivityBinder<Job, Claimed> when) => when.Then(context =>
    {
        var (node, runId, at, inProcess) = context.Message;
        var job = context.Saga;
        job.RunId = runId;
        job.OwnerNode = node.Id;
        job.OwnerHost = node.Host;
        job.OwnerPid = inProcess ? node.Pid : null;
        job.OwnerProcessStart = inProcess ? node.ProcessStart : null;
        job.ProcessRun = null;
        job.StartedAt = at;
        job.Obstacle = null;
        job.ObstacleSince = null;
        job.CancelRequestedAt = null;
        job.DispatchedAt = null;
        job.DispatchedBy = null;
    });

    public static EventActivityBinder<Job, ClaimRefused> ForgetWakeUp(this EventActivityBinder<Job, ClaimRefused> when) => when.Then(context =>
    {
        context.Saga.DispatchedAt = null;
        context.Saga.DispatchedBy = null;
    });

    public static EventActivityBinder<Job, Obstructed> StandAside(this EventActivityBinder<Job, Obstructed> when) => when.Then(context =>
    {
        var (obstacle, at) = context.Message;
        var job = context.Saga;
        job.ObstacleSince = obstacle is null ? null : job.Obstacle is null ? at : job.ObstacleSince;
        job.Obstacle = obstacle;
        job.DispatchedAt = null;
        job.DispatchedBy = null;
    });

    public static EventActivityBinder<Job, Spawned> StampProcess(this EventActivityBinder<Job, Spawned> when) => when.Then(context =>
    {
        var job = context.Saga;
        job.OwnerPid = context.Message.Pid;
        job.OwnerProcessStart = context.Message.ProcessStart;
        job.ProcessRun = job.RunId;
        job.LogRun = job.RunId;
        job.LogHost = job.OwnerHost;
    });

    // The process stays what it is, and so do its folder and the time of its start: what changes is who looks after it, and the token.
    public static EventActivityBinder<Job, Adopted> StampHeir(this EventActivityBinder<Job, Adopted> when) => when.Then(context =>
    {
        context.Saga.RunId = context.Message.RunId;
        context.Saga.OwnerNode = context.Message.Node.Id;
    });

    public static EventActivityBinder<Job, WorkDone> RecordResult(this EventActivityBinder<Job, WorkDone> when) => when.Then(context =>
    {
        context.Saga.Result = context.Message.Result;
        context.Saga.Reason = null;
        context.Saga.Failure = null;
        context.Saga.EndedAt = context.Message.At;
    });

    public static EventActivityBinder<Job, WillRetry> ChargeAttempt(this EventActivityBinder<Job, WillRetry> when) => when.Then(context =>
    {
        context.Saga.Attempts++;
        context.Saga.Failure = nameof(FailureClass.Work);
        context.Saga.Reason = context.Message.Reason;
    });

    public static EventActivityBinder<Job, WillRetry> Schedule(this EventActivityBinder<Job, WillRetry> when) => when.Then(context => Schedule(context.Saga, context.Message.AvailableAt));

    public static EventActivityBinder<Job, BackedOff> Schedule(this EventActivityBinder<Job, BackedOff> when) => when.Then(context => Schedule(context.Saga, context.Message.AvailableAt));

    public static EventActivityBinder<Job, RunLost> Schedule(this EventActivityBinder<Job, RunLost> when) => when.Then(context =>
    {
        if (context.Message.AvailableAt is { } at)
            Schedule(context.Saga, at);
    });

    private static void Schedule(Job job, DateTimeOffset at)
    {
        job.AvailableAt = at;
        job.Due = false;
    }

    public static EventActivityBinder<Job, BackedOff> ChargeTransient(this EventActivityBinder<Job, BackedOff> when) => when.Then(context =>
    {
        context.Saga.TransientAttempts++;
        context.Saga.Failure = context.Message.Failure.ToString();
        context.Saga.Reason = context.Message.Reason;
    });

    public static EventActivityBinder<Job, PutOnHold> ChargeHold(this EventActivityBinder<Job, PutOnHold> when) => when.Then(context =>
    {
        var (heldFor, failure, reason) = context.Message;
        if (heldFor == HoldReason.Transient) // the last of its budget
            context.Saga.TransientAttempts++;
        context.Saga.HeldFor = heldFor.ToString();
        context.Saga.Failure = failure.ToString();
        context.Saga.Reason = reason;
    });

    public static EventActivityBinder<Job, WorkFailed> ChargeAttempt(this EventActivityBinder<Job, WorkFailed> when) => when.Then(context =>
    {
        context.Saga.Attempts = Math.Min(context.Saga.Attempts + 1, context.Saga.MaxAttempts);
        context.Saga.Failure = nameof(FailureClass.Work);
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
        context.Saga.Failure = nameof(FailureClass.Lost);
        context.Saga.Reason = context.Message.Reason;
    });

    public static EventActivityBinder<Job, Quarantined> CountLastLoss(this EventActivityBinder<Job, Quarantined> when) => when.Then(context =>
    {
        context.Saga.Losses++;
        context.Saga.Failure = nameof(FailureClass.Lost);
        context.Saga.HeldFor = nameof(HoldReason.Lost);
        context.Saga.Reason = context.Message.Reason;
    });

    public static EventActivityBinder<Job, Released> ResetTransient(this EventActivityBinder<Job, Released> when) => when.Then(context =>
    {
        context.Saga.TransientAttempts = 0;
        context.Saga.AvailableAt = context.Message.At;
        context.Saga.Due = true;
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
        context.Saga.Obstacle = null;
        context.Saga.ObstacleSince = null;
    });

    public static EventActivityBinder<Job, RetryAsked> ResetBudgets(this EventActivityBinder<Job, RetryAsked> when) => when.Then(context =>
    {
        context.Saga.Attempts = 0;
        context.Saga.Losses = 0;
        context.Saga.TransientAttempts = 0;
        context.Saga.Failure = null;
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
