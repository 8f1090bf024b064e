using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Nodes;
using Orchestrator.Persistence.Runs;
using Orchestrator.Service.Claim;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Processes;
using Orchestrator.Service.Reaper;
using Orchestrator.Service.Resilience;
using Orchestrator.Service.Run;

namespace Orchestrator.Tests.Simulation;

/// <summary>What nodes do, step by step as the production classes of the same names do it; between any two steps a node may stall or die.</summary>
internal sealed partial class Simulator
{
    private static readonly RunLimits Limits = new(TimeSpan.FromSeconds(150), TimeSpan.FromMinutes(15), TimeSpan.FromSeconds(45), TimeSpan.FromSeconds(10), 1L << 30);

    private const string Reaper = "the reaper";
    private const string HostWithoutNode = "who looks after dead nodes, none of its host being left";

    private sealed class Message(Guid job, string lane)
    {
        public Guid Job { get; } = job;
        public string Lane { get; } = lane;
        public bool IsSettled { get; set; }
    }

    // NodeLease.

    private void Boot(SimNode node)
    {
        if (!DatabaseIsUp)
        {
            In(1000, () => Boot(node));
            return;
        }

        node.Process = node.Host.Spawn(Now);
        node.Carried.Clear();
        node.Running.Clear();
        node.Permits.Clear();
        node.Suspects.Clear();
        node.Uncarried.Clear();
        node.StalledUntil = node.AwakeSince = node.CleanedAt = Now;
        Register(node);
        In(node, 5000, () => Heartbeat(node));
        In(node, Ms(0, 300), () => Probe(node, atStart: true));
        In(node, 5000, () => LookForStranded(node));
        In(node, Ms(0, 1000), () => Dispatch(node));
    }

    private void Register(SimNode node)
    {
        node.Identity = new NodeIdentity(new Guid(1000 + node.Index, (short)_random.Next(32000), (short)_random.Next(32000), new byte[8]), node.Host.Name, node.ToString(), node.Process!.Pid, node.Process.Start);
        node.IsRegistered = true;
        node.RenewedAt = Now;
        _ledger.Nodes.Add(node.Identity.Id, new NodeRow(node.Identity, Now, _nodeOptions.Lease));
    }

    private bool IsHeld(SimNode node) => node.IsRegistered && Now - node.RenewedAt < _nodeOptions.Lease - _nodeOptions.Heartbeat;

    private void Heartbeat(SimNode node)
    {
        if (!DatabaseIsUp)
        {
            In(node, 1000, () => Heartbeat(node));
            if (Now - node.RenewedAt >= _nodeOptions.Lease)
                StopAll(node);
            return;
        }

        In(node, 5000, () => Heartbeat(node));
        var row = _ledger.Nodes[node.Identity.Id];
        if (row.DeadAt is null)
        {
            (row.RenewedAt, row.Stale, node.RenewedAt) = (Now, 0, Now);
        }
        else
        {
            Log($"{node} learns that it was declared dead");
            StopAll(node);
            Register(node);
        }

        foreach (var entry in node.Running.ToList())
        {
            var job = _ledger.Jobs[entry.Job.Id];
            if (job.RunId != entry.Job.RunId)
                Stop(entry, StopReason.Fenced);
            else if (job.OwnerNode == node.Identity.Id && job.CancelRequestedAt is not null && Ledger.IsOwned(job))
                Stop(entry, StopReason.CancelAsked);
        }
    }

    private static void StopAll(SimNode node)
    {
        foreach (var entry in node.Running.ToList())
            Stop(entry, StopReason.Fenced);
    }

    private static void Stop(Entry entry, StopReason reason)
    {
        if (reason == StopReason.Fenced || entry.Reason == StopReason.None)
            entry.Reason = reason;
        entry.Stopped?.Invoke();
    }

