using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Service.Ingress;

namespace Orchestrator.Service.Delivery.Webhooks;

/// <summary>Who reported it.</summary>
internal enum DeliverySource
{
    /// <summary>Gitea or Forgejo.</summary>
    Gitea,

    /// <summary>Plane.</summary>
    Plane,
}

/// <summary>What was reported, as a job of the lane of deliveries carries it.</summary>
/// <param name="Source">Who reported it.</param>
/// <param name="DeliveryId">The sender's id of the delivery, which nobody signed: for people only. Null where nobody sent it and it was found by looking.</param>
/// <param name="Kind">The sender's name of the event, for people.</param>
/// <param name="ReceivedAt">When it got here.</param>
/// <param name="Facts">At least one.</param>
internal sealed record Delivery(DeliverySource Source, string? DeliveryId, string Kind, DateTimeOffset ReceivedAt, IReadOnlyList<Fact> Facts)
{
    // jsonb orders the members of an object anew, so the one that names the type may stand anywhere.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        AllowOutOfOrderMetadataProperties = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // goes into a database, never into a page: comments in any script keep their size
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>The payload of a job of that lane, as a value.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static Delivery Read(string payload) => JsonSerializer.Deserialize<Delivery>(payload, Json) ?? throw new JsonException("Null stands where a delivery is expected.");

    /// <summary>The job. A second one with the key finds the first, as long as ended jobs are kept (<c>Orchestrator:Sweeps:Retention</c>).</summary>
    public JobRequest ToJob(string lane, string key) => new(lane, JsonSerializer.Serialize(this, Json)) { DedupeKey = key };
}

/// <summary>What the handler of the lane of deliveries hands facts to.</summary>
internal interface IDeliveryFacts
{
    /// <summary>Takes what was reported. It may come late, twice (after a crash of the handler) or out of order: look at the present state, then act.</summary>
    /// <exception cref="Exception">The job is tried again, as any other.</exception>
    Task TakeAsync(Delivery delivery, CancellationToken cancellation);
}
