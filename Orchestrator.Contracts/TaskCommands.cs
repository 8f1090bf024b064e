namespace Orchestrator.Contracts;

/// <summary>Asks for a task of the delivery pipeline. Send it to <c>queue:orchestrator-tasks</c>; the answer is <see cref="TaskAccepted"/> or <see cref="TaskRejected"/>.</summary>
/// <remarks>The same request by HTTP is <c>POST /tasks</c>, in code <c>ITaskClient.OpenAsync</c>.</remarks>
public sealed record OpenTask
{
    /// <summary>As the forge names it: owner/name.</summary>
    public required string Repository { get; init; }

    /// <summary>One line, at most 200 characters.</summary>
    public required string Title { get; init; }

    /// <summary>What is wanted, for the agents; at most 200,000 characters.</summary>
    public string? Description { get; init; }

    /// <summary>What the tracker calls it; a second request with the same key returns the first task. At most 200 characters.</summary>
    public string? ExternalKey { get; init; }

    /// <summary>The branch that is written; <c>task/</c> with the key or the id if absent.</summary>
    public string? Branch { get; init; }
}

/// <summary>The task is stored and will be worked on.</summary>
/// <param name="TaskId">The task's id, of the first request if <paramref name="Duplicate"/>.</param>
/// <param name="Duplicate">True if a task with the same key, or an open one with the same branch, was there already.</param>
public sealed record TaskAccepted(Guid TaskId, bool Duplicate);

/// <summary>The request breaks a rule and was not stored.</summary>
/// <param name="Errors">One sentence per broken rule: what, where, why and the remedy.</param>
public sealed record TaskRejected(IReadOnlyList<string> Errors);

/// <summary>Lets the next task of the repository go on before this one, until it is resumed. Answer: <see cref="TaskCommandDone"/>.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Reason">Shown to people; at most 1,000 characters.</param>
public sealed record PauseTask(Guid TaskId, string? Reason);

/// <summary>Puts a paused task back into its old place. Answer: <see cref="TaskCommandDone"/>.</summary>
public sealed record ResumeTask(Guid TaskId);

/// <summary>Ends a task and its job. Answer: <see cref="TaskCommandDone"/>.</summary>
public sealed record CancelTask(Guid TaskId, string? Reason);

/// <summary>Begins the stage of a held, failed, waiting or cancelled task anew, or releases its held job. Answer: <see cref="TaskCommandDone"/>.</summary>
public sealed record RetryStage(Guid TaskId);

/// <summary>Answer to a command.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Outcome">Done, NotFound, or NotAccepted where the task's state has no such event.</param>
/// <param name="State">The task's state after the command; null if it was not found.</param>
public sealed record TaskCommandDone(Guid TaskId, JobCommandOutcome Outcome, string? State);
