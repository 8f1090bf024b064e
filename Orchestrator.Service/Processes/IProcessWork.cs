using Orchestrator.Service.Run;

namespace Orchestrator.Service.Processes;

/// <summary>What the external processes of a lane need before they start, and what is to be done with what they leave. Register one for a lane.</summary>
public interface IProcessWork
{
    /// <summary>The lane.</summary>
    string Lane { get; }

    /// <summary>Makes ready what the process works on, on the machine that starts it and in no transaction. May be repeated.</summary>
    /// <returns>Null if it may start; otherwise how the run ends. What is thrown counts as a lost run: the infrastructure's budget.</returns>
    Task<JobOutcome?> PrepareAsync(JobRun run, CancellationToken cancellation);

    /// <summary>
    /// Takes in what a process that ended well has left, before the lane's gates are asked; the job is Finalizing meanwhile, and the reaper leaves it alone.
    /// Carried out again by the next owner if this one dies, so it must be idempotent.
    /// </summary>
    /// <returns>Null if the exit stands; otherwise how the run ends. What is thrown is tried again.</returns>
    Task<JobOutcome?> FinishAsync(JobRun run, CancellationToken cancellation);
}
