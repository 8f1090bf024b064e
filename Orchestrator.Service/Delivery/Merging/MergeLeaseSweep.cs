using Npgsql;
using Orchestrator.Persistence.Merging;
using Orchestrator.Service.Sweeps;

namespace Orchestrator.Service.Delivery.Merging;

/// <summary>Frees leases of merges that ended without giving them back. Runs no git: what a dead merge left on a disk, the next one there removes.</summary>
internal sealed class MergeLeaseSweep(NpgsqlDataSource database, ILogger<MergeLeaseSweep> log) : Sweep(log)
{
    protected override async Task SweepAsync(CancellationToken cancellation)
    {
        foreach (var lease in await MergeLedger.ReclaimAsync(database, cancellation))
        {
            Did("mergeLeasesReclaimed", 1);
            log.Reclaimed(lease.Repository, lease.Token, lease.Task, lease.Node, lease.Over ? "it was not renewed in time" : "its node is dead");
        }
    }
}
