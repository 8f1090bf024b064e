using Npgsql;
using Orchestrator.Persistence.Nodes;

namespace Orchestrator.Service.Nodes;

/// <summary>
/// Looks after the other nodes of this very host (same boot, same pid namespace): a process that is gone, or whose pid is another's by
/// now, is dead for certain, and nobody has to wait for its lease. Nodes of other hosts are judged by their lease alone.
/// </summary>
internal sealed class HostProbe(NpgsqlDataSource database, NodeLease lease, DeadNodes dead, NodeOptions options, TimeProvider time, ILogger<HostProbe> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = options.Heartbeat < TimeSpan.FromSeconds(1) ? options.Heartbeat : TimeSpan.FromSeconds(1);
        var atStart = true; // what a predecessor left behind that stopped in good order, wake-ups in memory above all, waits for nobody else
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await ProbeAsync(stoppingToken) || atStart)
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

    private async Task<bool> ProbeAsync(CancellationToken cancellation)
    {
        var found = false;
        foreach (var (id, pid, start) in await NodeLedger.LiveOnHostAsync(database, lease.Node.Host, lease.Node.Id, cancellation))
        {
            if (ProcessIdentity.IsGone(pid, start))
                found |= await NodeLedger.DeclareDeadAsync(database, id, $"process {pid} (started at tick {start}) is gone from its host", cancellation);
        }

        return found;
    }
}
