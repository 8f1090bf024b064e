using System.Threading.Channels;

namespace Orchestrator.Service.Batching;

/// <summary>
/// Natural batching: what has gathered while earlier batches were under way goes together. Adds no wait when there is little to do,
/// and fills the batches by itself when there is much.
/// </summary>
internal sealed class Batches<TItem, TResult> : IAsyncDisposable
{
    private readonly Channel<Waiting> _queue = Channel.CreateUnbounded<Waiting>();
    private readonly Func<IReadOnlyList<TItem>, CancellationToken, Task<IReadOnlyList<TResult>>> _carryOut;
    private readonly int _size;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _loops;

    /// <param name="size">Items in one batch at most.</param>
    /// <param name="parallel">Batches under way at once.</param>
    /// <param name="carryOut">Gives one result per item, in the same order.</param>
    public Batches(int size, int parallel, Func<IReadOnlyList<TItem>, CancellationToken, Task<IReadOnlyList<TResult>>> carryOut)
    {
        _size = size;
        _carryOut = carryOut;
        _loops = [.. Enumerable.Range(0, parallel).Select(_ => Task.Run(LoopAsync))];
    }

    /// <summary>The result of this item; faults with whatever its batch fell over.</summary>
    public Task<TResult> Add(TItem item)
    {
        var waiting = new Waiting(item);
        return _queue.Writer.TryWrite(waiting)
            ? waiting.Task
            : Task.FromException<TResult>(new ObjectDisposedException(nameof(Batches<,>)));
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await Task.WhenAll(_loops);
        await _stop.CancelAsync();
        _stop.Dispose();
    }

    private async Task LoopAsync()
    {
        var batch = new List<Waiting>(_size);
        while (await _queue.Reader.WaitToReadAsync())
        {
            while (batch.Count < _size && _queue.Reader.TryRead(out var waiting))
                batch.Add(waiting);
            if (batch.Count == 0)
                continue;

            try
            {
                var results = await _carryOut([.. batch.Select(w => w.Item)], _stop.Token);
                for (var i = 0; i < batch.Count; i++)
                    batch[i].TrySetResult(results[i]);
            }
            catch (Exception exception)
            {
                foreach (var waiting in batch)
                    waiting.TrySetException(exception);
            }

            batch.Clear();
        }
    }

    private sealed class Waiting(TItem item) : TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public TItem Item { get; } = item;
    }
}