    private void LookForStranded(SimNode node)
    {
        In(node, 5000, () => LookForStranded(node));
        if (!DatabaseIsUp)
            return;
        var uncarried = _ledger.Owned.Where(job => job.OwnerNode == node.Identity.Id && node.Carried.GetValueOrDefault(job.Id) == 0).Select(job => (job.Id, job.RunId!.Value)).ToHashSet();
        foreach (var (job, run) in uncarried.Where(node.Uncarried.Contains))
        {
            if (_lanes[_ledger.Jobs[job].Lane].IsProcess && _without != Guard.StrandedAreAdopted)
                Adopt(node, _ledger.Lock(job));
            else if (_ledger.LockRun(job, run) is { } row)
                Lose(row, $"{node}, stranded", run, "Its node lost sight of it.");
        }

        node.Uncarried = uncarried;
    }

    // HostProbe, DeadNodes.

    private void Probe(SimNode node, bool atStart = false)
    {
        In(node, 1000, () => Probe(node));
        if (!DatabaseIsUp)
            return;
        var found = atStart;
        foreach (var row in _ledger.Nodes.Values.Where(row => row.Identity.Host == node.Host.Name && row.DeadAt is null && row.Identity.Id != node.Identity.Id).ToList())
        {
            if (node.Host.StartOf(row.Identity.Pid) == row.Identity.ProcessStart)
                continue;
            if (_nodes.Any(n => n.Lives && n.Identity.Id == row.Identity.Id))
                Fail($"{node} takes {row.Identity.Name} for gone, which lives");
            row.DeadAt = Now;
            found = true;
        }

        var runs = _ledger.Owned.Where(job => job.OwnerHost == node.Host.Name && (job.ProcessRun is not null || _lanes[job.Lane].IsProcess)).ToList();
        var suspects = new HashSet<long>();
        foreach (var run in runs)
        {
            if (_ledger.Nodes[run.OwnerNode!.Value].DeadAt is not null)
            {
                if (IsHeld(node) && _without != Guard.Adoption)
                    Adopt(node, Machine.Copy(run));
            }
            else if (run.ProcessRun is { } process)
            {
                See(node, run, node.Host.Folders.GetValueOrDefault(process), suspects);
            }
        }

        node.Suspects = suspects;
        if (found)
            TakeBack();
        if (Now - node.CleanedAt >= TimeSpan.FromSeconds(10))
            Clean(node);
    }

    private void See(SimNode node, Job run, Folder? folder, HashSet<long> suspects)
    {
        var sight = folder?.Look() ?? Sight.NotStarted;
        if (sight is Sight.Ended or Sight.Lost)
            suspects.Add(run.RunId!.Value);
        else if (!node.Suspects.Contains(run.RunId!.Value))
            return;
        _ledger.See(run.Id, run.RunId!.Value, sight == Sight.Lost, sight == Sight.Ended ? folder!.Exit!.ExitCode ?? 0 : null, sight == Sight.Ended ? folder!.Exit!.Write() : null, Now);
    }

    private void Clean(SimNode node)
    {
        node.CleanedAt = Now;
        var owned = _ledger.Owned.Where(job => job.OwnerHost == node.Host.Name).SelectMany(job => new[] { job.RunId, job.ProcessRun }).ToHashSet();
        foreach (var folder in node.Host.Folders.Values.Where(folder => !owned.Contains(folder.Run)))
        {
            if (folder.Look() == Sight.NotStarted && !folder.Abandon())
                continue;
            folder.KillTree();
        }
    }

    private void TakeBack()
    {
        foreach (var row in _ledger.Nodes.Values.Where(row => row.DeadAt is not null))
        {
            foreach (var job in _ledger.LockRunsOfNode(row, Now))
            {
                var hasNode = _ledger.Nodes.Values.Any(n => n.Identity.Host == job.OwnerHost && n.HoldsLease(Now));
                Lose(job, hasNode ? "who looks after dead nodes, although its host has one" : HostWithoutNode, job.RunId!.Value, "Its node died.");
            }

            foreach (var job in _ledger.Jobs.Values.Where(job => job.DispatchedBy == row.Identity.Id && job.State == nameof(JobLifecycle.Queued)))
                (job.DispatchedAt, job.DispatchedBy) = (null, null);
        }
    }

