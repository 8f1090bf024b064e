using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Finalize;

namespace Orchestrator.Service.Delivery.Gates;

/// <summary>
/// Decides from evidence whether a stage of a task is passed: artifacts, git, the forge. Reads only, and answers the same whoever asks: the driver, the
/// reaper, or a person.
/// </summary>
public interface IGate
{
    /// <summary>As the pipeline's file names it.</summary>
    string Name { get; }

    /// <summary>Looks. An exception counts as <see cref="GateAnswer.CannotTell"/>.</summary>
    Task<GateVerdict> EvaluateAsync(GateEvidence evidence, CancellationToken cancellation);
}

/// <summary>What every gate is given; what else it needs, it reads.</summary>
/// <param name="Task">The task as it stands.</param>
/// <param name="Stage">Its stage.</param>
/// <param name="Artifacts">What its stages left, by name.</param>
public sealed record GateEvidence(DeliveryTask Task, Stage Stage, IReadOnlyDictionary<string, TaskArtifact> Artifacts)
{
    /// <summary>The artifact if it was written in the present step: what an earlier round left proves nothing.</summary>
    public TaskArtifact? Fresh(string name) => Artifacts.GetValueOrDefault(name) is { } artifact && artifact.Step == Task.Step ? artifact : null;
}

/// <summary>What a gate answered.</summary>
/// <param name="Gate">Its name.</param>
/// <param name="Answer">What it found.</param>
/// <param name="Reason">For people.</param>
public sealed record GateResult(string Gate, GateAnswer Answer, string Reason);
