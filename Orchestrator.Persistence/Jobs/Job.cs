using MassTransit;

namespace Orchestrator.Persistence.Jobs;

/// <summary>One unit of heavy work: the row that holds its truth, and the instance that the lifecycle moves.</summary>
/// <remarks>Every column that the lifecycle owns is written by one statement, <c>write</c> in <c>JobLedger.sql</c>, guarded by the state and run it leaves.</remarks>
public sealed class Job : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }

    /// <summary>The same id under the name that people use.</summary>
    public Guid Id => CorrelationId;

    /// <summary>Order of submission, given by the database.</summary>
    public long Sequence { get; set; }

    public string Lane { get; set; } = "";

    /// <summary>Name of a state of the lifecycle, as text.</summary>
    public string State { get; set; } = "Initial";

    public int Priority { get; set; }
    public DateTimeOffset SubmittedAt { get; set; }
    public DateTimeOffset AvailableAt { get; set; }

    /// <summary>True once <see cref="AvailableAt"/> has come: keeps far-future jobs out of the index that dispatch walks.</summary>
    public bool Due { get; set; }

    public DateTimeOffset? DispatchedAt { get; set; }
    public Guid? DispatchedBy { get; set; }

    /// <summary>Fencing token of the one run that owns the job; null unless it runs.</summary>
    public long? RunId { get; set; }

    public Guid? OwnerNode { get; set; }
    public string? OwnerHost { get; set; }
    public int? OwnerPid { get; set; }

    /// <summary>Field 22 of <c>/proc/PID/stat</c>, clock ticks since boot: a reused pid has another.</summary>
    public long? OwnerProcessStart { get; set; }

    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Runs that failed by the work's own fault.</summary>
    public int Attempts { get; set; }

    public int MaxAttempts { get; set; } = 1;

    /// <summary>Runs that were lost with their node or process: the infrastructure's budget. They cost no attempt.</summary>
    public int Losses { get; set; }

    /// <summary>Failures of what the work needs, not of the work. They cost no attempt.</summary>
    public int TransientAttempts { get; set; }

    /// <summary>Class of the last failure: Work, Transient, RateLimited, Environment, Account or Lost; null if there was none.</summary>
    public string? Failure { get; set; }

    /// <summary>What a held job waits for: Environment, Account, Transient or Lost; null unless it is held.</summary>
    public string? HeldFor { get; set; }

    /// <summary>The run under which its external process was started, and the name of the run folder; null without one.</summary>
    public long? ProcessRun { get; set; }

    /// <summary>Run folder of its last external process, whatever became of the job since.</summary>
    public long? LogRun { get; set; }

    /// <summary>The host that has that folder.</summary>
    public string? LogHost { get; set; }

    /// <summary>The obstacle that keeps dispatch from sending it; null if none is known.</summary>
    public string? Obstacle { get; set; }

    public DateTimeOffset? ObstacleSince { get; set; }

    public DateTimeOffset? CancelRequestedAt { get; set; }

    /// <summary>Why the job is where it is: last failure, hold or cancel reason.</summary>
    public string? Reason { get; set; }

    public string? DedupeKey { get; set; }

    /// <summary>Publish <c>JobEnded</c> when it ends.</summary>
    public bool Announce { get; set; }

    /// <summary>JSON object for the handler.</summary>
    public string Payload { get; set; } = "{}";

    /// <summary>JSON that the handler left behind.</summary>
    public string? Result { get; set; }
}
