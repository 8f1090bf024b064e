using System.Collections.Concurrent;
using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Runs;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Nodes;
using Orchestrator.Service.Permit;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Processes;

/// <summary>
/// Runs that are external processes: starts them, follows them to their end, and takes over those of a node of this host that is no more. A stop of this
/// service lets them go on; whoever comes next finds them by their folders.
/// </summary>
internal sealed class ProcessRuns(
    NpgsqlDataSource database, Transitions transitions, Finalizer finalizer, Persistent persistent, OutcomeGates gates, RunMonitor monitor, RunningJobs running, Lanes lanes, LanesOptions laneOptions,
    NodeLease lease, IEnumerable<IProcessWork> works, CommandBook book, Launcher launcher, RunFolders folders, ProcessOptions options, WorkSignal signal, TimeProvider time, ILogger<ProcessRuns> log) : IHostedService, IDisposable
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<long, Task> _followed = new();
    private readonly CancellationTokenSource _letGo = new();
    private readonly Dictionary<string, IProcessWork> _works = works.ToDictionary(work => work.Lane, StringComparer.Ordinal);

    /// <summary>The lanes whose runs are external processes.</summary>
    public IReadOnlyList<string> Lanes { get; } = laneOptions.OfProcesses;

    public Task StartAsync(CancellationToken cancellationToken) => folders.OpenAsync(cancellationToken);

    /// <summary>The processes go on; nothing of them is written any more by this node.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _letGo.CancelAsync();
        await Task.WhenAll(_followed.Values).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _letGo.Dispose();

    /// <summary>Starts the claimed run and records who it is. Then it is followed, and the message that brought it has done its part.</summary>
    /// <param name="job">The claimed job.</param>
    /// <param name="lane">Its lane.</param>
    /// <param name="permit">The lane's permit: given back when the run has ended.</param>
    /// <param name="cancellation">Ends the start; what has been started then is nobody's, and is ended.</param>
    /// <returns>How the run ended, if it could not be started; null if it goes on.</returns>
    public async Task<Ending?> BeginAsync(Job job, Lane lane, KeptPermit permit, CancellationToken cancellation)
    {
        try
        {
            return await StartAsync(job, lane, permit, cancellation);
        }
        catch (Exception exception)
        {
            log.NotFollowed(job.RunId!.Value, job.Id, exception);
            return new Ending.Lost($"It could not be started: {exception.Message}"); // if something runs all the same, it is nobody's and is ended
        }
    }

    private async Task<Ending?> StartAsync(Job job, Lane lane, KeptPermit permit, CancellationToken cancellation)
    {
        if (book.Prepare(lane.Name, job.Payload, out var errors) is not { } command)
            return new Ending.Finished(JobOutcome.EnvironmentFault($"What it asks for is not in the configuration any more: {string.Join(" ", errors)}"));

        if (await EndEarlierAsync(job, command.Options.StopGrace, cancellation) is { } stuck)
            return stuck;

        if (_works.GetValueOrDefault(lane.Name) is { } work && await work.PrepareAsync(JobRun.Of(job), cancellation) is { } outcome)
            return new Ending.Finished(outcome);

        // A node that stalled since the claim may have lost the run to another, whose process must not find this one beside it.
        if (!lease.IsHeld)
            return new Ending.NeverStarted("Its node did not hold its lease when it was to start; the job runs again.");

        var folder = folders.Of(job.RunId!.Value);
        switch (await launcher.StartAsync(folder, job.Id, command, cancellation))
        {
            case Launched.Impossible impossible:
                return new Ending.Finished(JobOutcome.EnvironmentFault(impossible.Reason));
            case Launched.NotStarted not:
                // Its program may have begun all the same, and removed the file that would have said so.
                await new ProcessTree(folder, time).StopAsync(command.Options.StopGrace, CancellationToken.None);
                return new Ending.Lost(not.Reason);
            case Launched.Started started:
                // A crash before the stamp is no loss: the folder bears the run's number, and whoever looks after this host finds it.
                var stamped = await persistent.CarryOutAsync("stamp process", job.Id, () => StampAsync(job, started.Wrapper, cancellation), cancellation);
                if (stamped is null)
                {
                    await new ProcessTree(folder, time).StopAsync(command.Options.StopGrace, CancellationToken.None);
                    return new Ending.Stopped(StopReason.Fenced);
                }

                log.Spawned(job.RunId.Value, job.Id, started.Wrapper.Pid, command.Name);
                Follow(stamped, lane, folder, TimeSpan.Zero, permit.Keep());
                return null;
            case var other:
                throw new InvalidOperationException($"No such start: {other}.");
        }
    }

    // An earlier run of the job owns nothing any more, but its processes may live: its node stalled, or the reaper gave it up. Two agents must never work at one thing.
    private async Task<Ending?> EndEarlierAsync(Job job, TimeSpan grace, CancellationToken cancellation)
    {
        foreach (var earlier in ProcessTree.RunsOf(job.Id).Select(folders.At).OfType<RunFolder>())
        {
            log.Strays(earlier.Run);
            if (await new ProcessTree(earlier, time).StopAsync(grace, cancellation) is { Count: > 0 } left)
                return new Ending.Lost($"Processes of its earlier run {earlier.Run} will not end ({string.Join(", ", left)}), and it must not run beside them. End them by hand.");
        }

        return null;
    }

    /// <summary>Takes over a run of this host whose owner is no more. False if somebody else was quicker.</summary>
    public async Task<bool> AdoptAsync(Job job, CancellationToken cancellation)
    {
        var lane = lanes.Of(job.Lane);
        var folder = folders.Of(job.ProcessRun ?? job.RunId!.Value);
        // What was stamped counts: the file in the folder is the program's to spoil. The host's name holds its boot.
        var wrapper = job is { ProcessRun: not null, OwnerPid: { } pid, OwnerProcessStart: { } start } ? new WrapperIdentity(pid, start, ProcessIdentity.Boot()) : folder.Wrapper;
        if (wrapper is null && !folder.Abandon())
            return false; // it is just beginning; the next look finds it

        if (await TakeOverAsync(job, wrapper, cancellation) is not { } mine)
            return false;
        if (wrapper is null)
        {
            await finalizer.EndAsync(mine, new Ending.NeverStarted("Its node was gone before it had started anything; the job runs again."), lane, cancellation);
            return true;
        }

        log.Adopted(mine.Id, mine.RunId!.Value, folder.Run);
        Follow(mine, lane, folder, wrapper.Age ?? time.GetUtcNow() - mine.StartedAt!.Value, lane.Permits.TryTake(out var permit) ? permit : null);
        return true;
    }

    /// <summary>What is to be noted of a run of this host, and nothing of one that simply lives.</summary>
    public RunSight? See(Job job, bool wasSuspect)
    {
        var folder = folders.Of(job.ProcessRun ?? job.RunId!.Value);
        return folder.Look() switch
        {
            RunState.Ended ended => new RunSight(job.Id, job.RunId!.Value, Dead: false, ended.Exit.Code, ExitOutcome.Of(ended.Exit.Code, folder.Log, time.GetLocalNow()).Write()),
            RunState.Lost => new RunSight(job.Id, job.RunId!.Value, Dead: true, null, null),
            _ => wasSuspect ? new RunSight(job.Id, job.RunId!.Value, Dead: false, null, null) : null,
        };
    }

    private void Follow(Job job, Lane lane, RunFolder folder, TimeSpan ranBefore, IDisposable? permit)
    {
        var run = job.RunId!.Value;
        var carried = running.Carry(job.Id);
        _followed[run] = Task.Run(async () =>
        {
            try
            {
                await FollowAsync(job, lane, folder, ranBefore, permit);
            }
            finally
            {
                carried.Dispose();
                permit?.Dispose();
                signal.Freed(lane.Name);
                _followed.TryRemove(run, out _);
            }
        });
    }

    private async Task FollowAsync(Job job, Lane lane, RunFolder folder, TimeSpan ranBefore, IDisposable? permit)
    {
        using var entry = running.Add(job.Id, job.RunId!.Value);
        var tree = new ProcessTree(folder, time);
        // Its own program could have lifted what stands in the folder; that counts only where the configuration has lost the command.
        var limits = book.Prepare(lane.Name, job.Payload, out _)?.Limits ?? folder.Spec?.Limits ?? new RunLimits(TimeSpan.FromHours(1), TimeSpan.FromMinutes(15), TimeSpan.FromSeconds(45), TimeSpan.FromSeconds(10), 1L << 30);
        var watch = new RunWatch(folder, tree, limits, ranBefore, time);
        while (true)
        {
            try
            {
                if (await LookAsync(job, folder, tree, watch, limits, entry) is { } ending)
                {
                    permit?.Dispose(); // the heavy part is over
                    await EndAsync(job, lane, folder, ending, entry);
                    return;
                }
            }
            catch (OperationCanceledException) when (IsOver(entry))
            {
                return; // let go: the next owner, or this node when it comes back, goes on
            }
            catch (Exception exception)
            {
                log.NotFollowed(job.RunId!.Value, job.Id, exception);
            }

            using var wait = CancellationTokenSource.CreateLinkedTokenSource(entry.Token, _letGo.Token);
            await Task.Delay(options.ProbeInterval, time, wait.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (IsOver(entry))
            {
                if (entry.Reason == StopReason.Fenced)
                    log.LetGo(job.RunId!.Value);
                return;
            }
        }
    }

    private bool IsOver(RunningJobs.Entry entry) => _letGo.IsCancellationRequested || entry.Reason is StopReason.Fenced or StopReason.NodeStopping;

    /// <summary>Null while it lives and may.</summary>
    private async Task<Ending?> LookAsync(Job job, RunFolder folder, ProcessTree tree, RunWatch watch, RunLimits limits, RunningJobs.Entry entry)
    {
        if (entry.Reason is StopReason.CancelAsked or StopReason.LeaseOver)
        {
            await StopAsync(job, tree, limits.StopGrace);
            return new Ending.Stopped(entry.Reason);
        }

        var state = folder.Look();
        if (state is RunState.NotStarted && tree.Members().Count == 0)
            state = new RunState.Lost(TreeLives: false); // it was started, or nobody would follow it: its folder was removed meanwhile
        if (state is RunState.Ended or RunState.Lost)
        {
            // What it left behind must not outlive it.
            if (folder.TreeLives || tree.Members().Count > 0)
                await StopAsync(job, tree, limits.StopGrace);
            return state is RunState.Ended ended
                ? new Ending.Finished(ExitOutcome.Of(ended.Exit.Code, folder.Log, time.GetLocalNow()).ToOutcome())
                : new Ending.Lost("Its process is gone and left no exit code: it was killed, or the machine went down.");
        }

        var watchdog = watch.Look();
        if (watchdog == Watchdog.None)
            return null;
        log.WatchdogFired(job.RunId!.Value, job.Id, watchdog);
        await StopAsync(job, tree, limits.StopGrace);
        return new Ending.Finished(watchdog switch
        {
            Watchdog.ResultSeen => ExitOutcome.Of(null, folder.Log, time.GetLocalNow()).ToOutcome(),
            Watchdog.Idle => JobOutcome.Transient($"Nothing was heard of its process for {limits.IdleTime}, and it used no processor time."),
            Watchdog.LogTooLarge => JobOutcome.Retry($"Its log grew beyond {limits.MaxLogBytes} bytes."),
            _ => JobOutcome.Retry($"Its process ran longer than its limit of {limits.WallTime}."),
        });
    }

    private async Task StopAsync(Job job, ProcessTree tree, TimeSpan grace)
    {
        if (await tree.StopAsync(grace, _letGo.Token) is { Count: > 0 } left)
            log.NotEnded(job.RunId!.Value, job.Id, string.Join(", ", left));
    }

    private async Task EndAsync(Job job, Lane lane, RunFolder folder, Ending ending, RunningJobs.Entry entry)
    {
        if (ending is Ending.Finished { Outcome: JobOutcome.Success } && (gates.Any(lane.Name) || _works.ContainsKey(lane.Name)))
        {
            // Finalizing from here on: the guard of every later write names the state that it leaves.
            if (await persistent.CarryOutAsync("finalizing", job.Id, () => finalizer.BeginEffectAsync(job, CancellationToken.None), _letGo.Token) is not { } finalizing)
            {
                log.LetGo(job.RunId!.Value);
                return;
            }

            job = finalizing;
            ending = await CloseAsync(job, ending, entry);
        }

        var won = await persistent.CarryOutAsync("finalize", job.Id, () => finalizer.EndAsync(job, ending, lane, CancellationToken.None), CancellationToken.None);
        if (!won)
            log.LetGo(job.RunId!.Value);
    }

    /// <summary>Takes in what the process left; then the gate decides, not the exit code. Meanwhile the reaper leaves the run alone.</summary>
    private async Task<Ending> CloseAsync(Job job, Ending ending, RunningJobs.Entry entry)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(entry.Token, _letGo.Token);
        return await monitor.WatchAsync<Ending>(job.Id, job.RunId!.Value, async cancellation =>
        {
            if (_works.GetValueOrDefault(job.Lane) is { } work && await FinishAsync(work, job, cancellation) is { } outcome)
                return new Ending.Finished(outcome);
            while (true)
            {
                var verdict = await gates.EvaluateAsync(JobRun.Of(job), cancellation);
                switch (verdict.Answer)
                {
                    case GateAnswer.Passed:
                        return ending;
                    case GateAnswer.Failed:
                        return new Ending.Finished(JobOutcome.Retry(verdict.Reason));
                }

                await Task.Delay(AskAgain, time, cancellation);
            }
        }, over.Token);
    }

    private async Task<JobOutcome?> FinishAsync(IProcessWork work, Job job, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await work.FinishAsync(JobRun.Of(job), cancellation);
            }
            catch (Exception exception) when (!cancellation.IsCancellationRequested)
            {
                log.NotFinished(job.RunId!.Value, job.Id, exception);
            }

            await Task.Delay(AskAgain, time, cancellation);
        }
    }

    private async Task<Job?> StampAsync(Job claimed, WrapperIdentity wrapper, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (await JobLedger.LockRunAsync(connection, claimed.Id, claimed.RunId!.Value, cancellation) is not { } job
            || !await MoveAsync(connection, job, new Spawned(wrapper.Pid, wrapper.Start), cancellation))
            return null;
        await transaction.CommitAsync(cancellation);
        return job;
    }

    private async Task<Job?> TakeOverAsync(Job lost, WrapperIdentity? wrapper, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (await JobLedger.LockRunAsync(connection, lost.Id, lost.RunId!.Value, cancellation) is not { } job)
            return null;
        if (job.ProcessRun is null && wrapper is not null && !await MoveAsync(connection, job, new Spawned(wrapper.Pid, wrapper.Start), cancellation))
            return null;
        if (!await MoveAsync(connection, job, new Adopted(lease.Node, await JobLedger.NextRunIdAsync(connection, cancellation)), cancellation))
            return null;
        await transaction.CommitAsync(cancellation);
        return job;
    }

    private async Task<bool> MoveAsync(NpgsqlConnection connection, Job job, object @event, CancellationToken cancellation)
    {
        var (state, run) = (job.State, job.RunId);
        return await transitions.ApplyAsync(job, @event, transitions.Collect())
            && (await JobLedger.WriteAsync(connection, [new Moved(job, state, run)], cancellation)).Count == 1;
    }
}
