using MassTransit;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Processes;

namespace Orchestrator.Service.Run;

/// <summary>Carries out the claimed run, in a scope of its own, and notes how it ended. Never throws: an ending is a fact, not a fault of the pipeline.</summary>
internal sealed class RunFilter(IServiceScopeFactory scopes, RunningJobs running, ProcessRuns processes, TimeProvider time) : IFilter<JobContext>
{
    public async Task Send(JobContext context, IPipe<JobContext> next)
    {
        var job = context.Job!;
        if (context.Lane.Options.IsProcess)
        {
            // A start is not cancelled half-way: it is quick, and what is started must be stamped.
            context.Ending = await processes.BeginAsync(job, context.Lane, context.LanePermit!, CancellationToken.None);
            Forewarn(context);
            await next.Send(context);
            return;
        }

        using var entry = running.Add(job.Id, job.RunId!.Value);
        using var lost = context.Protection.UnsafeRegister(static state => ((RunningJobs.Entry)state!).Stop(StopReason.ProtectionLost), entry);
        await using var late = context.Lane.Options.MaxRunTime is { } longest
            ? time.CreateTimer(static state => ((RunningJobs.Entry)state!).Stop(StopReason.OutOfTime), entry, longest, Timeout.InfiniteTimeSpan)
            : null;
        await using var scope = scopes.CreateAsyncScope();
        try
        {
            var type = context.Lane.Handler!;
            var handler = (IJobHandler)scope.ServiceProvider.GetRequiredService(type);
            context.Ending = await handler.RunAsync(JobRun.Of(job), entry.Token) is { } outcome
                ? new Ending.Finished(outcome)
                : new Ending.Threw(new InvalidOperationException($"{type.Name}.RunAsync returned null. Return JobOutcome.Done, Deliver, Retry or Fail."));
        }
        catch (Exception) when (entry.Reason != StopReason.None)
        {
            context.Ending = new Ending.Stopped(entry.Reason);
        }
        catch (Exception exception)
        {
            context.Ending = new Ending.Threw(exception);
        }

        // A run that ended well although somebody else owns the job by now is over all the same.
        if (entry.Reason is StopReason.Fenced or StopReason.LeaseOver)
            context.Ending = new Ending.Stopped(entry.Reason);

        Forewarn(context);
        await next.Send(context);
    }

    // The permit is given back before the outcome is stored.
    private static void Forewarn(JobContext context)
    {
        if (context.Ending is Ending.Finished { Outcome: JobOutcome.Hold { IsAlone: false } or JobOutcome.NotNow { Class: FailureClass.RateLimited, IsAlone: false } })
        {
            context.Lane.Forewarn();
            context.HasForewarned = true;
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("run");
}
