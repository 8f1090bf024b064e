using MassTransit;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Finalize;

/// <summary>
/// Acts on the way out, when the permit is free again: carries out the run's effect if it has one, and commits the outcome. The
/// message is settled after this filter has returned, never before.
/// </summary>
internal sealed class FinalizeFilter(Finalizer finalizer, RunningJobs running, RunMonitor monitor, Persistent persistent, ILogger<FinalizeFilter> log) : IFilter<JobContext>
{
    public async Task Send(JobContext context, IPipe<JobContext> next)
    {
        using var carried = running.Carry(context.JobId); // a run of this node that nobody carries is stranded: see StrandedRuns
        try
        {
            await next.Send(context);
            await FinalizeAsync(context);
        }
        finally
        {
            if (context.HasForewarned)
                context.Lane.WarningStored();
        }
    }

    private async Task FinalizeAsync(JobContext context)
    {
        if (context.Job is not { } job || context.Ending is not { } ending)
            return;

        if (ending is Ending.Finished { Outcome: JobOutcome.Success { Effect: { } effect } })
            ending = await CarryOutAsync(effect, job, ending, context.Protection);

        bool won;
        try
        {
            won = await EndAsync(job, ending, context);
        }
        catch (Exception exception) when (ending is Ending.Finished { Outcome: JobOutcome.Success } && !Persistent.IsPassing(exception))
        {
            // What the handler wanted to store, its result included, could not be stored: the transaction is rolled back, and that is the run's ending.
            ending = new Ending.Threw(exception);
            won = await EndAsync(job, ending, context);
        }

        if (!won)
            log.Fenced(job.Id, job.RunId!.Value);
        else if (ending is Ending.Threw threw)
            log.Threw(job.Id, job.Lane, threw.Exception);
        else if (ending is not Ending.Finished { Outcome: JobOutcome.Success })
            log.NotDone(job.Id, job.Lane, ending.GetType().Name, ending is Ending.Stopped stopped ? stopped.Reason.ToString() : ending.ToString());
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("finalize");

    // Not cancelled by the loss of the message's protection: the outcome is known, and the fence decides whether it counts.
    private Task<bool> EndAsync(Job job, Ending ending, JobContext context) =>
        persistent.CarryOutAsync("finalize", job.Id, () => finalizer.EndAsync(job, ending, context.Lane, CancellationToken.None), CancellationToken.None);

    private async Task<Ending> CarryOutAsync(Func<CancellationToken, Task> effect, Job job, Ending ending, CancellationToken protection)
    {
        if (await persistent.CarryOutAsync("finalizing", job.Id, () => finalizer.BeginEffectAsync(job, CancellationToken.None), protection) is null)
            return new Ending.Stopped(StopReason.Fenced);
        try
        {
            await monitor.WatchAsync(job.Id, job.RunId!.Value, async cancellation =>
            {
                await effect(cancellation);
                return true;
            }, protection, RunMonitor.Deadline / 3);
            return ending;
        }
        catch (Exception exception)
        {
            return new Ending.Threw(exception);
        }
    }
}
