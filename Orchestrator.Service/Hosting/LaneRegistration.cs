using Npgsql;
using Orchestrator.Persistence;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Receive;

namespace Orchestrator.Service.Hosting;

/// <summary>Makes the configured lanes and their limits known to the database, before anything is dispatched.</summary>
internal sealed class LaneRegistration(NpgsqlDataSource database, LanesOptions lanes) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await JobLedger.UpsertLanesAsync(connection, [.. lanes.Select(l => (l.Key, l.Value.MaxRunning, l.Value.Credential))], cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
