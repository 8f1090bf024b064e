using Orchestrator.Service.Hosting;
using Orchestrator.Service.Resilience;

namespace Orchestrator.Service.Receive;

/// <summary>A lane's limits and times. Each configured lane needs a handler of the same name.</summary>
public sealed class LaneOptions
{
    /// <summary>Does this node work in the lane? Its jobs are taken and dispatched either way.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Names of the commands (<c>Orchestrator:Commands</c>) that its jobs may name. A lane with commands runs external processes and has no handler.</summary>
    public IList<string> Commands { get; } = [];

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

    /// <summary>Runs of a job that may be lost with their node or process before it is held for a person; 1 to 100.</summary>
    public int MaxLosses { get; set; } = 5;

    /// <summary>Transient failures and rate limits that a job may meet before it is held for a person; 1 to 1,000.</summary>
    public int MaxTransient { get; set; } = 10;

    /// <summary>The account that the lane's work uses, by a name of the operator's choice: lanes with the same one share a breaker. None if absent.</summary>
    public string? Credential { get; set; }

    /// <summary>Keeps the lane from being claimed while what it needs fails.</summary>
    public BreakerOptions Breaker { get; set; } = new();

    /// <summary>Longest time of a run in the process, after which it is stopped at the cost of an attempt; 1 s to 12 h, no limit if absent. External processes have limits of their own.</summary>
    public TimeSpan? MaxRunTime { get; set; }

    /// <summary>Pause after a transient failure or a lost process for which none is stated; doubles each time, with jitter; 0 to 1 h.</summary>
    public TimeSpan TransientBackoff { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest of these pauses; at least the transient backoff, at most 7 days.</summary>
    public TimeSpan MaxTransientBackoff { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Pause before the second run; doubles each time, with jitter; 0 to 1 h.</summary>
    public TimeSpan Backoff { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest pause between runs; at least the backoff, at most 7 days.</summary>
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>For lanes of very quick jobs: a claim takes those along that wait behind it for a permit, so that many share a commit. Such a job counts as running while it still waits.</summary>
    public bool ClaimQuickAlong { get; set; }

    internal bool IsProcess => Commands.Count > 0;

    internal int Ahead => DispatchAhead ?? Permits + Prefetch;

    internal IEnumerable<Broken> Check(string lane)
    {
        if (IsProcess && ClaimQuickAlong)
            yield return new($"{lane}:ClaimQuickAlong", "must be false in a lane of commands: a process is claimed when it can be started", ClaimQuickAlong);
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
        if (MaxTransient is < 1 or > 1000)
            yield return new($"{lane}:MaxTransient", "must be 1 to 1,000", MaxTransient);
        if (Credential is { } credential && (credential.Length is < 1 or > 100 || credential.Any(char.IsControl)))
            yield return new($"{lane}:Credential", "must be a name of 1 to 100 characters without control characters, or absent", credential.Length);
        if (MaxRunTime < TimeSpan.FromSeconds(1) || MaxRunTime > TimeSpan.FromHours(12))
            yield return new($"{lane}:MaxRunTime", "must be 1 s to 12 h, or absent for no limit", MaxRunTime);
        if (TransientBackoff < TimeSpan.Zero || TransientBackoff > TimeSpan.FromHours(1))
            yield return new($"{lane}:TransientBackoff", "must be 0 to 1 h", TransientBackoff);
        if (MaxTransientBackoff < TransientBackoff || MaxTransientBackoff > TimeSpan.FromDays(7))
            yield return new($"{lane}:MaxTransientBackoff", $"must be at least the transient backoff ({TransientBackoff}) and at most 7 days", MaxTransientBackoff);
        foreach (var broken in Breaker.Check($"{lane}:Breaker"))
            yield return broken;
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

    /// <summary>Those whose runs are external processes.</summary>
    internal IReadOnlyList<string> OfProcesses => [.. this.Where(lane => lane.Value.IsProcess).Select(lane => lane.Key)];

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
