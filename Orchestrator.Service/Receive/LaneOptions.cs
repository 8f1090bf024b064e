using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Receive;

/// <summary>A lane's limits and times. Each configured lane needs a handler of the same name.</summary>
public sealed class LaneOptions
{
    /// <summary>Does this node work in the lane? Its jobs are taken and dispatched either way.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Runs at once in one process, within the process's own permits; 1 to 10,000.</summary>
    public int Permits { get; set; } = 3;

    /// <summary>Runs at once over all nodes together; no limit if absent.</summary>
    public int? MaxRunning { get; set; }

    /// <summary>Messages that a process holds beyond its permits, protected; 0 to 1,000.</summary>
    public int Prefetch { get; set; } = 4;

    /// <summary>Wake-ups that a node keeps sent and unclaimed; 1 to 100,000. Permits + prefetch if absent.</summary>
    public int? DispatchAhead { get; set; }

    /// <summary>Visibility asked for in the receive call and renewed by the heartbeat; 2 s to 12 h.</summary>
    public TimeSpan Visibility { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Receives before SQS moves a message to the dead-letter queue: only what kills its handler gets there; 1 to 1,000.</summary>
    public int MaxReceiveCount { get; set; } = 5;

    /// <summary>Runs that may fail before a job fails, unless the job says otherwise; 1 to 100.</summary>
    public int MaxAttempts { get; set; } = 5;

    /// <summary>Nodes that may die under a job before it is held for a person; 1 to 100.</summary>
    public int MaxLosses { get; set; } = 5;

    /// <summary>Pause before the second run; doubles each time, with jitter; 0 to 1 h.</summary>
    public TimeSpan Backoff { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest pause between runs; at least the backoff, at most 7 days.</summary>
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>For lanes of very quick jobs: a claim takes those along that wait behind it for a permit, so that many share a commit. Such a job counts as running while it still waits.</summary>
    public bool ClaimQuickAlong { get; set; }

    internal int Ahead => DispatchAhead ?? Permits + Prefetch;

    internal IEnumerable<Broken> Check(string lane)
    {
        if (Permits is < 1 or > 10_000)
            yield return new($"{lane}:Permits", "must be 1 to 10,000", Permits);
        if (MaxRunning is < 1)
            yield return new($"{lane}:MaxRunning", "must be at least 1, or absent for no limit; to stop a lane, pause it", MaxRunning);
        if (Prefetch is < 0 or > 1000)
            yield return new($"{lane}:Prefetch", "must be 0 to 1,000", Prefetch);
        if (DispatchAhead is < 1 or > 100_000)
            yield return new($"{lane}:DispatchAhead", "must be 1 to 100,000, or absent for permits + prefetch", DispatchAhead);
        if (Visibility < TimeSpan.FromSeconds(2) || Visibility > TimeSpan.FromHours(12))
            yield return new($"{lane}:Visibility", "must be 2 s to 12 h", Visibility);
        if (MaxReceiveCount is < 1 or > 1000)
            yield return new($"{lane}:MaxReceiveCount", "must be 1 to 1,000", MaxReceiveCount);
        if (MaxAttempts is < 1 or > 100)
            yield return new($"{lane}:MaxAttempts", "must be 1 to 100", MaxAttempts);
        if (MaxLosses is < 1 or > 100)
            yield return new($"{lane}:MaxLosses", "must be 1 to 100", MaxLosses);
        if (Backoff < TimeSpan.Zero || Backoff > TimeSpan.FromHours(1))
            yield return new($"{lane}:Backoff", "must be 0 to 1 h", Backoff);
        if (MaxBackoff < Backoff || MaxBackoff > TimeSpan.FromDays(7))
            yield return new($"{lane}:MaxBackoff", $"must be at least the backoff ({Backoff}) and at most 7 days", MaxBackoff);
    }
}

/// <summary>The lanes by name.</summary>
public sealed class LanesOptions : Dictionary<string, LaneOptions>, IChecked
{
    public LanesOptions() : base(StringComparer.Ordinal)
    {
    }

    public IEnumerable<Broken> Check()
    {
        foreach (var (name, lane) in this)
        {
            if (name.Length is < 1 or > 40 || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
                yield return new(name, "must be a name of 1 to 40 lower-case letters, digits and -", name);
            if (name == "jobs")
                yield return new(name, "must be called otherwise: the queue of that name takes commands", name);
            foreach (var broken in lane.Check(name))
                yield return broken;
        }
    }
}
