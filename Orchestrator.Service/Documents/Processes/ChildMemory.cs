namespace Orchestrator.Service.Documents.Processes;

/// <summary>
/// How much memory the tools of this process use together, now and at the worst moment so far. Each tool counts with the largest
/// resident set that it has shown, until it ends; so the sum is never too small for what was sampled.
/// </summary>
public sealed class ChildMemory
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, long> _byProcess = [];
    private long _current;
    private long _peakSum;
    private long _peakSingle;

    /// <summary>The sum over the tools that run now, in bytes.</summary>
    public long CurrentBytes
    {
        get
        {
            lock (_lock)
            {
                return _current;
            }
        }
    }

    /// <summary>The largest sum seen since the start or the last <see cref="Restart"/>, in bytes.</summary>
    public long PeakSumBytes
    {
        get
        {
            lock (_lock)
            {
                return _peakSum;
            }
        }
    }

    /// <summary>The largest single tool seen since the start or the last <see cref="Restart"/>, in bytes.</summary>
    public long PeakSingleBytes
    {
        get
        {
            lock (_lock)
            {
                return _peakSingle;
            }
        }
    }

    /// <summary>Forgets the peaks, not the tools that still run.</summary>
    public void Restart()
    {
        lock (_lock)
        {
            _peakSum = _current;
            _peakSingle = _byProcess.Values.DefaultIfEmpty().Max();
        }
    }

    internal void Observe(int processId, long residentBytes)
    {
        lock (_lock)
        {
            var before = _byProcess.GetValueOrDefault(processId);
            var now = Math.Max(before, residentBytes);
            _byProcess[processId] = now;
            _current += now - before;
            _peakSum = Math.Max(_peakSum, _current);
            _peakSingle = Math.Max(_peakSingle, now);
        }
    }

    internal void Forget(int processId)
    {
        lock (_lock)
        {
            if (_byProcess.Remove(processId, out var last))
            {
                _current -= last;
            }
        }
    }
}
