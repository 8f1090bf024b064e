using Orchestrator.Service.Finalize;

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

    /// <summary>
    /// The job fails for good: its attempts are used up, or no repetition will help. Stores what others should see of that, in the transaction
    /// that fails the job. It may be retried by hand later, so what is stored here must not keep a further run from working.
    /// </summary>
    /// <param name="run">The job and its last attempt.</param>
    /// <param name="reason">Why it failed, for people.</param>
    /// <param name="scope">The transaction. What throws here is logged and undone, and the job fails all the same.</param>
    /// <param name="cancellation">Ends the call.</param>
    Task FailedAsync(JobRun run, string reason, FinalizeScope scope, CancellationToken cancellation) => Task.CompletedTask;
}
