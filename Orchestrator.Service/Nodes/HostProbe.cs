using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Nodes;
using Orchestrator.Persistence.Runs;
using Orchestrator.Service.Processes;

namespace Orchestrator.Service.Nodes;

/// <summary>
/// Looks after this very host (same boot, same pid namespace). A node whose process is gone, or whose pid is another's by now, is dead for certain, and nobody has to
/// wait for its lease. External processes of a dead node are taken over; of those whose owner lives, what is seen is noted for the reaper. Nodes of other hosts are
/// judged by their lease alone.
/// </summary>
internal sealed class HostProbe(
    NpgsqlDataSource database, NodeLease lease, DeadNodes dead, ProcessRuns processes, RunFolders folders, NodeOptions options, TimeProvider time, ILogger<HostProbe> log)
    : BackgroundService
{
    private static readonly TimeSpan CleanEvery = TimeSpan.FromSeconds(10);

    private readonly HashSet<long> _suspects = [];
    private long? _cleanedAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = options.Heartbeat < TimeSpan.FromSeconds(1) ? options.Heartbeat : TimeSpan.FromSeconds(1);
        var atStart = true; // what a predecessor left behind that stopped in good order, wake-ups in memory above all, waits for nobody else
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var found = await ProbeNodesAsync(stoppingToken);
                await ProbeRunsAsync(stoppingToken); // before the runs of the dead are given to anybody
                if (found || atStart)
                    await dead.TakeBackAsync(stoppingToken);
                atStart = false;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                log.ProbeFailed(exception);
            }

            await Task.Delay(interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> ProbeNodesAsync(CancellationToken cancellation)
    {
        var found = false;
        foreach (var (id, pid, start) in await NodeLedger.LiveOnHostAsync(database, lease.Node.Host, lease.Node.Id, cancellation))
        {
            if (ProcessIdentity.IsGone(pid, start))
                found |= await NodeLedger.DeclareDeadAsync(database, id, $"process {pid} (started at tick {start}) is gone from its host", cancellation);
        }

        return found;
    }

    private async Task ProbeRunsAsync(CancellationToken cancellation)
    {
        await folders.OpenAsync(cancellation);
        var asked = time.GetTimestamp();
        List<HostRun> runs;
        await using (var connection = await database.OpenConnectionAsync(cancellation))
            runs = await RunLedger.HostRunsAsync(connection, lease.Node.Host, processes.Lanes, cancellation);

        foreach (var run in runs.Where(run => run.OwnerIsDead && lease.IsHeld))
            await GuardAsync(run.Job, () => processes.AdoptAsync(run.Job, cancellation), cancellation);

        // Only what is suspect is written, and what was and is not any more.
        var seen = runs.Where(run => run is { OwnerIsDead: false, Job.ProcessRun: not null })
            .Select(run => See(run.Job)).OfType<RunSight>().ToList();
        if (seen.Count > 0)
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
            await RunLedger.SeeAsync(connection, lease.Node.Host, seen, cancellation);
        }

        _suspects.Clear();
        _suspects.UnionWith(seen.Where(sight => sight.Dead || sight.ExitCode is not null).Select(sight => sight.Run));

        if (_cleanedAt is { } last && time.GetElapsedTime(last) < CleanEvery)
            return;
        _cleanedAt = asked;
        try
        {
            await folders.CleanAsync(() => OwnedAsync(cancellation), cancellation);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            log.FoldersNotLookedAt(exception);
        }
    }

    // One run's folder may hold anything; the others are looked at all the same.
    private RunSight? See(Job job)
    {
        try
        {
            return processes.See(job, _suspects.Contains(job.RunId!.Value));
        }
        catch (Exception exception)
        {
            log.RunNotLookedAt(job.RunId!.Value, job.Id, exception);
            return null;
        }
    }

    private async Task GuardAsync(Job job, Func<Task> look, CancellationToken cancellation)
    {
        try
        {
            await look();
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            log.RunNotLookedAt(job.RunId!.Value, job.Id, exception);
        }
    }

    private async Task<HashSet<long>> OwnedAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await RunLedger.OwnedRunsAsync(connection, lease.Node.Host, cancellation);
    }
}
