using System.Collections.Concurrent;
using Orchestrator.Service.Finalize;

namespace Orchestrator.Service.Run;

/// <summary>The runs that this process carries out now: who must be told when one has to stop.</summary>
internal sealed class RunningJobs
{
    private readonly ConcurrentDictionary<(Guid Job, long Run), Entry> _runs = new();
    private readonly ConcurrentDictionary<Guid, int> _jobs = new();
    private readonly ConcurrentDictionary<Guid, int> _carried = new();
    private volatile bool _ended;

    public int Count => _runs.Count;

    internal bool Runs(Guid job) => _jobs.ContainsKey(job);

    /// <summary>Is the job in this process's hands, from before its claim until its outcome is stored?</summary>
    internal bool Carries(Guid job) => _carried.ContainsKey(job);

    internal Carried Carry(Guid job)
    {
        _carried.AddOrUpdate(job, 1, static (_, n) => n + 1);
        return new Carried(this, job);
    }

    internal IReadOnlyList<(Guid Job, long Run)> Held => [.. _runs.Keys];

    internal Entry Add(Guid job, long run)
    {
        var entry = new Entry(this, job, run);
        _runs[(job, run)] = entry;
        _jobs.AddOrUpdate(job, 1, static (_, n) => n + 1);
        if (_ended) // asked after the run is known: it is stopped here or by StopForGood, never by neither
            entry.Stop(StopReason.NodeStopping);
        return entry;
    }

    internal void Stop(Guid job, long run, StopReason reason)
    {
        if (_runs.TryGetValue((job, run), out var entry))
            entry.Stop(reason);
    }

    /// <summary>The node has no more time: stops what runs, and whatever is still about to.</summary>
    internal void StopForGood()
    {
        _ended = true;
        StopAll(StopReason.NodeStopping);
    }

    internal void StopAll(StopReason reason)
    {
        foreach (var entry in _runs.Values)
            entry.Stop(reason);
    }

    /// <summary>One run's handle: its token, and why it fired.</summary>
    internal sealed class Entry(RunningJobs all, Guid job, long run) : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private int _reason;

        public CancellationToken Token => _stop.Token;

        public StopReason Reason => (StopReason)Volatile.Read(ref _reason);

        public void Stop(StopReason reason)
        {
            // These outrank the rest: whatever else happened, nothing may be written any more.
            if (reason is StopReason.Fenced or StopReason.LeaseOver)
                Volatile.Write(ref _reason, (int)reason);
            else
                Interlocked.CompareExchange(ref _reason, (int)reason, (int)StopReason.None);
            try
            {
                _stop.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The run ended a moment ago.
            }
        }

        public void Dispose()
        {
            all._runs.TryRemove((job, run), out _);
            CountDown(all._jobs, job);
            _stop.Dispose();
        }
    }

    internal sealed class Carried(RunningJobs all, Guid job) : IDisposable
    {
        public void Dispose() => CountDown(all._carried, job);
    }

    private static void CountDown(ConcurrentDictionary<Guid, int> counts, Guid job)
    {
        if (counts.AddOrUpdate(job, 0, static (_, n) => n - 1) == 0)
            counts.TryRemove(new KeyValuePair<Guid, int>(job, 0));
    }
}
