namespace Orchestrator.Contracts;

/// <summary>"Work on these now." Carries no truth: a lost one is found by a sweep, a second one finds nothing to claim.</summary>
/// <param name="Lane">The lane whose queue carries the message.</param>
/// <param name="Jobs">
/// The jobs to claim. Exactly one on Amazon SQS, where protection and the receive count belong to the message;
/// up to a dispatch batch in memory, where nothing is redelivered.
/// </param>
public sealed record WakeUp(string Lane, IReadOnlyList<Guid> Jobs);
