namespace Orchestrator.Local.Demo;

// What the demo reads of the service's answers; it sees no more than any other user of its HTTP.

/// <summary><c>GET /tasks</c>.</summary>
internal sealed record TasksAnswer(IReadOnlyList<TaskAnswer> Tasks);

internal sealed record TaskAnswer(Guid Id, string Title, string State, string Stage, int Retries, Guid? JobId, string? Reason, DateTimeOffset? PausedAt, DateTimeOffset? EndedAt)
{
    public bool IsEnded => State is "Done" or "Failed" or "Cancelled";
}

/// <summary>A line of <c>GET /tasks/{id}/timeline</c>.</summary>
internal sealed record EventAnswer(DateTimeOffset At, long Step, string Stage, string What, string? Detail);

/// <summary><c>GET /jobs/{id}/why</c>.</summary>
internal sealed record WhyAnswer(string State, IReadOnlyList<ObstructionAnswer> Obstructions);

internal sealed record ObstructionAnswer(string Kind, string Text);
