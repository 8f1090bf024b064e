using Npgsql;
using Orchestrator.Persistence.Tasks;

namespace Orchestrator.Service.Delivery.Git;

/// <summary>Removes worktrees of this host whose tasks have ended. At start it also forgets those whose folders are gone.</summary>
internal sealed class WorktreeKeeper(NpgsqlDataSource database, Repositories repositories, Worktrees worktrees, TimeProvider time, ILogger<WorktreeKeeper> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var first = true; !stoppingToken.IsCancellationRequested; first = false)
        {
            try
            {
                if (first)
                    await repositories.PruneAsync(stoppingToken);
                await worktrees.PruneAsync(FindAsync, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                log.NotKept(exception);
            }

            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<IReadOnlyList<DeliveryTask>> FindAsync(IReadOnlyList<Guid> tasks, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await TaskLedger.FindAsync(connection, tasks, cancellation);
    }
}
