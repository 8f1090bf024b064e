using Orchestrator.Persistence.Nodes;

namespace Orchestrator.Service.Lifecycle;

// What can happen to a job. A decision was made before (which event it is); the event carries all that the transition sets.
// Each is raised in process on a row that its raiser has locked or fenced, hence none carries an id.

/// <summary>The request was valid.</summary>
public sealed record Enqueued(bool Due);

/// <summary>A node won the row.</summary>
/// <param name="Node">The owner.</param>
/// <param name="RunId">The fencing token.</param>
/// <param name="At">The time.</param>
/// <param name="InProcess">The node's own process does the work; otherwise the pid stays null until one is spawned.</param>
public sealed record Claimed(NodeIdentity Node, long RunId, DateTimeOffset At, bool InProcess = true);

/// <summary>Something that dispatch must respect keeps the job from running; null: nothing does any more.</summary>
public sealed record Obstructed(string? Obstacle, DateTimeOffset At);

/// <summary>A queued row had an owner.</summary>
public sealed record Healed;

/// <summary>The run's external process is there.</summary>
/// <param name="Pid">Its wrapper's number.</param>
/// <param name="ProcessStart">Its wrapper's start, clock ticks since boot.</param>
public sealed record Spawned(int Pid, long ProcessStart);

/// <summary>Another node of the same host goes on with the run's external process, under a new token.</summary>
public sealed record Adopted(NodeIdentity Node, long RunId);

/// <summary>The lane is shut for now; the wake-up was for nothing.</summary>
public sealed record ClaimRefused;

/// <summary>The heavy part is over, its effects outside the database are still to be carried out.</summary>
public sealed record WorkEnded(DateTimeOffset At);

/// <summary>The work and its effects are done.</summary>
public sealed record WorkDone(string? Result, DateTimeOffset At);

/// <summary>The work failed and has an attempt left.</summary>
public sealed record WillRetry(string Reason, DateTimeOffset AvailableAt);

/// <summary>What the work needs failed for now; the work itself is not to blame.</summary>
public sealed record BackedOff(FailureClass Failure, string Reason, DateTimeOffset AvailableAt);

/// <summary>No further run before a person, or the recovery of what it lacks, says so.</summary>
public sealed record PutOnHold(HoldReason For, FailureClass Failure, string Reason);

/// <summary>The work failed for the last time.</summary>
public sealed record WorkFailed(string Reason, DateTimeOffset At);

/// <summary>The work stopped because somebody had asked for it.</summary>
public sealed record WorkCancelled(DateTimeOffset At);

/// <summary>The node gives the job back unharmed: it is stopping, or the message can be held no longer.</summary>
public sealed record HandedBack(string Reason);

/// <summary>The run went down with its node or its process.</summary>
/// <param name="Reason">How, for people.</param>
/// <param name="AvailableAt">Not before then; null: at once.</param>
public sealed record RunLost(string Reason, DateTimeOffset? AvailableAt = null);

/// <summary>A run of the job was lost once too often.</summary>
public sealed record Quarantined(string Reason);

/// <summary>What the held job lacked is back.</summary>
public sealed record Released(DateTimeOffset At);

/// <summary>Somebody wants the job to end.</summary>
public sealed record CancelAsked(string Reason, DateTimeOffset At);

/// <summary>Somebody wants the job to run again.</summary>
public sealed record RetryAsked(DateTimeOffset At);
