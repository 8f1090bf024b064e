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
}

/// <summary>Why the token of a run fired. The first reason stands.</summary>
internal enum StopReason
{
    None,

    /// <summary>Somebody cancelled the job.</summary>
    CancelAsked,

    /// <summary>The node stops and the drain time is over.</summary>
    NodeStopping,

    /// <summary>The message can be protected no longer: SQS's cap of 12 hours, or its lease is definitely lost.</summary>
    ProtectionLost,

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
        Ending.Stopped { Reason: StopReason.Fenced } => null,
        Ending.Stopped { Reason: StopReason.CancelAsked } => new WorkCancelled(now),
        Ending.Stopped { Reason: StopReason.ProtectionLost } => new HandedBack("The message could be protected no longer; the job runs again."),
        Ending.Stopped => new HandedBack("The node stopped before the work had ended; the job runs again."),
        Ending.Finished { Outcome: JobOutcome.Success success } => new WorkDone(success.Result, now),
        Ending.Finished { Outcome: JobOutcome.Failure failure } => new WorkFailed(Reason.Storable(failure.Reason), now),
        Ending.Finished { Outcome: JobOutcome.TryAgain again } => Again(job, Reason.Storable(again.Reason), again.After, lane, now, jitter),
        Ending.Threw threw => Again(job, Reason.Storable($"{threw.Exception.GetType().Name}: {threw.Exception.Message}"), null, lane, now, jitter),
        _ => throw new InvalidOperationException($"No decision for {ending}."),
    };

    private static object Again(Job job, string reason, TimeSpan? after, LaneOptions lane, DateTimeOffset now, double jitter) =>
        job.Attempts + 1 >= job.MaxAttempts
            ? new WorkFailed($"{reason} (attempt {job.Attempts + 1} of {job.MaxAttempts})", now)
            : new WillRetry(reason, now + (after ?? Backoff(job.Attempts, lane, jitter)));

    /// <summary>Doubles with each attempt up to the lane's longest, then gives back up to a quarter so that failures don't march in step.</summary>
    internal static TimeSpan Backoff(int attempts, LaneOptions lane, double jitter)
    {
        var full = Math.Min(lane.Backoff.TotalSeconds * Math.Pow(2, Math.Min(attempts, 30)), lane.MaxBackoff.TotalSeconds);
        return TimeSpan.FromSeconds(full * (1 - (0.25 * jitter)));
    }
}
