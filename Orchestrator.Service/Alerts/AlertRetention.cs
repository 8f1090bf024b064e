using Npgsql;
using Orchestrator.Persistence.Alerts;
using Orchestrator.Service.Sweeps;

namespace Orchestrator.Service.Alerts;

/// <summary>Forgets what was told before any window began.</summary>
internal sealed class AlertRetention(NpgsqlDataSource database) : IRetention
{
    public string What => "alertsForgotten";

    public Task<int> ForgetAsync(int most, CancellationToken cancellation) => AlertLedger.ForgetAsync(database, AlertOptions.LongestWindow, most, cancellation);
}