    private void Lose(Job job, string who, long run, string reason)
    {
        var @event = FinalizeDecision.Loss(job, reason, _lanes[job.Lane].MaxLosses);
        _ledger.Move(job, @event, new Writer(who, run, @event));
    }

    // The sweeps: one node at a time.

    private void Sweep()
    {
        // A turn that the database's absence held up comes late; in production the next is not due before its interval.
        In(5000, Sweep);
        if (!DatabaseIsUp || !_nodes.Any(IsAwake))
            return;
        for (var turn = 0; turn < (_without == Guard.SpacedObservations ? 2 : 1); turn++)
        {
            foreach (var row in _ledger.Observe(Now))
                CheckDeath(row);
        }

        TakeBack();
    }

    private bool IsAwake(SimNode node) => node.Lives && node.StalledUntil <= Now;

    private void SweepWakeUps()
    {
        In(5000, SweepWakeUps);
        if (!DatabaseIsUp)
            return;
        foreach (var job in _ledger.Jobs.Values.Where(job => job.State == nameof(JobLifecycle.Queued) && job.DispatchedAt < Now - TimeSpan.FromSeconds(40)))
            (job.DispatchedAt, job.DispatchedBy) = (null, null);
    }

    private void Reap()
    {
        In(5000, Reap);
        var awake = _nodes.Where(IsAwake).ToList();
        if (!DatabaseIsUp || awake.Count == 0)
            return;
        var node = awake[_random.Next(awake.Count)];
        foreach (var job in _ledger.Owned.ToList())
        {
            var e = _ledger.Seen.GetValueOrDefault(job.Id) is { } seen && seen.Run == job.RunId ? seen : new Evidence(job.RunId!.Value, Now);
            var holds = _ledger.Nodes[job.OwnerNode!.Value].HoldsLease(Now);
            var suspect = new Suspect(job.Id, job.RunId!.Value, job.Lane, job.State, job.StartedAt!.Value, job.ProcessRun, job.OwnerNode.Value, "", holds, Now, e.SeenAt, e.DeadTicks, e.ExitCode, e.ExitSeenAt, e.Outcome, e.FinalizingUntil, e.StopMonitorAt);
            var judgement = ReaperDecision.Decide(Now, suspect, _reaper);
            if (judgement.Verdict == Verdict.Leave)
                continue;
            if (!holds)
                Fail($"the reaper judges run {job.RunId}, whose node does not hold its lease");
            if (judgement.Verdict == Verdict.StopMonitor)
            {
                _ledger.Seen[job.Id] = e with { StopMonitorAt = Now };
                continue;
            }

            var folder = _hosts.Select(host => host.Folders.GetValueOrDefault(job.ProcessRun ?? 0)).FirstOrDefault(f => f is not null);
            if (judgement.Verdict == Verdict.ProcessLost && folder?.Look() == Sight.Alive)
                Fail($"the reaper takes run {job.RunId} for lost, whose process lives");
            Ending ending = judgement.Verdict switch
            {
                Verdict.ProcessLost => new Ending.Lost(judgement.Why),
                Verdict.Overdue => new Ending.Finished(JobOutcome.Retry(judgement.Why)),
                _ => new Ending.Finished(ExitOutcome.Read(suspect.Outcome!).ToOutcome()),
            };
            var copy = Machine.Copy(job);
            In(node, Ms(1, 1500), () => Persist(node, () => EndAlone(node, copy, ending, Reaper), _ => { }));
        }
    }

    // Dispatcher, the queue, Claims.

    private void Dispatch(SimNode node)
    {
        In(node, Ms(500, 1500), () => Dispatch(node));
        if (!DatabaseIsUp)
            return;
        foreach (var job in _ledger.Jobs.Values.Where(job => job is { State: nameof(JobLifecycle.Queued), Due: false } && job.AvailableAt <= Now + node.Skew))
            job.Due = true;
        foreach (var (lane, options) in _lanes)
        {
            var load = _ledger.Load(lane, node.Identity.Id, Now + node.Skew);
            var allowed = DispatchDecision.Allowed(load, options.Ahead, 10, IsHeld(node));
            if (allowed.Jobs > 0)
                In(node, Ms(0, Chance(5) ? 2000 : 100), () => Send(node, lane, allowed));
        }
    }

