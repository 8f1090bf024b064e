using System.Text.Json;
using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Sweeps;
using Orchestrator.Service.Nodes;

namespace Orchestrator.Service.Sweeps;

/// <summary>Carries out one turn and records it. Never throws: the next turn comes anyway.</summary>
internal sealed class SweepRunner(IServiceScopeFactory scopes, NpgsqlDataSource database, NodeLease lease, TimeProvider time, ILogger<SweepRunner> log)
{
    private const int RunsKept = 20, ErrorsKept = 20;
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(7);

    public async Task RunAsync(SweepEntry entry, bool byHand, CancellationToken cancellation)
    {
        try
        {
            if (await SweepLedger.BeginAsync(database, entry.Name, lease.Node.Id, lease.Node.Name, byHand, time.GetUtcNow(), cancellation) is not { } run)
                return; // paused
            await using var scope = scopes.CreateAsyncScope();
            var sweep = (Sweep)scope.ServiceProvider.GetRequiredService(entry.Type);
            await sweep.RunAsync(cancellation);
            // A crash at this line leaves a run without an end, which the next one calls lost.
            var outcome = sweep.Errors.Count > 0 ? "failed" : cancellation.IsCancellationRequested ? "stopped" : "done";
            await SweepLedger.EndAsync(database, run, time.GetUtcNow(), outcome, JsonSerializer.Serialize(sweep.Done), Kept(sweep.Errors), CancellationToken.None);
            await SweepLedger.ForgetAsync(database, entry.Name, RunsKept, time.GetUtcNow() - Remembered, CancellationToken.None);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            log.SweepFailed(entry.Name, exception);
        }
    }

    private static string[] Kept(IReadOnlyList<string> errors) =>
        errors.Count <= ErrorsKept
            ? [.. errors.Select(Reason.Storable)]
            : [.. errors.Take(ErrorsKept).Select(Reason.Storable), $"and {errors.Count - ErrorsKept} more; the log has them"];
}
