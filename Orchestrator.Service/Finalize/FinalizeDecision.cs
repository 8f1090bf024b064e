using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Finalize;

/// <summary>Why a run stopped.</summary>
internal abstract record Ending
{
    /// <summary>The handler came back.</summary>
    public sealed record Finished(JobOutcome Outcome) : Ending;

    /// <summary>The handler, or what it asked to be stored, threw.</summary>
    public sealed record Threw(Exception Exception) : Ending;

    /// <summary>Its token fired before it came back.</summary>
    public sealed record Stopped(StopReason Reason) : Ending;

    /// <summary>Nothing was ever started for it.</summary>
    public sealed record NeverStarted(string Reason) : Ending;

    /// <summary>Its external process is gone, and nothing says how it ended.</summary>
    public sealed record Lost(string Reason) : Ending;
}

/// <summary>Why the token of a run fired. The first reason stands.</summary>
internal enum StopReason
{
    None,

    /// <summary>Somebody cancelled the job.</summary>
    CancelAsked,

    /// <summary>It ran longer than the lane allows.</summary>
    OutOfTime,

    /// <summary>The node stops and the drain time is over.</summary>
    NodeStopping,

    /// <summary>The message can be protected no longer: SQS's cap of 12 hours, or its lease is definitely lost.</summary>
    ProtectionLost,

    /// <summary>The node's lease is over, the database can't be asked, and nodes of other hosts may take the job: nothing may be written, and its process is ended.</summary>
    LeaseOver,

    /// <summary>The job is another run's now. Nothing may be written.</summary>
    Fenced,
}

/// <summary>Pure: the run's ending, the budgets and the time give the one event that follows.</summary>
internal static class FinalizeDecision
{
    /// <param name="job">As it was when the run still owned it.</param>
    /// <param name="ending">Why the run stopped.</param>
    /// <param name="lane">Backoff of its lane.</param>
    /// <param name="now">The time.</param>
    /// <param name="jitter">0 to 1, drawn by the caller.</param>
    /// <returns>An event of the lifecycle; null for a fenced run, which writes nothing.</returns>
    public static object? Decide(Job job, Ending ending, LaneOptions lane, DateTimeOffset now, double jitter) => ending switch
    {
        Ending.Stopped { Reason: StopReason.Fenced or StopReason.LeaseOver } => null,
        Ending.Stopped { Reason: StopReason.CancelAsked } => new WorkCancelled(now),
        Ending.Stopped { Reason: StopReason.ProtectionLost } => new HandedBack("The message could be protected no longer; the job runs again."),
        Ending.Stopped { Reason: StopReason.OutOfTime } => Again(job, $"It ran longer than the lane allows ({lane.MaxRunTime}).", null, lane, now, jitter),
        Ending.Stopped => new HandedBack("The node stopped before the work had ended; the job runs again."),
        Ending.Finished { Outcome: JobOutcome.Success success } => new WorkDone(success.Result, now),
        Ending.Finished { Outcome: JobOutcome.Failure failure } => new WorkFailed(Reason.Storable(failure.Reason), now),
        Ending.Finished { Outcome: JobOutcome.TryAgain again } => Again(job, Reason.Storable(again.Reason), again.After, lane, now, jitter),
        Ending.Finished { Outcome: JobOutcome.NotNow later } => Later(job, later, lane, now, jitter),
        Ending.Finished { Outcome: JobOutcome.Hold hold } => new PutOnHold(hold.For, hold.Class, Reason.Storable(hold.Reason)),
        Ending.NeverStarted never => new HandedBack(never.Reason),
        Ending.Lost lost => Loss(job, Reason.Storable(lost.Reason), lane.MaxLosses, now + TransientBackoff(job.Losses, lane, jitter)),
        Ending.Threw threw => Again(job, Reason.Storable($"{threw.Exception.GetType().Name}: {threw.Exception.Message}"), null, lane, now, jitter),
        _ => throw new InvalidOperationException($"No decision for {ending}."),
    };

    private static object Again(Job job, string reason, TimeSpan? after, LaneOptions lane, DateTimeOffset now, double jitter) =>
        job.Attempts + 1 >= job.MaxAttempts
            ? new WorkFailed($"{reason} (attempt {job.Attempts + 1} of {job.MaxAttempts})", now)
            : new WillRetry(reason, now + (after ?? Backoff(job.Attempts, lane, jitter)));

    private static object Later(Job job, JobOutcome.NotNow later, LaneOptions lane, DateTimeOffset now, double jitter) =>
        job.TransientAttempts + 1 >= lane.MaxTransient
            ? new PutOnHold(HoldReason.Transient, later.Class, $"{Reason.Storable(later.Reason)} (for the {job.TransientAttempts + 1}th time, as often as the lane allows; retry releases it)")
            : new BackedOff(later.Class, Reason.Storable(later.Reason), now + (later.After ?? TransientBackoff(job.TransientAttempts, lane, jitter)));

    /// <summary>A run went down with its node or process: no attempt of the work, but not for ever either, because the work may be what kills it.</summary>
    internal static object Loss(Job job, string reason, int maxLosses, DateTimeOffset? availableAt = null) =>
        job.CancelRequestedAt is { } asked ? new WorkCancelled(asked)
        : job.Losses + 1 >= maxLosses ? new Quarantined($"Its run was lost {job.Losses + 1} times, at last: {reason} It is held until somebody retries it.")
        : new RunLost(reason, availableAt);

    private static TimeSpan TransientBackoff(int times, LaneOptions lane, double jitter) => Backoff(times, lane.TransientBackoff, lane.MaxTransientBackoff, jitter);

    internal static TimeSpan Backoff(int attempts, LaneOptions lane, double jitter) => Backoff(attempts, lane.Backoff, lane.MaxBackoff, jitter);

    /// <summary>Doubles with each attempt up to the lane's longest, then gives back up to a quarter so that failures don't march in step.</summary>
    private static TimeSpan Backoff(int attempts, TimeSpan first, TimeSpan longest, double jitter)
    {
        var full = Math.Min(first.TotalSeconds * Math.Pow(2, Math.Min(attempts, 30)), longest.TotalSeconds);
        return TimeSpan.FromSeconds(full * (1 - (0.25 * jitter)));
    }
}
