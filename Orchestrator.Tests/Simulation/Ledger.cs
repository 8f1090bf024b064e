using Orchestrator.Persistence.Breakers;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Nodes;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Resilience;

namespace Orchestrator.Tests.Simulation;

/// <summary>What can be taken out of the simulation, to see that it is missed.</summary>
public enum Guard
{
    /// <summary>Nothing is taken out.</summary>
    None,

    /// <summary><c>write</c> names the run that the transition left.</summary>
    WriteNamesRun,

    /// <summary><c>write</c> names the state that the transition left.</summary>
    WriteNamesState,

    /// <summary><c>lock_run</c> names the run.</summary>
    LockRun,

    /// <summary><c>lock_lane</c> while running jobs are counted.</summary>
    LockLane,

    /// <summary>Two stale observations make a node dead, not one.</summary>
    TwoStaleObservations,

    /// <summary>Two observations have a pause between them, in which a living node renews.</summary>
    SpacedObservations,

    /// <summary>External processes are left to a node of their host, which adopts them.</summary>
    Adoption,

    /// <summary><c>may_probe</c> asks again under the breaker's lock.</summary>
    ProbeLock,

    /// <summary>Entering Queued forgets the owner.</summary>
    ForgetOwner,

    /// <summary>A node adopts external processes of its own that it has lost sight of.</summary>
    StrandedAreAdopted,

    /// <summary>A claimed process is started only while the node holds its lease.</summary>
    StartAsksLease,

    /// <summary>Before a run begins, what earlier runs of its job left on the machine is ended.</summary>
    EarlierRunsEnd,
}

/// <summary>A row of the table of nodes.</summary>
internal sealed class NodeRow(NodeIdentity identity, DateTimeOffset renewedAt, TimeSpan lease)
{
    public NodeIdentity Identity { get; } = identity;
    public DateTimeOffset RenewedAt { get; set; } = renewedAt;
    public TimeSpan Lease { get; } = lease;
    public int Stale { get; set; }
    public DateTimeOffset FirstStaleAt { get; set; }
    public DateTimeOffset? DeadAt { get; set; }

    public bool HoldsLease(DateTimeOffset now) => DeadAt is null && RenewedAt + Lease >= now;
}

/// <summary>A row of the evidence.</summary>
internal sealed record Evidence(long Run, DateTimeOffset SeenAt, int DeadTicks = 0, int? ExitCode = null, DateTimeOffset? ExitSeenAt = null, string? Outcome = null, DateTimeOffset? FinalizingUntil = null, DateTimeOffset? StopMonitorAt = null);

/// <summary>Who writes, and why: for the invariants, not for the guards.</summary>
/// <param name="Who">For the trace.</param>
/// <param name="Run">The run in whose name it is written; null for a claim, a command, a release.</param>
/// <param name="Event">What was raised.</param>
/// <param name="IsFailureOfWork">The run's code failed.</param>
internal sealed record Writer(string Who, long? Run, object Event, bool IsFailureOfWork = false);

/// <summary>The database: the statements of the ledgers with their guards, each call one transaction. Knows no fault and no invariant.</summary>
internal sealed class Ledger(Machine machine, Guard without, LanesOptions lanes, Action<Job, Job, Writer> written)
{
    private long _nextRun = 1000;

    public Dictionary<Guid, Job> Jobs { get; } = [];
    public Dictionary<Guid, NodeRow> Nodes { get; } = [];
    public Dictionary<Guid, Evidence> Seen { get; } = [];
    public Dictionary<(BreakerScope Scope, string Name), Breaker> Breakers { get; } = [];

    public long NextRun() => _nextRun++;

    public static bool IsOwned(Job job) => job.State is nameof(JobLifecycle.Running) or nameof(JobLifecycle.Finalizing);

    public IEnumerable<Job> Owned => Jobs.Values.Where(IsOwned);

    public Job Lock(Guid id) => Machine.Copy(Jobs[id]);

    public Job? LockRun(Guid id, long run)
    {
        var job = Jobs[id];
        return (job.RunId == run || without == Guard.LockRun) && IsOwned(job) ? Machine.Copy(job) : null;
    }

    public bool Apply(Job job, object @event)
    {
        var (node, host, run, started) = (job.OwnerNode, job.OwnerHost, job.RunId, job.StartedAt);
        var applied = machine.Apply(job, @event);
        if (without == Guard.ForgetOwner && job.State == nameof(JobLifecycle.Queued))
            (job.OwnerNode, job.OwnerHost, job.RunId, job.StartedAt) = (node, host, run, started);
        return applied;
    }

    public bool Write(Job job, string leftState, long? leftRun, Writer writer)
    {
        var stored = Jobs[job.Id];
        if ((stored.State != leftState && without != Guard.WriteNamesState) || (stored.RunId != leftRun && without != Guard.WriteNamesRun))
            return false;
        Jobs[job.Id] = Machine.Copy(job);
        written(stored, job, writer);
        return true;
    }

    /// <summary>Applies and writes what was locked in this transaction.</summary>
    public bool Move(Job job, object @event, Writer writer)
    {
        var (state, run) = (job.State, job.RunId);
        return Apply(job, @event) && Write(job, state, run, writer);
    }

    public int CountRunning(string lane) => Jobs.Values.Count(job => job.Lane == lane && IsOwned(job));

    public LaneDoor Door(string lane)
    {
        var breakers = BreakersOf(lane).ToList();
        var probes = breakers.Where(b => b.ProbeJob is not null).Select(b => b.ProbeJob!.Value).ToList();
        return new LaneDoor(lanes[lane].MaxRunning, false, breakers.Any(b => b.State == BreakerState.Open), probes.Count > 0 ? probes : null, breakers.Any(b => b.State != BreakerState.Closed || b.InARow > 0));
    }

