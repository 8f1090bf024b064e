namespace Orchestrator.Contracts;

/// <summary>"Work on these now." Carries no truth: a lost one is found by a sweep, a second one finds nothing to claim.</summary>
/// <param name="Lane">The lane whose queue carries the message.</param>
/// <param name="Jobs">
/// The jobs to claim. On Amazon SQS one, because protection and the receive count belong to the message, or up to ten in lanes of
/// quick jobs that say so; in memory up to a dispatch batch, because nothing is redelivered.
/// </param>
public sealed record WakeUp(string Lane, IReadOnlyList<Guid> Jobs);
