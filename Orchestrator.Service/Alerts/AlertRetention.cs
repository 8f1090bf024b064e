using Npgsql;
using Orchestrator.Persistence.Alerts;
using Orchestrator.Service.Sweeps;

namespace Orchestrator.Service.Alerts;

/// <summary>Forgets what was told before any window began.</summary>
internal sealed class AlertRetention(NpgsqlDataSource database) : IRetention
{
    private const int Batch = 1000;

    public string What => "alertsForgotten";

    public async Task<long> ForgetAsync(CancellationToken cancellation)
    {
        long all = 0;
        int some;
        do
            all += some = await AlertLedger.ForgetAsync(database, AlertOptions.LongestWindow, Batch, cancellation);
        while (some == Batch);
        return all;
    }
}
