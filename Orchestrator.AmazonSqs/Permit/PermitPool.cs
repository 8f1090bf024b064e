namespace Orchestrator.AmazonSqs;

/// <summary>The permits for heavy work in one process. Give one pool to several endpoints and they share it.</summary>
public sealed class PermitPool(int permits) : IDisposable
{
    private readonly SemaphoreSlim _free = new(permits, permits);
    private int _held;
    private int _peak;
    private int _waiting;

    /// <summary>How many there are, 1 or more.</summary>
    public int Permits => permits;

    /// <summary>How many are held now.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>The most that were ever held at once.</summary>
    public int Peak => Volatile.Read(ref _peak);

    /// <summary>How many wait for one now.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Takes a permit if one is free.</summary>
    public bool TryTake()
    {
        if (!_free.Wait(0))
            return false;
        Taken();
        return true;
    }

    /// <summary>Waits for a permit; whoever gets it must <see cref="Return"/> it.</summary>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            await _free.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
        Taken();
    }

    public void Return()
    {
        Interlocked.Decrement(ref _held);
        _free.Release();
    }

    public void Dispose() => _free.Dispose();

    private void Taken()
    {
        var held = Interlocked.Increment(ref _held);
        for (var peak = Volatile.Read(ref _peak); held > peak; peak = Volatile.Read(ref _peak))
            Interlocked.CompareExchange(ref _peak, held, peak);
    }
}
