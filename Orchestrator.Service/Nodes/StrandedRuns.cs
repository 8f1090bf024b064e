using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Processes;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Nodes;

/// <summary>
/// Looks for runs that the database gives this node and that nothing in this process carries: a claim whose commit arrived and whose answer was lost on
/// the way, an outcome that could not be stored, a process let go while the database was away. Nobody else may judge them while the node lives. Two looks in a
/// row, and the run is queued again; an external process is adopted, so that it is not started a second time beside itself.
/// </summary>
internal sealed class StrandedRuns(
    NpgsqlDataSource database, NodeLease lease, RunningJobs running, DeadNodes lost, ProcessRuns processes, NodeOptions options, TimeProvider time, ILogger<StrandedRuns> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        HashSet<(Guid Job, long Run)> suspects = [];
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(options.Heartbeat, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                suspects = await LookAsync(suspects, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                log.StrandedLookFailed(exception);
            }
            catch (OperationCanceledException)
            {
            }
        }
    }

    private async Task<HashSet<(Guid Job, long Run)>> LookAsync(HashSet<(Guid Job, long Run)> suspects, CancellationToken cancellation)
    {
        var node = lease.Node;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var uncarried = (await JobLedger.RunsOfNodeAsync(connection, node.Id, cancellation)).Where(run => !running.Carries(run.Job)).ToHashSet();
        foreach (var (job, run) in uncarried.Where(suspects.Contains))
        {
            var process = await JobLedger.GetAsync(connection, job, cancellation) is { } row && row.RunId == run && (row.ProcessRun is not null || processes.Lanes.Contains(row.Lane)) ? row : null;
            if (process is not null ? lease.IsHeld && await processes.AdoptAsync(process, cancellation) : await lost.TakeBackAsync(job, run, node.Name, "lost sight of it", cancellation))
                log.Stranded(job, run);
        }

        return uncarried;
    }
}
