using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Orchestrator.Persistence.Outbox;

/// <summary>Deletes delivered rows, many at a time, and puts failed ones among the dead.</summary>
internal sealed class OutboxRemover(
    OutboxQueue queue, NpgsqlDataSource database, IOptions<OutboxOptions> options, TimeProvider time, ILogger<OutboxRemover> log)
{
    private const int MaxBatch = 1000;
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastChance = TimeSpan.FromSeconds(5);

    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (await queue.ToRemove.WaitToReadAsync(stopping))
            {
                await Task.Delay(options.Value.RemoveWindow, time, stopping);
                await RemoveAsync(Drain(), stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What stays behind is sent again after the restart and dropped by inboxes: worth one attempt, not a slow stop.
            using var soon = new CancellationTokenSource(LastChance, time);
            for (var batch = Drain(); batch.Count > 0 && !soon.IsCancellationRequested; batch = Drain())
                await RemoveAsync(batch, soon.Token);
        }
    }

    private List<OutboxQueue.Delivered> Drain()
    {
        var batch = new List<OutboxQueue.Delivered>();
        while (batch.Count < MaxBatch && queue.ToRemove.TryRead(out var delivered))
            batch.Add(delivered);
        return batch;
    }

    private async Task RemoveAsync(List<OutboxQueue.Delivered> batch, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var delivered = batch.Where(row => row.Failure is null).Select(row => row.Id).ToArray();
                if (delivered.Length > 0)
                    await OutboxTable.RemoveAsync(database, delivered, cancellationToken);
                foreach (var (id, failure) in batch.Where(row => row.Failure is not null))
                {
                    await OutboxTable.BuryAsync(database, id, failure!, time.GetUtcNow(), cancellationToken);
                    log.Buried(id, failure!);
                }
                foreach (var row in batch)
                    queue.Forget(row.Id);
                return;
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested) // the rows are still known here, so nobody sends them again meanwhile
            {
                log.DatabaseFailed(error, "delete delivered rows");
                await Task.Delay(AfterFailure, time, cancellationToken);
            }
        }
    }
}
