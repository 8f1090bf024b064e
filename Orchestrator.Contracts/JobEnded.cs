namespace Orchestrator.Contracts;

/// <summary>Published through the outbox, once per job submitted with <see cref="EnqueueJob.Announce"/>, after the job has ended.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Lane">Its lane.</param>
/// <param name="State">Succeeded, Failed or Cancelled.</param>
/// <param name="Reason">Why, for Failed and Cancelled.</param>
/// <param name="EndedAt">When it ended, UTC.</param>
public sealed record JobEnded(Guid JobId, string Lane, string State, string? Reason, DateTimeOffset EndedAt);
