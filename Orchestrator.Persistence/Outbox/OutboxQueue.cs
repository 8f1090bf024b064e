using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Orchestrator.Persistence.Outbox;

/// <summary>
/// The committed rows that this process is at work on, from the hand-off after the commit to the deletion. What is known here is not
/// taken up by the sweep; what dies with the process is still in the table.
/// </summary>
internal sealed class OutboxQueue
{
    private const int MostWaiting = 10_000;

    private readonly Channel<OutboxRow> _toSend = Channel.CreateUnbounded<OutboxRow>();
    private readonly Channel<Delivered> _delivered = Channel.CreateUnbounded<Delivered>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<Guid, Flight> _known = new();

    /// <summary>Rows in the order of their commits.</summary>
    public ChannelReader<OutboxRow> ToSend => _toSend.Reader;

    /// <summary>Rows that can leave the table.</summary>
    public ChannelReader<Delivered> ToRemove => _delivered.Reader;

    /// <summary>How many more rows fit. While the bus is down the rest stays in the table, and the sweep brings it when there is room.</summary>
    public int Room => Math.Max(0, MostWaiting - _toSend.Reader.Count);

    /// <summary>Hands over committed rows; never waits and never fails. Delayed rows, and what does not fit, are left to the sweep.</summary>
    public void Enqueue(IEnumerable<OutboxRow> committed)
    {
        foreach (var row in committed)
        {
            if (row.DueAt <= row.CreatedAt && Room > 0)
                Send(row);
        }
    }

    /// <summary>Puts one row on its way, unless it already is.</summary>
    public void Send(OutboxRow row)
    {
        if (_known.TryAdd(row.MessageId, new Flight()))
            _toSend.Writer.TryWrite(row);
    }

    public bool Knows(Guid id) => _known.ContainsKey(id);

    /// <summary>The row is gone from the table, or is the table's again.</summary>
    public void Forget(Guid id) => _known.TryRemove(id, out _);

    /// <summary>From here on the row is deleted when the last of these endpoints has ended with it.</summary>
    public void Await(Guid id, IReadOnlyCollection<Uri> endpoints)
    {
        if (_known.TryGetValue(id, out var flight))
            flight.Await(endpoints);
    }

    /// <summary>One endpoint has ended with the message, well or, with a reason, for the last time badly.</summary>
    public void Acknowledge(Guid id, Uri endpoint, string? failure)
    {
        if (_known.TryGetValue(id, out var flight) && flight.IsLast(endpoint, failure, out var failures))
            Remove(id, failures);
    }

    /// <summary>The row can go; with a reason it goes among the dead.</summary>
    public void Remove(Guid id, string? reason = null) => _delivered.Writer.TryWrite(new Delivered(id, reason));

    public readonly record struct Delivered(Guid Id, string? Failure);

    /// <summary>The endpoints that still have to consume one message.</summary>
    private sealed class Flight
    {
        private readonly Lock _lock = new();
        private HashSet<Uri>? _awaited;
        private string? _failures;

        public void Await(IReadOnlyCollection<Uri> endpoints)
        {
            lock (_lock)
                _awaited = [.. endpoints];
        }

        /// <summary>True once, for the last endpoint; a second delivery to the same endpoint does not count again.</summary>
        public bool IsLast(Uri endpoint, string? failure, out string? failures)
        {
            lock (_lock)
            {
                var counted = _awaited?.Remove(endpoint) == true;
                if (counted && failure is not null)
                    _failures = _failures is null ? failure : $"{_failures}\n{failure}";
                failures = _failures;
                return counted && _awaited!.Count == 0;
            }
        }
    }
}
