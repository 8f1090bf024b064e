using System.Text.Json;
using Orchestrator.Service.Permit;
using Orchestrator.Service.Receive;

namespace Orchestrator.Local.Replay;

// What the replay reads of the service's answers; it sees no more than any other user of its HTTP.

/// <summary><c>GET /queue</c>.</summary>
internal sealed record QueueAnswer(
    Dictionary<string, Dictionary<string, int>> Lanes, PermitsAnswer Permits, Dictionary<string, DeliveryAnswer> Deliveries, MemoryUse Memory);

internal sealed record PermitsAnswer(PermitUse Process, Dictionary<string, PermitUse> Lanes);

internal sealed record DeliveryAnswer(int Held, int MostHeld, Dictionary<int, long> ByReceiveCount)
{
    public DeliveryUse Use => new(Held, MostHeld, ByReceiveCount);
}

/// <summary><c>GET /jobs</c>.</summary>
internal sealed record JobsAnswer(IReadOnlyList<JobAnswer> Jobs, Guid? Next);

internal sealed record JobAnswer(Guid Id, string State, string? Reason, int Losses, JsonElement Payload)
{
    public JobEnd End => new(Id, State, Reason);
}

/// <summary><c>GET /documents</c>.</summary>
internal sealed record DocumentsAnswer(IReadOnlyList<DocumentAnswer> Documents);

internal sealed record DocumentAnswer(
    Guid Id, Guid? ParentId, int? Ordinal, Pages? Pages, string Status, string? Reason, string? Number, DateOnly? IssueDate, string? Currency, decimal? Gross);