    private void Send(SimNode node, string lane, Dispatchable allowed)
    {
        if (!DatabaseIsUp || (allowed.AsProbe && _without != Guard.ProbeLock && !_ledger.MayProbe(lane, Now + node.Skew)))
            return;
        var picked = _ledger.Jobs.Values.Where(job => job.Lane == lane && job is { State: nameof(JobLifecycle.Queued), Due: true, DispatchedAt: null, Obstacle: null })
            .OrderByDescending(job => job.Priority).ThenBy(job => job.Sequence).Take(allowed.Jobs).ToList();
        if (picked.Count == 0)
            return;
        if (allowed.AsProbe)
        {
            if (_ledger.MayProbe(lane, Now + node.Skew))
                _episode++; // else it is a second probe of the same one
            _ledger.BeginProbe(lane, picked[0].Id);
            Log($"{node} sends {Short(picked[0].Id)} as a probe of {lane}");
        }

        var isMarked = _quiet || !Chance(2); // dead between the send and the mark
        foreach (var job in picked)
        {
            if (_quiet || !Chance(8))
                Deliver(new Message(job.Id, lane), Ms(10, Chance(10) ? 20_000 : 500));
            if (!_quiet && Chance(10))
                Deliver(new Message(job.Id, lane), Ms(10, 60_000));
            if (isMarked)
                (job.DispatchedAt, job.DispatchedBy) = (Now, node.Identity.Id);
        }
    }

    private void Deliver(Message message, long after) => In(after, () =>
    {
        if (message.IsSettled)
            return;
        var awake = _nodes.Where(IsAwake).ToList();
        Deliver(message, awake.Count == 0 ? 3000 : Ms(60_000, 150_000)); // comes again unless it is settled
        if (awake.Count > 0)
            Claim(awake[_random.Next(awake.Count)], message, 0);
    });

    private void Claim(SimNode node, Message message, int waited)
    {
        if (node.Permits.GetValueOrDefault(message.Lane) >= 2 || !DatabaseIsUp)
        {
            if (waited < 50)
                In(node, 1000, () => Claim(node, message, waited + 1));
            return;
        }

        node.Permits[message.Lane] = node.Permits.GetValueOrDefault(message.Lane) + 1;
        if (_without == Guard.LockLane)
        {
            var counted = _ledger.CountRunning(message.Lane); // counted by another transaction, before this one's write
            In(node, Ms(0, 400), () => Claim(node, message, counted, _ledger.Door(message.Lane)));
        }
        else
        {
            In(node, Ms(0, 50), () => Claim(node, message, null, null));
        }
    }

    private void Claim(SimNode node, Message message, int? counted, LaneDoor? seen)
    {
        if (!DatabaseIsUp)
        {
            node.Permits[message.Lane]--;
            return; // the message comes again
        }

        var job = _ledger.Lock(message.Job);
        var answer = ClaimDecision.Decide(job, seen ?? _ledger.Door(job.Lane), counted ?? _ledger.CountRunning(job.Lane), IsHeld(node), Now + node.Skew);
        object? @event = answer switch
        {
            ClaimAnswer.Won => new Claimed(node.Identity, _ledger.NextRun(), Now + node.Skew, !_lanes[job.Lane].IsProcess),
            ClaimAnswer.Refused => new ClaimRefused(),
            _ => null,
        };
        var isWritten = @event is not null && _ledger.Move(job, @event, new Writer(node.ToString(), null, @event));
        if (answer != ClaimAnswer.Won || !isWritten || IsAnswerLost())
        {
            message.IsSettled = answer != ClaimAnswer.Won;
            node.Permits[message.Lane]--;
            return; // a claim whose answer was lost is stranded
        }

        Carry(node, job);
        if (!_quiet && Chance(4))
            Stall(node, Ms(1000, 90_000)); // between the claim and the start
        if (_lanes[job.Lane].IsProcess)
            In(node, Ms(1, 50), () => Begin(node, job, message));
        else
            In(node, 1, () => Run(node, job, message));
    }

