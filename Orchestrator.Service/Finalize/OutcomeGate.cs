using Orchestrator.Service.Run;

namespace Orchestrator.Service.Finalize;

/// <summary>
/// Decides from evidence whether work that says it is done really is: its artifacts, a repository, a forge. Asked for runs that ended well, by the
/// run's monitor and by the reaper, so it must be the same whoever asks, and change nothing.
/// </summary>
public interface IOutcomeGate
{
    /// <summary>The lane whose outcomes it decides.</summary>
    string Lane { get; }

    /// <summary>Looks. An exception counts as <see cref="GateAnswer.CannotTell"/>.</summary>
    Task<GateVerdict> EvaluateAsync(JobRun run, CancellationToken cancellation);
}

/// <summary>What a gate found.</summary>
public enum GateAnswer
{
    /// <summary>The work is done.</summary>
    Passed,

    /// <summary>It is not, by the work's own fault.</summary>
    Failed,

    /// <summary>It may be yet: asked again.</summary>
    NotYet,

    /// <summary>The evidence can't be had for now: asked again.</summary>
    CannotTell,
}

/// <param name="Answer">What it found.</param>
/// <param name="Reason">For people.</param>
public sealed record GateVerdict(GateAnswer Answer, string Reason);

/// <summary>All gates that are registered.</summary>
internal sealed class OutcomeGates(IEnumerable<IOutcomeGate> gates)
{
    private readonly ILookup<string, IOutcomeGate> _gates = gates.ToLookup(gate => gate.Lane, StringComparer.Ordinal);

    public bool Any(string lane) => _gates.Contains(lane);

    /// <summary>The first answer that is not a pass; a pass where no gate is.</summary>
    public async Task<GateVerdict> EvaluateAsync(JobRun run, CancellationToken cancellation)
    {
        foreach (var gate in _gates[run.Lane])
        {
            GateVerdict verdict;
            try
            {
                verdict = await gate.EvaluateAsync(run, cancellation);
            }
            catch (Exception exception) when (!cancellation.IsCancellationRequested)
            {
                verdict = new GateVerdict(GateAnswer.CannotTell, $"{gate.GetType().Name}: {exception.Message}");
            }

            if (verdict.Answer != GateAnswer.Passed)
                return verdict;
        }

        return new GateVerdict(GateAnswer.Passed, "");
    }
}
