using System.Collections.Concurrent;
using System.Threading.Channels;
using Npgsql;
using Orchestrator.Service.Receive;

namespace Orchestrator.Service.Dispatch;

/// <summary>
/// "There may be work": to this process's dispatcher at once, to the other nodes by one debounced NOTIFY outside of the hot transactions
/// (a NOTIFY inside would make commits wait for each other). Losing one costs at most a poll interval.
/// </summary>
internal sealed class WorkSignal : IAsyncDisposable
{
    public const string Channel = "orchestrator_work";

    /// <summary>The payload that asks nodes to look for cancelled runs.</summary>
    public const string Cancels = "!cancels";

    /// <summary>The listener that looks after jobs that are not due yet.</summary>
    public const string Sleepers = "!sleepers";

    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(5);

    private readonly ConcurrentDictionary<string, Action> _listeners = new(StringComparer.Ordinal);
    private readonly Channel<string> _outgoing = System.Threading.Channels.Channel.CreateUnbounded<string>();
    private readonly NpgsqlDataSource _database;
    private readonly TimeProvider _time;
    private readonly ILogger<WorkSignal> _log;
    private readonly Task _sender;

    public WorkSignal(NpgsqlDataSource database, TimeProvider time, ILogger<WorkSignal> log)
    {
        (_database, _time, _log) = (database, time, log);
        _sender = Task.Run(SendAsync);
    }

    /// <summary>Called for every signal of the lane, here or on another node; must be quick and must not throw.</summary>
    public void Listen(string lane, Action wake) => _listeners[lane] = wake;

    /// <summary>Jobs of the lane were stored or queued again.</summary>
    public void Submitted(string lane)
    {
        Heard(lane);
        _outgoing.Writer.TryWrite(lane);
    }

    /// <summary>A job of this process sleeps until a time that may come before the next look.</summary>
    public void Slept() => Heard(Sleepers);

    /// <summary>Wake-ups of the lane were claimed: its dispatcher may send more.</summary>
    public void Freed(string lane) => Heard(lane);

    /// <summary>A run ended: in a lane with a limit over all nodes the others may go on, too.</summary>
    public void Ended(Lane lane)
    {
        if (lane.Options.MaxRunning is not null)
            Submitted(lane.Name);
    }

    /// <summary>Somebody asked running jobs to stop.</summary>
    public void Cancelled() => _outgoing.Writer.TryWrite(Cancels);

    /// <summary>A signal arrived from another node.</summary>
    public void Heard(string lane)
    {
        if (_listeners.TryGetValue(lane, out var wake))
            wake();
    }

    public async ValueTask DisposeAsync()
    {
        _outgoing.Writer.TryComplete();
        await _sender;
    }

    private async Task SendAsync()
    {
        while (await _outgoing.Reader.WaitToReadAsync())
        {
            var lanes = new HashSet<string>(StringComparer.Ordinal);
            while (_outgoing.Reader.TryRead(out var lane))
                lanes.Add(lane);
            try
            {
                await using var command = _database.CreateCommand($"SELECT pg_notify('{Channel}', lane) FROM unnest($1::text[]) AS lane");
                command.Parameters.AddWithValue(lanes.ToArray());
                await command.ExecuteNonQueryAsync();
                if (!_outgoing.Reader.Completion.IsCompleted)
                    await Task.Delay(Spacing, _time, CancellationToken.None);
            }
            catch (Exception exception)
            {
                _log.NotNotified(string.Join(", ", lanes), exception); // the others' poll finds the work
            }
        }
    }
}