    private bool IsAnswerLost() => !_quiet && Chance(1);

    private static void Carry(SimNode node, Job job) => node.Carried[job.Id] = node.Carried.GetValueOrDefault(job.Id) + 1;

    private static void Put(SimNode node, Job job, bool permit)
    {
        node.Carried[job.Id]--;
        node.Running.RemoveAll(entry => entry.Job.Id == job.Id && entry.Job.RunId == job.RunId);
        if (permit)
            node.Permits[job.Lane]--;
    }

    // RunFilter, FinalizeFilter: work in the node's own process.

    private void Run(SimNode node, Job job, Message message)
    {
        var entry = new Entry(job);
        node.Running.Add(entry);
        entry.Stopped = () => In(node, 10, End);
        In(node, Ms(500, Chance(10) ? 60_000 : 10_000), End);

        void End()
        {
            if (entry.IsOver)
                return;
            entry.IsOver = true;
            var outcome = Outcome();
            Ending ending = entry.Reason != StopReason.None ? new Ending.Stopped(entry.Reason)
                : outcome is null ? new Ending.Threw(new InvalidOperationException("boom")) : new Ending.Finished(outcome);
            node.Permits[job.Lane]--;
            Finish(node, job, ending, hasEffect: Chance(30), () => message.IsSettled = true);
        }
    }

    private JobOutcome? Outcome() => _quiet ? JobOutcome.Done() : _random.Next(20) switch
    {
        < 10 => JobOutcome.Done(),
        10 or 11 => JobOutcome.Retry("try again"),
        12 => JobOutcome.Fail("broken"),
        13 or 14 => JobOutcome.Transient("busy"),
        15 or 16 => JobOutcome.RateLimited("limit", TimeSpan.FromSeconds(_random.Next(1, 20))),
        17 => JobOutcome.EnvironmentFault("no such program"),
        18 => JobOutcome.AccountFault("signed out"),
        _ => null,
    };

    private void Finish(SimNode node, Job job, Ending ending, bool hasEffect, Action? settle = null)
    {
        if (hasEffect && ending is Ending.Finished { Outcome: JobOutcome.Success })
        {
            Persist(node, () => BeginEffect(node, job), began =>
            {
                if (!began)
                    EndNow(new Ending.Stopped(StopReason.Fenced));
                else
                    Watch(Now + TimeSpan.FromMilliseconds(Ms(100, 30_000)));
            });
            return;
        }

        EndNow(ending);

        void Watch(DateTimeOffset until)
        {
            if (Now >= until)
                EndNow(ending);
            else if (DatabaseIsUp && _ledger.Monitor(job.Id, job.RunId!.Value, Now) is null or true)
                EndNow(new Ending.Threw(new OperationCanceledException()));
            else
                In(node, 10_000, () => Watch(until));
        }

        void EndNow(Ending how) => Persist(node, () => End(node, job, how), _ =>
        {
            Put(node, job, permit: false);
            settle?.Invoke();
        });
    }

    private bool BeginEffect(SimNode node, Job claimed)
    {
        if (_ledger.LockRun(claimed.Id, claimed.RunId!.Value) is not { } job)
            return false;
        var (state, began) = (job.State, new WorkEnded(Now));
        if (_ledger.Apply(job, began))
            _ledger.Write(job, state, claimed.RunId, new Writer(node.ToString(), claimed.RunId, began));
        return true;
    }

    private bool End(SimNode node, Job claimed, Ending ending)
    {
        if (ending is not Ending.Finished { Outcome: JobOutcome.Success } || claimed.ProcessRun is not null || _ledger.Door(claimed.Lane).Watched || claimed.Id.GetHashCode() % 3 == 0)
            return EndAlone(node, claimed, ending, node.ToString());

        // On the copy of the claim: the guard of the write is the fence.
        var done = Machine.Copy(claimed);
        return _ledger.Move(done, new WorkDone(null, Now), new Writer(node.ToString(), claimed.RunId, new WorkDone(null, Now)));
    }

