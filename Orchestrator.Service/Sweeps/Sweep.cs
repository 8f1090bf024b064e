namespace Orchestrator.Service.Sweeps;

/// <summary>A sweep: runs on one node at a time, repeats what is left over, and never throws. One object for each turn.</summary>
internal abstract class Sweep(ILogger log)
{
    private readonly SortedDictionary<string, long> _done = new(StringComparer.Ordinal);
    private readonly List<string> _errors = [];

    /// <summary>What it did, and how often; without what it did not do.</summary>
    public IReadOnlyDictionary<string, long> Done => _done;

    /// <summary>What went wrong.</summary>
    public IReadOnlyList<string> Errors => _errors;

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await SweepAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            log.SweepFailed(GetType().Name, exception);
            _errors.Add(exception.Message);
        }
    }

    protected abstract Task SweepAsync(CancellationToken cancellation);

    /// <summary>Counts what people want to see of the turn.</summary>
    protected void Did(string what, long times)
    {
        if (times != 0)
            _done[what] = _done.GetValueOrDefault(what) + times;
    }

    /// <summary>One piece could not be done; the turn goes on with the others.</summary>
    protected void Failed(string piece, Exception exception)
    {
        log.PieceFailed(GetType().Name, piece, exception);
        _errors.Add($"{piece}: {exception.Message}");
    }
}
