using System.Globalization;
using Orchestrator.Persistence.Breakers;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Nodes;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Nodes;
using Orchestrator.Service.Reaper;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Resilience;

namespace Orchestrator.Tests.Simulation;

/// <summary>What a seed has shown.</summary>
internal sealed class SimulationFailed(string message) : Exception(message);

/// <summary>
/// Minutes of a cluster in milliseconds, on one thread and from one seed: the production decisions and lifecycle over a ledger in memory, while nodes stall and die, hosts
/// reboot, the database is away, wake-ups are lost and doubled. This part is time, faults and invariants; what a node does is the other.
/// </summary>
internal sealed partial class Simulator
{
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Faulty = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(15);

    private readonly PriorityQueue<Action, (long, long)> _agenda = new();
    private readonly Random _random;
    private readonly int _seed;
    private readonly Guard _without;
    private readonly List<string>? _trace;
    private readonly Ledger _ledger;
    private readonly List<SimHost> _hosts = [];
    private readonly List<SimNode> _nodes = [];
    private readonly NodeOptions _nodeOptions = new();
    private readonly ReaperOptions _reaper = new() { FinalizeGrace = TimeSpan.FromSeconds(20), MaxRunning = TimeSpan.FromMinutes(4), MonitorCap = TimeSpan.FromMinutes(2) };
    private readonly LanesOptions _lanes;
    private readonly Dictionary<long, int> _probing = [];
    private readonly Dictionary<long, string> _takenBy = [];
    private int _episode;
    private long _ms;
    private long _order;
    private DateTimeOffset _awayUntil;
    private DateTimeOffset _backSince = Epoch;
    private bool _quiet;

    public Simulator(Machine machine, int seed, Guard without = Guard.None, bool traced = false)
    {
        (_seed, _without, _random, _trace) = (seed, without, new Random(seed), traced ? [] : null);
        _lanes = new LanesOptions
        {
            ["agents"] = Lane(maxRunning: 3, credential: "account", command: true),
            ["limited"] = Lane(maxRunning: 2, credential: "account", command: false),
            ["plain"] = Lane(maxRunning: null, credential: null, command: false),
        };
        _ledger = new Ledger(machine, without, _lanes, Written);
    }

    /// <summary>Live agents of one job at once, by the reason why the older one was no longer the job's: what the design allows, counted.</summary>
    public SortedDictionary<string, int> Overlaps { get; } = [];

    public int Events { get; private set; }

    private DateTimeOffset Now => Epoch + TimeSpan.FromMilliseconds(_ms);

    private bool DatabaseIsUp => Now >= _awayUntil;

    /// <exception cref="SimulationFailed">An invariant was broken.</exception>
    public void Run()
    {
        for (var h = 0; h < 2 + _random.Next(2); h++)
        {
            var host = new SimHost(h);
            host.Reboot(Now);
            _hosts.Add(host);
            for (var n = 0; n <= _random.Next(2); n++)
                _nodes.Add(new SimNode(host, _nodes.Count, TimeSpan.FromMilliseconds(_random.Next(-2000, 2000))));
        }

        foreach (var node in _nodes)
            Boot(node);
        var jobs = 6 + _random.Next(12);
        for (var i = 1; i <= jobs; i++)
        {
            var id = i;
            In(Ms(0, 60_000), () => Submit(id));
        }

        In(Ms(1000, 5000), Sweep);
        In(Ms(1000, 5000), Reap);
        In(Ms(1000, 5000), SweepWakeUps);
        In(Ms(5000, 15_000), Fault);
        In((long)Faulty.TotalMilliseconds, Quieten);
        var end = (long)(Faulty + Bound).TotalMilliseconds;
        while (_agenda.TryDequeue(out var act, out var at) && at.Item1 <= end)
        {
            _ms = at.Item1;
            Events++;
            act();
            if (_quiet && _ledger.Jobs.Values.All(IsAtRest))
                return;
        }

        var left = _ledger.Jobs.Values.Where(job => !IsAtRest(job)).Select(job => $"{Short(job.Id)} of {job.Lane} is {job.State}: {job.Reason}");
        Fail($"{Bound} after the last fault some jobs have come to nothing: {string.Join("; ", left)}");
    }

    private static bool IsAtRest(Job job) => IsEnded(job) || (job is { State: nameof(JobLifecycle.Held), HeldFor: not null, Reason.Length: > 0 });

    private static bool IsEnded(Job job) => job.State is nameof(JobLifecycle.Succeeded) or nameof(JobLifecycle.Failed) or nameof(JobLifecycle.Cancelled);

    private static LaneOptions Lane(int? maxRunning, string? credential, bool command)
    {
        var lane = new LaneOptions
        {
            MaxRunning = maxRunning, Credential = credential, MaxAttempts = 3, Backoff = TimeSpan.FromSeconds(2), MaxBackoff = TimeSpan.FromSeconds(20), MaxTransient = 4,
            TransientBackoff = TimeSpan.FromSeconds(4), MaxTransientBackoff = TimeSpan.FromSeconds(30),
            Breaker = new BreakerOptions { Pause = TimeSpan.FromSeconds(5), MaxPause = TimeSpan.FromSeconds(30), OpensAfter = 2 },
        };
        if (command)
            lane.Commands.Add("agent");
        return lane;
    }

