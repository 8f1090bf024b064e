using MassTransit;
using Orchestrator.Service.Finalize;

namespace Orchestrator.Service.Claim;

/// <summary>Stands in the lane's line while a permit is awaited. A job that was claimed meanwhile and does not come to run is handed back.</summary>
internal sealed class WaitingLineFilter(HandBack handBack) : IFilter<JobContext>
{
    public async Task Send(JobContext context, IPipe<JobContext> next)
    {
        var place = context.Place = context.Lane.Line.Join(context.JobId);
        try
        {
            await next.Send(context);
        }
        finally
        {
            if (context.Lane.Line.Leave(place) is { } claim)
                await GiveBackAsync(claim, context);
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("waitingLine");

    private async Task GiveBackAsync(Task<(ClaimAnswer Answer, Persistence.Jobs.Job? Job)> claim, JobContext context)
    {
        await claim.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default); // a claim that failed has changed nothing
        if (!claim.IsCompletedSuccessfully || claim.Result.Job is not { } job)
            return;
        await handBack.AsyncOf(job, context.Lane, context.Protection.IsCancellationRequested ? StopReason.ProtectionLost : StopReason.NodeStopping);
    }
}
