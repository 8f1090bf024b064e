using System.Text.Json.Serialization;
using Orchestrator.Service.Permit;
using Orchestrator.Service.Receive;

namespace Orchestrator.Local.Replay;

/// <summary>What one run of the replay left to be judged.</summary>
public sealed record ReplayRun
{
    public required int Permits { get; init; }
    public required ReplayPace Pace { get; init; }

    /// <summary>From the notification to the end of the last ingestion.</summary>
    public required TimeSpan Took { get; init; }

    /// <summary>The job of the file itself; null if none came within the patience.</summary>
    public required JobEnd? Parent { get; init; }

    /// <summary>One entry for each document that the file was split into, in the file's order.</summary>
    public required IReadOnlyList<ChildEnd> Children { get; init; }

    /// <summary>The heavy lane's permits; its peak is the concurrency of the heavy step.</summary>
    public required PermitUse LanePermits { get; init; }

    /// <summary>The permits that all heavy work of the process shares.</summary>
    public required PermitUse ProcessPermits { get; init; }

    /// <summary>Messages of the heavy lane.</summary>
    public required DeliveryUse Deliveries { get; init; }

    /// <summary>Messages left, by queue.</summary>
    public required IReadOnlyDictionary<string, int> Left { get; init; }

    public required MemoryUse Memory { get; init; }

    /// <summary>Requests to SQS and SNS by action, set-up excluded.</summary>
    public required IReadOnlyDictionary<string, int> Requests { get; init; }

    /// <summary>Messages of all lanes and the notification.</summary>
    public required long Messages { get; init; }

    /// <summary>Dead-letter, error and skipped queues that hold anything.</summary>
    public IReadOnlyDictionary<string, int> DeadLetters => Left
        .Where(queue => queue.Value > 0 && (queue.Key.EndsWith("_dlq", StringComparison.Ordinal) || queue.Key.EndsWith("_error", StringComparison.Ordinal) || queue.Key.EndsWith("_skipped", StringComparison.Ordinal)))
        .ToDictionary();
}

/// <summary>How a job ended, or where it stood when the patience was over.</summary>
public sealed record JobEnd(Guid Id, string State, string? Reason);

/// <param name="Job">Its job; null if none was found.</param>
/// <param name="Status">The document's.</param>
/// <param name="Reason">Why it has this status, for people; null where nothing is amiss.</param>
/// <param name="Pages">Its pages in the file; null where the file was not split.</param>
/// <param name="Fields">What was read.</param>
public sealed record ChildEnd(JobEnd? Job, string Status, string? Reason, Pages? Pages, MinimumFields Fields);

/// <param name="First">From 1.</param>
/// <param name="Last">Included.</param>
public sealed record Pages(int First, int Last)
{
    /// <inheritdoc />
    public override string ToString() => First == Last ? $"{First}" : $"{First}-{Last}";
}

/// <summary>Bytes; as the service's <c>GET /queue</c> tells them.</summary>
public sealed record MemoryUse(
    [property: JsonRequired] long HeapLimit, [property: JsonRequired] long HeapPeak, [property: JsonRequired] long HeapAfterGc, [property: JsonRequired] long ToolsPeak);