    private bool EndAlone(SimNode node, Job claimed, Ending ending, string who)
    {
        var decision = FinalizeDecision.Decide(claimed, ending, _lanes[claimed.Lane], Now + node.Skew, _random.NextDouble());
        if (decision is null || _ledger.LockRun(claimed.Id, claimed.RunId!.Value) is not { } job)
            return false;
        var observed = Breakers.Observe(ending, decision);
        if (job.CancelRequestedAt is not null && decision is WillRetry or HandedBack or WorkFailed or BackedOff or PutOnHold)
            decision = new WorkCancelled(Now);
        if (_ledger.Jobs[claimed.Id].RunId != claimed.RunId)
            Fail($"{who} stores in the name of run {claimed.RunId} what belongs to run {_ledger.Jobs[claimed.Id].RunId}");
        var state = job.State;
        if (!_ledger.Apply(job, decision))
            return false;
        var isOfWork = ending is Ending.Threw or Ending.Finished { Outcome: JobOutcome.TryAgain or JobOutcome.Failure };
        _ledger.Write(job, state, claimed.RunId, new Writer(who, claimed.RunId, decision, isOfWork));
        if (_ledger.Tell(job.Lane, job.Id, observed, Now + node.Skew).Count > 0)
            ReleaseHeld(job.Lane);
        return true;
    }

    private void ReleaseHeld(string lane)
    {
        foreach (var held in _ledger.Jobs.Values.Where(job => job.State == nameof(JobLifecycle.Held) && job.HeldFor is nameof(HoldReason.Environment) or nameof(HoldReason.Account) && job.Lane == lane).ToList())
            _ledger.Move(Machine.Copy(held), new Released(Now), new Writer("the breaker", null, new Released(Now)));
    }

    private void Persist(SimNode node, Func<bool> transaction, Action<bool> then)
    {
        if (DatabaseIsUp)
        {
            var result = transaction();
            if (!IsAnswerLost())
            {
                then(result);
                return;
            }
        }

        In(node, 1000, () => Persist(node, transaction, then));
    }

    // ProcessRuns: external processes.

    private void Begin(SimNode node, Job job, Message message)
    {
        if (!IsHeld(node) && _without != Guard.StartAsksLease)
        {
            node.Permits[job.Lane]--;
            Finish(node, job, new Ending.NeverStarted("Its node did not hold its lease when it was to start; the job runs again."), hasEffect: false, () => message.IsSettled = true);
            return;
        }

        if (_without != Guard.EarlierRunsEnd)
        {
            foreach (var earlier in node.Host.Folders.Values.Where(folder => folder.Job == job.Id))
                earlier.KillTree();
        }

        var folder = new Folder(node.Host, job.Id, job.RunId!.Value) { Disowned = _takenBy.GetValueOrDefault(job.RunId.Value), Wrapper = node.Host.Spawn(Now) };
        node.Host.Folders.Add(folder.Run, folder);
        In(Ms(5, Chance(10) ? 3000 : 50), () => AgentBegins(folder));
        Await(Now + TimeSpan.FromSeconds(10));

        void Await(DateTimeOffset until)
        {
            if (folder.IsWritten || (Now >= until && !folder.Abandon()))
            {
                Stamp(node, job, folder, message);
            }
            else if (Now < until)
            {
                In(node, 100, () => Await(until));
            }
            else
            {
                node.Permits[job.Lane]--;
                Finish(node, job, new Ending.Lost("No process was there."), hasEffect: false, () => message.IsSettled = true);
            }
        }
    }