    private void Submit(int number)
    {
        var id = new Guid(number, 0, 0, new byte[8]);
        var job = new Job { CorrelationId = id, Sequence = number, Lane = _random.Next(5) switch { < 3 => "agents", 3 => "limited", _ => "plain" }, SubmittedAt = Now, AvailableAt = Now, MaxAttempts = 3 };
        _ledger.Apply(job, new Enqueued(Due: true));
        _ledger.Jobs.Add(id, job);
    }

    // Faults: one every few seconds, until there are none.

    private void Fault()
    {
        if (_quiet)
            return;
        In(Ms(1000, 12_000), Fault);
        var node = _nodes[_random.Next(_nodes.Count)];
        switch (_random.Next(14))
        {
            case 0 or 1 or 2 when node.Lives:
                Stall(node, Ms(1000, 90_000));
                break;
            case 3 or 4 when node.Lives:
                Die(node);
                break;
            case 5 when _random.Next(3) == 0:
                Log($"{node.Host.Name} reboots");
                foreach (var one in _nodes.Where(n => n.Host == node.Host && n.Lives))
                    Die(one);
                node.Host.Reboot(Now);
                break;
            case 6 when DatabaseIsUp:
                _awayUntil = Now + TimeSpan.FromMilliseconds(Ms(500, 60_000));
                _backSince = _awayUntil;
                Log($"the database is away until {Time(_awayUntil)}");
                break;
            case 7 or 8:
                KillOne(node.Host, wrapper: true);
                break;
            case 9:
                KillOne(node.Host, wrapper: false);
                break;
            case 10 or 11 when DatabaseIsUp && _ledger.Jobs.Count > 0:
                Command(new CancelAsked("not needed", Now));
                break;
            case 12 or 13 when DatabaseIsUp && _ledger.Jobs.Count > 0:
                Command(new RetryAsked(Now));
                break;
        }
    }

    private void Stall(SimNode node, long ms)
    {
        if (Now + TimeSpan.FromMilliseconds(ms) is var until && until <= node.StalledUntil)
            return;
        node.StalledUntil = node.AwakeSince = until;
        Log($"{node} stalls until {Time(node.StalledUntil)}");
    }

    private void Die(SimNode node)
    {
        Log($"{node} dies");
        node.Host.Kill(node.Process);
        node.Life++;
        In(Ms(500, 40_000), () => Boot(node));
    }

    private void KillOne(SimHost host, bool wrapper)
    {
        var live = host.Folders.Values.Where(f => wrapper ? host.Lives(f.Wrapper) : f.AgentLives).ToList();
        if (live.Count == 0)
            return;
        var folder = live[_random.Next(live.Count)];
        Log($"the {(wrapper ? "wrapper" : "agent")} of run {folder.Run} is killed");
        if (wrapper)
            host.Kill(folder.Wrapper);
        else
            AgentEnds(folder, new Orchestrator.Service.Processes.ExitOutcome(137, FailureClass.Transient, "killed", null));
    }

    private void Command(object command)
    {
        var jobs = _ledger.Jobs.Values.Where(job => command is CancelAsked || job.State is nameof(JobLifecycle.Held) or nameof(JobLifecycle.Failed) or nameof(JobLifecycle.Cancelled) || _random.Next(4) == 0).ToList();
        if (jobs.Count > 0)
            _ledger.Move(Machine.Copy(jobs[_random.Next(jobs.Count)]), command, new Writer("a person", null, command));
    }

    private void Quieten()
    {
        Log("the faults stop");
        _quiet = true;
        if (!DatabaseIsUp)
            _awayUntil = _backSince = Now;
    }

    // Invariants.

    private void Written(Job before, Job after, Writer by)
    {
        if (_trace is not null)
            Log($"{by.Who}: {Short(after.Id)} {before.State} -> {after.State} by {by.Event.GetType().Name}, run {before.RunId} -> {after.RunId}");
        if (by.Run is { } run && before.RunId != run)
            Fail($"run {run} wrote job {Short(before.Id)}, which is run {before.RunId}'s ({before.State})");
        if (by.Run is not null && !Ledger.IsOwned(before))
            Fail($"run {by.Run} wrote job {Short(before.Id)}, which is {before.State}");
        if (IsEnded(before) && by.Event is not RetryAsked)
            Fail($"{by.Who} moved job {Short(before.Id)}, which is {before.State}");
        if (after.State == nameof(JobLifecycle.Queued) && (after.RunId, after.OwnerNode, after.OwnerHost, after.OwnerPid, after.OwnerProcessStart, after.StartedAt, after.ProcessRun) is not (null, null, null, null, null, null, null))
            Fail($"job {Short(after.Id)} is queued and has an owner");
        if (after.State == nameof(JobLifecycle.Held) != after.HeldFor is not null || IsEnded(after) != after.EndedAt is not null)
            Fail($"job {Short(after.Id)} is {after.State}, held for {after.HeldFor}, ended at {after.EndedAt}");
        if (after.Attempts > before.Attempts && !(by.Event is WillRetry or WorkFailed && by.IsFailureOfWork))
            Fail($"job {Short(after.Id)} was charged an attempt for {by.Event.GetType().Name}");
        if (after.Attempts > after.MaxAttempts)
            Fail($"job {Short(after.Id)} had {after.Attempts} attempts of {after.MaxAttempts}");
        if (by.Event is Claimed)
            CheckClaim(before, after);

        // Whoever ends a run in good order has ended its process; who takes it from a dead owner has not.
        if (!Ledger.IsOwned(before) || (Ledger.IsOwned(after) && (after.ProcessRun ?? after.RunId) == (before.ProcessRun ?? before.RunId)))
            return;
        var process = (before.ProcessRun ?? before.RunId)!.Value;
        _takenBy[process] = by.Who;
        foreach (var folder in _hosts.SelectMany(host => host.Folders.Values).Where(folder => folder.Run == process))
            folder.Disowned = by.Who;
    }

