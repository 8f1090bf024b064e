namespace Orchestrator.Service.Delivery.Tasks;

// What can happen to a task. Each carries what the table's verbs set, and nothing is looked up there.

/// <summary>It is there, at the first stage.</summary>
public sealed record Opened(Entry Entry);

/// <summary>Its stage is passed, and the next begins; or gates are to be passed again, because its head has moved.</summary>
public sealed record Advanced(Entry Entry, bool NewHead = false);

/// <summary>Its last stage is passed.</summary>
public sealed record Completed(DateTimeOffset At);

/// <summary>Its stage has failed; an earlier one, or the same, begins anew. Costs a retry.</summary>
public sealed record SentBack(Entry Entry, string Note);

/// <summary>Its stage has failed and no retry is left.</summary>
public sealed record GaveUp(DateTimeOffset At, string Reason);

/// <summary>Its gates have no answer yet.</summary>
public sealed record GatesWait(DateTimeOffset LookAt, string Reason);

/// <summary>Something that is not its own fault keeps it from going on.</summary>
public sealed record HeldUp(string Reason, bool ForJob = false);

/// <summary>The job that was held goes on.</summary>
public sealed record WentOn;

/// <summary>A person, or what it lacked, lets it go on: its stage begins anew.</summary>
public sealed record StageRetried(Entry Entry);

/// <summary>Nothing of it is dispatched; the next in line goes on.</summary>
public sealed record PauseAsked(DateTimeOffset At, string? Reason);

/// <summary>It takes its old place again.</summary>
public sealed record ResumeAsked;

/// <summary>A person ends it.</summary>
public sealed record TaskCancelAsked(DateTimeOffset At, string Reason);

/// <summary>A stage that is entered.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="Step">A new fencing token.</param>
/// <param name="Job">The job that works on it.</param>
/// <param name="At">When.</param>
public sealed record Entry(string Stage, long Step, Guid Job, DateTimeOffset At);
