using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Orchestrator.Service.Http;

namespace Orchestrator.Service.Delivery.Webhooks;

/// <summary>What became of a delivery.</summary>
internal enum DeliveryEnd
{
    /// <summary>A job carries it.</summary>
    Enqueued,

    /// <summary>A job carries it already.</summary>
    Duplicate,

    /// <summary>It moves nothing.</summary>
    Ignored,

    /// <summary>Its signature is missing or wrong.</summary>
    Forged,

    /// <summary>Signed, and not to be understood.</summary>
    Unreadable,

    /// <summary>Too large, too slow or of a wrong type.</summary>
    Refused,

    /// <summary>It could not be stored.</summary>
    NotStored,
}

/// <summary>Counts deliveries since the start of this process: as metric, and as the block <c>webhooks</c> of <c>GET /queue</c>, where silence is seen.</summary>
internal sealed class WebhookCounts(IMeterFactory meters, TimeProvider time) : IQueueBlock
{
    private readonly Counter<long> _ends = meters.Create(Telemetry.Name).CreateCounter<long>("orchestrator.webhooks", "{delivery}", "Deliveries of forge and tracker by source and what became of them");
    private readonly ConcurrentDictionary<(DeliverySource Source, DeliveryEnd End), long> _counts = new();
    private readonly ConcurrentDictionary<DeliverySource, DateTimeOffset> _last = new();

    public string Name => "webhooks";

    public void Ended(DeliverySource source, DeliveryEnd end)
    {
        _ends.Add(1, new KeyValuePair<string, object?>("source", source.ToString()), new KeyValuePair<string, object?>("end", end.ToString()));
        _counts.AddOrUpdate((source, end), 1, (_, count) => count + 1);
        if (end is DeliveryEnd.Enqueued or DeliveryEnd.Duplicate or DeliveryEnd.Ignored)
            _last[source] = time.GetUtcNow();
    }

    public long Of(DeliverySource source, DeliveryEnd end) => _counts.GetValueOrDefault((source, end));

    public Task<object?> ReadAsync(CancellationToken cancellation) => Task.FromResult<object?>(Enum.GetValues<DeliverySource>().ToDictionary(
        source => source.ToString(),
        source => new WebhookView(
            _last.TryGetValue(source, out var last) ? last : null,
            _counts.Where(count => count.Key.Source == source).ToDictionary(count => count.Key.End.ToString(), count => count.Value))));
}

/// <param name="Last">When the last signed delivery came; null before the first.</param>
/// <param name="Ends">What became of how many.</param>
internal sealed record WebhookView(DateTimeOffset? Last, IReadOnlyDictionary<string, long> Ends);
