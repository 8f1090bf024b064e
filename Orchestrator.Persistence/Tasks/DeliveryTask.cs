using MassTransit;

namespace Orchestrator.Persistence.Tasks;

/// <summary>A piece of delivery work: the row that holds its truth, and the instance that its lifecycle moves from stage to stage.</summary>
public sealed class DeliveryTask : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }

    /// <summary>The same id under the name that people use.</summary>
    public Guid Id => CorrelationId;

    /// <summary>Its place in the serial gate of its repository, given by the database once.</summary>
    public long Sequence { get; set; }

    /// <summary>As the forge names it: owner/name.</summary>
    public string Repository { get; set; } = "";

    public string Title { get; set; } = "";

    /// <summary>What the tracker calls it; null if it was made by hand.</summary>
    public string? ExternalKey { get; set; }

    /// <summary>The branch that its agents write.</summary>
    public string Branch { get; set; } = "";

    /// <summary>Name of a state of the lifecycle, as text.</summary>
    public string State { get; set; } = "Initial";

    /// <summary>Name of a stage of the pipeline.</summary>
    public string Stage { get; set; } = "";

    /// <summary>Fencing token of the stage entered: whoever drives the task names the step that it saw.</summary>
    public long Step { get; set; }

    public DateTimeOffset StageSince { get; set; }

    /// <summary>The job that works on this step, or did.</summary>
    public Guid? JobId { get; set; }

    /// <summary>When its gates are asked again; null unless it waits for them.</summary>
    public DateTimeOffset? LookAt { get; set; }

    /// <summary>How often it was sent back.</summary>
    public int Retries { get; set; }

    public int MaxRetries { get; set; }

    /// <summary>How often in a row its gates had to be passed again, because its head had moved.</summary>
    public int NewHeads { get; set; }

    public DateTimeOffset? PausedAt { get; set; }
    public string? PauseReason { get; set; }

    /// <summary>Why it waits, is held or has failed.</summary>
    public string? Reason { get; set; }

    /// <summary>Is it held because its job is?</summary>
    public bool HeldForJob { get; set; }

    /// <summary>What who works on the stage next must know.</summary>
    public string? Note { get; set; }

    public long? PullRequest { get; set; }

    /// <summary>The commit that its last stage left.</summary>
    public string? HeadSha { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset? EndedAt { get; set; }
}