    private void AgentBegins(Folder folder)
    {
        if (!folder.Host.Lives(folder.Wrapper) || folder.Exit is not null)
            return;
        folder.IsWritten = true;
        CheckSpawn(folder);
        folder.Agent = folder.Host.Spawn(Now);
        if (Chance(5) && !_quiet)
            return; // it hangs
        var outcome = Outcome();
        var exit = outcome switch
        {
            JobOutcome.Success => new ExitOutcome(0, null, "done", null),
            JobOutcome.NotNow later => new ExitOutcome(1, later.Class, later.Reason, later.After),
            JobOutcome.Hold hold => new ExitOutcome(1, hold.Class, hold.Reason, null),
            _ => new ExitOutcome(1, FailureClass.Work, "failed", null),
        };
        In(Ms(500, Chance(30) ? 120_000 : 20_000), () => AgentEnds(folder, exit));
    }

    private void AgentEnds(Folder folder, ExitOutcome exit)
    {
        if (!folder.AgentLives)
            return;
        folder.Host.Kill(folder.Agent);
        if (folder.Host.Lives(folder.Wrapper))
            folder.Exit = exit;
        folder.Host.Kill(folder.Wrapper);
    }

    private void Stamp(SimNode node, Job claimed, Folder folder, Message message)
    {
        Job? stamped = null;
        Persist(node, () =>
        {
            var spawned = new Spawned(folder.Wrapper!.Pid, folder.Wrapper.Start);
            return _ledger.LockRun(claimed.Id, claimed.RunId!.Value) is { } job && _ledger.Move(stamped = job, spawned, new Writer(node.ToString(), claimed.RunId, spawned));
        }, isMine =>
        {
            message.IsSettled = true;
            if (isMine)
            {
                Follow(node, stamped!, folder, hasPermit: true);
                return;
            }

            folder.KillTree();
            Put(node, claimed, permit: true);
        });
    }

    private void Adopt(SimNode node, Job lost)
    {
        var folder = node.Host.Folders.GetValueOrDefault(lost.ProcessRun ?? lost.RunId!.Value);
        if (folder is not { IsWritten: true } && folder?.Abandon() == false)
            return;
        if (_ledger.LockRun(lost.Id, lost.RunId!.Value) is not { } job)
            return;
        var isThere = folder is { IsWritten: true };
        if (job.ProcessRun is null && isThere && !_ledger.Move(job, new Spawned(folder!.Wrapper!.Pid, folder.Wrapper.Start), new Writer(node.ToString(), job.RunId, new Spawned(0, 0))))
            return;
        var adopted = new Adopted(node.Identity, _ledger.NextRun());
        if (!_ledger.Move(job, adopted, new Writer(node.ToString(), job.RunId, adopted)))
            return;
        Carry(node, job);
        if (isThere)
            Follow(node, job, folder!, hasPermit: false);
        else
            Finish(node, job, new Ending.NeverStarted("Its node was gone before it had started anything; the job runs again."), hasEffect: false);
    }

    private void Follow(SimNode node, Job job, Folder folder, bool hasPermit)
    {
        var entry = new Entry(job);
        node.Running.Add(entry);
        var from = Now;
        Look();

        void Look()
        {
            if (entry.Reason == StopReason.Fenced)
            {
                Put(node, job, hasPermit);
                return;
            }

            var sight = folder.Look();
            if (entry.Reason == StopReason.CancelAsked)
                Over(new Ending.Stopped(StopReason.CancelAsked));
            else if (sight == Sight.Ended)
                Over(new Ending.Finished(folder.Exit!.ToOutcome()));
            else if (sight == Sight.Lost)
                Over(new Ending.Lost("Its process is gone and left no exit code."));
            else if (WatchdogDecision.Decide(new Observation(Now - from, TimeSpan.Zero, null, 0), Limits) != Watchdog.None)
                Over(new Ending.Finished(JobOutcome.Retry("Its process ran longer than its limit.")));
            else
                In(node, !_quiet && Chance(1) ? Ms(5000, 60_000) : 500, Look); // a loop that hangs while its node lives is the reaper's business
        }

        void Over(Ending ending)
        {
            folder.KillTree();
            if (hasPermit)
                node.Permits[job.Lane]--;
            In(node, Ms(1, !_quiet && Chance(5) ? 60_000 : 2000), () => Finish(node, job, ending, hasEffect: Chance(50)));
        }
    }
}
