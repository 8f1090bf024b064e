namespace Orchestrator.AmazonSqs;

/// <summary>
/// Holds an endpoint's polling while what it feeds can't be worked on, so that no receive count is spent meanwhile. It is asked
/// before each receive; a long poll that is already under way is let to its end, and what it brings is delivered.
/// </summary>
public interface IPollGate
{
    bool IsOpen { get; }

    /// <summary>Completes when the gate is open, at once if it is.</summary>
    ValueTask WaitUntilOpenAsync(CancellationToken cancellationToken);
}
