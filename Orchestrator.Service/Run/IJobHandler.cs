namespace Orchestrator.Service.Run;

/// <summary>The work of one lane. Made anew, in its own scope, for every run.</summary>
public interface IJobHandler
{
    /// <summary>Does the work of one run and says how it ended. Holds a permit meanwhile, but no transaction and no lock.</summary>
    /// <param name="run">The job and this attempt at it.</param>
    /// <param name="cancellation">
    /// Fires when the run must stop: somebody cancelled the job, the node is stopping and the drain time is over, the message's
    /// protection is lost, or another run owns the job now. Throw <see cref="OperationCanceledException"/> then.
    /// </param>
    /// <returns>How it ended. An exception counts as <see cref="JobOutcome.Retry"/> with its message as the reason.</returns>
    Task<JobOutcome> RunAsync(JobRun run, CancellationToken cancellation);
}
