using Orchestrator.Service.Finalize;

namespace Orchestrator.Service.Delivery.Gates;

/// <summary>A stage must leave a text with a heading and something below it.</summary>
internal sealed class ArtifactGate(string name, string artifact) : IGate
{
    public string Name => name;

    public Task<GateVerdict> EvaluateAsync(GateEvidence evidence, CancellationToken cancellation)
    {
        if (evidence.Fresh(artifact) is not { } written)
            return Task.FromResult(new GateVerdict(GateAnswer.Failed, $"The stage left no {artifact}."));
        var lines = written.Content.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0).ToList();
        return Task.FromResult(
            !lines.Any(line => line.StartsWith('#')) ? new GateVerdict(GateAnswer.Failed, $"{artifact} has no heading.")
            : lines.All(line => line.StartsWith('#')) ? new GateVerdict(GateAnswer.Failed, $"{artifact} has headings and nothing below them.")
            : new GateVerdict(GateAnswer.Passed, $"{artifact} is there."));
    }
}
