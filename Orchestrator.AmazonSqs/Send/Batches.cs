using System.Globalization;

namespace Orchestrator.AmazonSqs;

/// <summary>How many entries and bytes one request may carry, how many requests may be under way, and how long a part-filled one waits.</summary>
internal sealed record BatchLimits(int MaxBytes, int Parallel, TimeSpan Linger)
{
    /// <summary>SQS and SNS take at most 10 entries in a request.</summary>
    public const int MaxEntries = 10;

    /// <summary>The entries' names within a request: their positions.</summary>
    public static readonly string[] Ids = [.. Enumerable.Range(0, MaxEntries).Select(index => index.ToString(CultureInfo.InvariantCulture))];
}

/// <summary>
/// Collects entries into batches by natural pressure: while a request is under way, what arrives meanwhile forms the next one. A
/// part-filled batch goes out only when no other request is under way, so that a lone entry goes at once and a flood goes full.
/// </summary>
internal sealed class Batches<TEntry>(BatchLimits limits, Func<TEntry, int> size, Func<IReadOnlyList<TEntry>, Task> send, TimeProvider time)
    : IThreadPoolWorkItem
{
    private readonly Lock _lock = new();
    private readonly Queue<TEntry> _waiting = new();
    private readonly List<TaskCompletionSource> _flushes = [];
    private int _senders;
    private int _starting;

    public void Add(TEntry entry)
    {
        lock (_lock)
        {
            _waiting.Enqueue(entry);
            var wanted = _senders == 0 || (_senders < limits.Parallel && _waiting.Count >= BatchLimits.MaxEntries * (_starting + 1));
            if (!wanted)
                return;
            _senders++;
            _starting++;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Completes when everything added so far has been sent or has failed.</summary>
    public Task Flush()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0 && _senders == 0)
                return Task.CompletedTask;
            var flush = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _flushes.Add(flush);
            return flush.Task;
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = SendLoop();

    private async Task SendLoop()
    {
        if (limits.Linger > TimeSpan.Zero && Count() < BatchLimits.MaxEntries)
            await Task.Delay(limits.Linger, time);
        lock (_lock)
            _starting--;
        while (Take() is { } batch)
        {
            Telemetry.BatchSizes.Record(batch.Count);
            await send(batch); // reports every failure to the entries themselves and never throws
            if (limits.Linger > TimeSpan.Zero && Count() is > 0 and < BatchLimits.MaxEntries)
                await Task.Delay(limits.Linger, time);
        }
    }

    private int Count()
    {
        lock (_lock)
            return _waiting.Count;
    }

    private List<TEntry>? Take()
    {
        List<TaskCompletionSource>? flushed = null;
        lock (_lock)
        {
            // Only the last sender takes a part-filled batch; the others leave the rest to it.
            if (_waiting.Count == 0 || (_waiting.Count < BatchLimits.MaxEntries && _senders > 1))
            {
                _senders--;
                if (_waiting.Count == 0 && _senders == 0 && _flushes.Count > 0)
                {
                    flushed = [.. _flushes];
                    _flushes.Clear();
                }
            }
            else
            {
                var batch = new List<TEntry>(Math.Min(BatchLimits.MaxEntries, _waiting.Count));
                var bytes = 0;
                while (batch.Count < BatchLimits.MaxEntries && _waiting.TryPeek(out var next))
                {
                    bytes += size(next);
                    if (batch.Count > 0 && bytes > limits.MaxBytes)
                        break;
                    batch.Add(_waiting.Dequeue());
                }
                return batch;
            }
        }
        flushed?.ForEach(flush => flush.TrySetResult());
        return null;
    }
}
