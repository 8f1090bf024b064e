namespace Orchestrator.Contracts;

/// <summary>Ends a job that has not ended: a queued or held one at once, a running one by cancelling its work. Answer: <see cref="JobCommandDone"/>.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Reason">Shown to people; at most 1,000 characters.</param>
public sealed record CancelRequested(Guid JobId, string? Reason);

/// <summary>Queues a failed, cancelled or held job again, with fresh budgets. Answer: <see cref="JobCommandDone"/>.</summary>
public sealed record RetryRequested(Guid JobId);

/// <summary>Changes the order of a queued job; higher goes first, -1000 to 1000. Answer: <see cref="JobCommandDone"/>.</summary>
public sealed record PriorityRequested(Guid JobId, int Priority);

/// <summary>Answer to a command.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Outcome">Done, NotFound, or NotAccepted where the job's state has no such event.</param>
/// <param name="State">The job's state after the command; null if it was not found.</param>
public sealed record JobCommandDone(Guid JobId, JobCommandOutcome Outcome, string? State);

/// <summary>How a command ended.</summary>
public enum JobCommandOutcome
{
    /// <summary>The job took it.</summary>
    Done,

    /// <summary>There is no such job.</summary>
    NotFound,

    /// <summary>The job's state does not take it; nothing changed.</summary>
    NotAccepted,
}