    public LaneLoad Load(string lane, Guid me, DateTimeOffset now)
    {
        var limit = lanes[lane].MaxRunning;
        var sent = Jobs.Values.Where(job => job.Lane == lane && job is { State: nameof(JobLifecycle.Queued), DispatchedAt: not null }).ToList();
        var gate = BreakersOf(lane).Select(b => b.State switch
        {
            BreakerState.Closed => BreakerGate.Clear,
            BreakerState.Open => b.Until > now ? BreakerGate.Shut : BreakerGate.MayProbe,
            _ => IsTried(b.ProbeJob) ? BreakerGate.Probing : BreakerGate.MayProbe,
        }).DefaultIfEmpty(BreakerGate.Clear).Max();
        return new LaneLoad(limit, false, limit is null ? 0 : CountRunning(lane), limit is null ? 0 : sent.Count, sent.Count(job => job.DispatchedBy == me), gate);
    }

    public bool MayProbe(string lane, DateTimeOffset now)
    {
        var shut = BreakersOf(lane).Where(b => b.State != BreakerState.Closed).ToList();
        return shut.Count > 0 && shut.All(b => b.State == BreakerState.Open ? b.Until <= now : !IsTried(b.ProbeJob));
    }

    public void BeginProbe(string lane, Guid job)
    {
        foreach (var breaker in BreakersOf(lane).Where(b => b.State != BreakerState.Closed).ToList())
            Breakers[(breaker.Scope, breaker.Name)] = breaker with { State = BreakerState.HalfOpen, ProbeJob = job };
    }

    /// <returns>The breakers that closed.</returns>
    public List<Breaker> Tell(string lane, Guid job, Observed? observed, DateTimeOffset now)
    {
        var closed = new List<Breaker>();
        var options = lanes[lane];
        if (observed is null)
            return closed;
        Breakers.TryAdd((BreakerScope.Lane, lane), new Breaker(BreakerScope.Lane, lane));
        if (options.Credential is { } credential)
            Breakers.TryAdd((BreakerScope.Credential, credential), new Breaker(BreakerScope.Credential, credential));
        foreach (var breaker in BreakersOf(lane).Where(b => BreakerDecision.Concerns(b.Scope, observed, options.Credential is not null)).ToList())
        {
            var after = BreakerDecision.After(breaker, job, observed, options.Breaker, now);
            Breakers[(breaker.Scope, breaker.Name)] = after;
            if (after.State == BreakerState.Closed && breaker.State != BreakerState.Closed)
                closed.Add(after);
        }

        return closed;
    }

    public IEnumerable<Breaker> BreakersOf(string lane)
    {
        if (Breakers.TryGetValue((BreakerScope.Lane, lane), out var own))
            yield return own;
        if (lanes[lane].Credential is { } credential && Breakers.TryGetValue((BreakerScope.Credential, credential), out var account))
            yield return account;
    }

    /// <returns>Those that it made dead.</returns>
    public List<NodeRow> Observe(DateTimeOffset now)
    {
        var dead = new List<NodeRow>();
        foreach (var node in Nodes.Values.Where(node => node.DeadAt is null && node.RenewedAt + node.Lease < now))
        {
            if (node.Stale == 0)
                node.FirstStaleAt = now;
            if (++node.Stale < (without == Guard.TwoStaleObservations ? 1 : 2))
                continue;
            node.DeadAt = now;
            dead.Add(node);
        }

        return dead;
    }

    public List<Job> LockRunsOfNode(NodeRow node, DateTimeOffset now) =>
        [.. Owned.Where(job => job.OwnerNode == node.Identity.Id
            && (without == Guard.Adoption || !(job.ProcessRun is not null || lanes[job.Lane].IsProcess) || !Nodes.Values.Any(n => n.Identity.Host == job.OwnerHost && n.HoldsLease(now)))).Select(Machine.Copy)];

    public void See(Guid job, long run, bool dead, int? exitCode, string? outcome, DateTimeOffset now)
    {
        if (Jobs[job] is not { } row || row.RunId != run || !IsOwned(row))
            return;
        var e = Seen.GetValueOrDefault(job);
        var same = e?.Run == run;
        var ticks = !dead ? 0 : e is null || !same ? 1 : e.DeadTicks > 0 && e.SeenAt > now - TimeSpan.FromSeconds(0.4) ? e.DeadTicks : e.DeadTicks + 1;
        Seen[job] = new Evidence(run, now, ticks, exitCode, exitCode is null ? null : same ? e!.ExitSeenAt ?? now : now, outcome, same ? e!.FinalizingUntil : null, same ? e!.StopMonitorAt : null);
    }

    /// <returns>Null: the run is another's; true: the monitor is to give up.</returns>
    public bool? Monitor(Guid job, long run, DateTimeOffset now)
    {
        var row = Jobs[job];
        if (row.RunId != run || !IsOwned(row))
            return null;
        var e = Seen.GetValueOrDefault(job) is { } old && old.Run == run ? old : new Evidence(run, now);
        Seen[job] = e with { SeenAt = now, FinalizingUntil = e.StopMonitorAt is null ? now + Orchestrator.Service.Finalize.RunMonitor.Deadline : e.FinalizingUntil };
        return e.StopMonitorAt is not null;
    }

    private bool IsTried(Guid? probe) =>
        probe is { } id && Jobs.TryGetValue(id, out var job) && (IsOwned(job) || job is { State: nameof(JobLifecycle.Queued), DispatchedAt: not null });
}
