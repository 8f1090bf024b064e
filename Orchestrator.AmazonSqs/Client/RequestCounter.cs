using System.Collections.Concurrent;

namespace Orchestrator.AmazonSqs;

/// <summary>
/// Counts the requests of one bus to SQS and SNS by action, because requests are what AWS bills. A retry inside the SDK counts
/// with the request that it repeats. Resolve it from the container, or set <c>cfg.Requests</c> to give each bus its own.
/// </summary>
public sealed class RequestCounter
{
    private readonly ConcurrentDictionary<string, Tally> _tallies = new();

    /// <summary>Requests so far by action, for example "ReceiveMessage".</summary>
    public IReadOnlyDictionary<string, long> ByAction => _tallies.ToDictionary(entry => entry.Key, entry => Interlocked.Read(ref entry.Value.Count));

    /// <summary>All requests so far.</summary>
    public long Total => _tallies.Values.Sum(tally => Interlocked.Read(ref tally.Count));

    internal void Count(string action)
    {
        Interlocked.Increment(ref _tallies.GetOrAdd(action, static _ => new Tally()).Count);
        Telemetry.Requests.Add(1, new KeyValuePair<string, object?>("action", action));
    }

    private sealed class Tally
    {
        public long Count;
    }
}
