namespace Orchestrator.Service.Documents.Processes;

/// <summary>
/// Removes the work folders of killed workers from this host, at the start and every hour. Not a sweep of the cluster: each node sees its own disk only,
/// and the lock in a folder tells it from the living.
/// </summary>
internal sealed class ForsakenFolders(TimeProvider time, ILogger<ForsakenFolders> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // the start does not wait for the disk
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (Remove(Path.GetTempPath(), time.GetUtcNow()) is > 0 and var removed)
                    log.ForsakenRemoved(removed);
            }
            catch (Exception exception)
            {
                log.ForsakenNotRemoved(Interval, exception);
            }

            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>How many were removed.</returns>
    internal static int Remove(string parent, DateTimeOffset now) =>
        Directory.EnumerateDirectories(parent, WorkFolder.Prefix + "*").Count(folder => WorkFolder.TryRemoveForsaken(folder, now));
}
