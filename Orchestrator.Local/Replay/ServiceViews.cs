using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Local.Nodes;
using Orchestrator.Service.Permit;
using Orchestrator.Service.Receive;

namespace Orchestrator.Local.Replay;

// What the replay reads of the service's answers; it sees no more than any other user of its HTTP.

/// <summary><c>GET /queue</c>.</summary>
internal sealed record QueueAnswer(
    Dictionary<string, Dictionary<string, int>> Lanes, PermitsAnswer Permits, Dictionary<string, DeliveryAnswer> Deliveries, MemoryUse Memory);

internal static class QueueView
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Reads <c>/queue</c> until all that is read here is there: in place of a block that the database was too busy for stands an error. For up to a minute.</summary>
    /// <exception cref="JsonException">It was not there in that time.</exception>
    public static async Task<QueueAnswer> QueueAsync(this ServiceProcess node, CancellationToken ct = default)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await node.GetAsync<QueueAnswer>("/queue", ct);
            }
            catch (JsonException) when (TimeProvider.System.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, ct);
            }
        }
    }
}

internal sealed record PermitsAnswer([property: JsonRequired] PermitUse Process, [property: JsonRequired] Dictionary<string, PermitUse> Lanes);

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
