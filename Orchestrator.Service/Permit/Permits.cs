using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Service.Permit;

/// <summary>Slots for heavy work in this process. Counts what it saw, because "how full was it" is the first question after an incident.</summary>
public sealed class Permits(int size, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(size, size);
    private readonly Lock _lock = new();
    private int _inUse, _peak, _waiting;
    private TimeSpan _longestWait;

    public int Size { get; } = size;

    /// <summary>Takes a permit if one is free right now.</summary>
    public bool TryTake([NotNullWhen(true)] out IDisposable? permit)
    {
        permit = _slots.Wait(0) ? Taken() : null;
        return permit is not null;
    }

    /// <summary>Waits for a permit; dispose it to give it back.</summary>
    public async ValueTask<IDisposable> TakeAsync(CancellationToken cancellation)
    {
        if (TryTake(out var permit))
            return permit;

        var began = time.GetTimestamp();
        Interlocked.Increment(ref _waiting);
        try
        {
            await _slots.WaitAsync(cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
            var waited = time.GetElapsedTime(began);
            lock (_lock)
                _longestWait = waited > _longestWait ? waited : _longestWait;
        }

        return Taken();
    }

    /// <summary>Would the next one have to wait?</summary>
    public bool IsFull => _slots.CurrentCount == 0;

    public PermitUse Use
    {
        get
        {
            lock (_lock)
                return new PermitUse(Size, _inUse, _peak, Volatile.Read(ref _waiting), _longestWait);
        }
    }

    public void Dispose() => _slots.Dispose();

    private Permit Taken()
    {
        lock (_lock)
        {
            _inUse++;
            _peak = Math.Max(_peak, _inUse);
        }

        return new Permit(this);
    }

    private void GiveBack()
    {
        lock (_lock)
            _inUse--;
        _slots.Release();
    }

    private sealed class Permit(Permits permits) : IDisposable
    {
        private Permits? _permits = permits;

        public void Dispose() => Interlocked.Exchange(ref _permits, null)?.GiveBack();
    }
}

/// <param name="Size">Permits there are.</param>
/// <param name="InUse">Held now.</param>
/// <param name="Peak">Most ever held at once since the start.</param>
/// <param name="Waiting">Messages that wait for one now.</param>
/// <param name="LongestWait">Longest wait since the start.</param>
public sealed record PermitUse(int Size, int InUse, int Peak, int Waiting, TimeSpan LongestWait);
