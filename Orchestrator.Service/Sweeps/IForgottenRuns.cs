namespace Orchestrator.Service.Sweeps;

/// <summary>Told before retention drops the last trace of ended jobs: whoever keeps things beside their rows (run folders, logs) removes them.</summary>
public interface IForgottenRuns
{
    /// <summary>
    /// Removes what belongs to the jobs. Called on one node, which need not be the one that ran them; again for the same jobs if it threw or the
    /// node died, so it must be idempotent. While it throws, the month stays.
    /// </summary>
    /// <param name="jobs">Some hundred jobs, with the number of the last run of each.</param>
    /// <param name="cancellation">The node stops.</param>
    Task ForgetAsync(IReadOnlyList<(Guid Job, long? LastRun)> jobs, CancellationToken cancellation);
}
