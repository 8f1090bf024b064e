using System.Collections.Concurrent;
using MassTransit;

namespace Orchestrator.Persistence.Outbox;

/// <summary>Which endpoint of this process consumes which message, noted while the bus is configured.</summary>
internal sealed class ConsumeRoutes
{
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<Uri, byte>> _endpointsByUrn = new();
    private readonly ConcurrentDictionary<string, byte> _endpoints = new();

    /// <summary>True once a bus is watched.</summary>
    public bool Connected { get; set; }

    public void Add(Uri endpoint, Type message) =>
        _endpointsByUrn.GetOrAdd(MessageUrn.ForTypeString(message), _ => new()).TryAdd(endpoint, 0);

    public void AddEndpoint(Uri endpoint) => _endpoints.TryAdd(endpoint.AbsolutePath, 0);

    /// <summary>
    /// The endpoints that will get this row: the one that it is sent to, all that consume it if it is published, none if nobody here listens.
    /// </summary>
    public IReadOnlyCollection<Uri> EndpointsOf(OutboxRow row)
    {
        var destination = new Uri(row.Destination);
        var listeners = row.MessageType.Split(';').SelectMany(urn => _endpointsByUrn.TryGetValue(urn, out var found) ? found.Keys : []).Distinct();
        if (_endpoints.ContainsKey(destination.AbsolutePath))
            return [.. listeners.Where(endpoint => endpoint.AbsolutePath == destination.AbsolutePath)];

        // The in-memory bus writes a queue with its settings (?bind=true, ?temporary=true) and the topic of a message without.
        return destination.Query.Length > 0 ? [] : [.. listeners];
    }
}
