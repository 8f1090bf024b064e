using Npgsql;
using Orchestrator.Persistence.Runs;

namespace Orchestrator.Service.Finalize;

/// <summary>Says of a run, as long as it is being finalized, that somebody does: the reaper leaves it alone until the deadline that this renews is stale.</summary>
internal sealed class RunMonitor(NpgsqlDataSource database, TimeProvider time, ILogger<RunMonitor> log)
{
    /// <summary>How long the reaper waits after the last word.</summary>
    internal static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Renewal = Deadline / 3;

    /// <param name="job">The job.</param>
    /// <param name="run">The run that is finalized.</param>
    /// <param name="work">Its token fires when the run is another's, or when the reaper's hard cap tells the monitor to give up.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <param name="after">When the first word is said: short work needs none.</param>
    /// <exception cref="OperationCanceledException">It was told to give up, or was cancelled.</exception>
    public async Task<T> WatchAsync<T>(Guid job, long run, Func<CancellationToken, Task<T>> work, CancellationToken cancellation, TimeSpan after = default)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var done = new CancellationTokenSource();
        var renewing = RenewAsync(job, run, after, giveUp, done.Token);
        try
        {
            return await work(giveUp.Token);
        }
        finally
        {
            await done.CancelAsync();
            await renewing;
        }
    }

    private async Task RenewAsync(Guid job, long run, TimeSpan after, CancellationTokenSource giveUp, CancellationToken done)
    {
        for (var pause = after; ; pause = Renewal)
        {
            await Task.Delay(pause, time, done).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (done.IsCancellationRequested)
                return;
            try
            {
                if (await RunLedger.MonitorAsync(database, job, run, Deadline, done) is null or true)
                {
                    log.MonitorGivesUp(job, run);
                    await giveUp.CancelAsync();
                    return;
                }
            }
            catch (Exception exception) when (!done.IsCancellationRequested)
            {
                log.MonitorNotRenewed(job, run, exception); // the deadline holds for two more tries
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