    private void CheckClaim(Job before, Job after)
    {
        if (before.State != nameof(JobLifecycle.Queued))
            Fail($"job {Short(before.Id)} was claimed while it was {before.State}");
        if (_lanes[after.Lane].MaxRunning is { } limit && _ledger.CountRunning(after.Lane) > limit)
            Fail($"lane {after.Lane} runs {_ledger.CountRunning(after.Lane)} of {limit}");
        var shut = _ledger.BreakersOf(after.Lane).Where(b => b.State != BreakerState.Closed).ToList();
        if (shut.Count == 0)
            return;
        if (shut.Any(b => b.State == BreakerState.Open))
            Fail($"job {Short(after.Id)} was claimed while a breaker of its lane was open");
        _probing[after.RunId!.Value] = _episode;
        var concerned = _lanes.Where(lane => lane.Key == after.Lane || (_lanes[after.Lane].Credential is { } c && lane.Value.Credential == c && shut.Any(b => b.Scope == BreakerScope.Credential))).Select(lane => lane.Key).ToHashSet();
        var probes = _ledger.Owned.Where(job => concerned.Contains(job.Lane) && _probing.TryGetValue(job.RunId!.Value, out var episode) && episode == _episode).Select(job => Short(job.Id)).ToList();
        if (probes.Count > 1)
            Fail($"a half-open breaker let {string.Join(" and ", probes)} through");
    }

    private void CheckDeath(NodeRow row)
    {
        if (_nodes.FirstOrDefault(node => node.Identity.Id == row.Identity.Id) is not { Lives: true } node)
            return;
        var able = node.AwakeSince > _backSince ? node.AwakeSince : _backSince;
        if (able <= row.FirstStaleAt || Now - able > TimeSpan.FromSeconds(3))
            Fail($"{node} was declared dead while it lived, was awake since {Time(node.AwakeSince)}, and could reach the database since {Time(_backSince)}");
    }

    private void CheckSpawn(Folder started)
    {
        foreach (var other in _hosts.SelectMany(host => host.Folders.Values).Where(f => f != started && f.Job == started.Job && f.AgentLives))
        {
            var where = other.Host == started.Host ? "on one host" : "on two hosts";
            if (other.Disowned is not { } why)
                Fail($"run {started.Run} of job {Short(started.Job)} began {where} while the agent of run {other.Run} lived and was the job's");
            else if (other.Host == started.Host || why is not (Reaper or HostWithoutNode))
                Fail($"run {started.Run} of job {Short(started.Job)} began {where} while the agent of run {other.Run} lived, which was taken by {why}");
            else
                Overlaps[$"{where}, taken by {why}"] = Overlaps.GetValueOrDefault($"{where}, taken by {why}") + 1;
        }
    }

    private void Fail(string what) =>
        throw new SimulationFailed($"Seed {_seed}, without {_without}, at {Time(Now)}: {what}.\n{(_trace is null ? "" : string.Join('\n', _trace.TakeLast(150)))}");

    // Time.

    private void In(long ms, Action act) => _agenda.Enqueue(act, (_ms + ms, _order++));

    /// <summary>Something that a node does: not if it is dead by then, and later if it stalls.</summary>
    private void In(SimNode node, long ms, Action act)
    {
        var life = node.Life;
        In(ms, Do);

        void Do()
        {
            if (node.Life != life || !node.Lives)
                return;
            if (node.StalledUntil > Now)
                In((long)(node.StalledUntil - Now).TotalMilliseconds + 1, Do);
            else
                act();
        }
    }

    private long Ms(int from, int to) => _random.Next(from, to);

    private bool Chance(int percent) => _random.Next(100) < percent;

    private void Log(string what) => _trace?.Add($"{Time(Now)} {what}");

    private static string Short(Guid id) => id.ToString("N")[..8].TrimStart('0');

    private static string Time(DateTimeOffset at) => (at - Epoch).ToString(@"mm\:ss\.fff", CultureInfo.InvariantCulture);
}
