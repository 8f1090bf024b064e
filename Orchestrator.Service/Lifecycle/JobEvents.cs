using Orchestrator.Persistence.Nodes;

namespace Orchestrator.Service.Lifecycle;

// What can happen to a job. A decision was made before (which event it is); the event carries all that the transition sets.
// Each is raised in process on a row that its raiser has locked or fenced, hence none carries an id.

/// <summary>The request was valid.</summary>
public sealed record Enqueued(bool Due);

/// <summary>A node won the row.</summary>
public sealed record Claimed(NodeIdentity Node, long RunId, DateTimeOffset At);

/// <summary>The lane is shut for now; the wake-up was for nothing.</summary>
public sealed record ClaimRefused;

/// <summary>The heavy part is over, its effects outside the database are still to be carried out.</summary>
public sealed record WorkEnded(DateTimeOffset At);

/// <summary>The work and its effects are done.</summary>
public sealed record WorkDone(string? Result, DateTimeOffset At);

/// <summary>The work failed and has an attempt left.</summary>
public sealed record WillRetry(string Reason, DateTimeOffset AvailableAt);

/// <summary>The work failed for the last time.</summary>
public sealed record WorkFailed(string Reason, DateTimeOffset At);

/// <summary>The work stopped because somebody had asked for it.</summary>
public sealed record WorkCancelled(DateTimeOffset At);

/// <summary>The node gives the job back unharmed: it is stopping, or the message can be held no longer.</summary>
public sealed record HandedBack(string Reason);

/// <summary>The run's node died.</summary>
public sealed record RunLost(string Reason);

/// <summary>The job's node died once too often.</summary>
public sealed record Quarantined(string Reason);

/// <summary>Somebody wants the job to end.</summary>
public sealed record CancelAsked(string Reason, DateTimeOffset At);

/// <summary>Somebody wants the job to run again.</summary>
public sealed record RetryAsked(DateTimeOffset At);
