using MassTransit;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Finalize;

namespace Orchestrator.Service.Claim;

/// <summary>Goes on only with a run that this process owns. A loser just forgets the message: the row and its owner look after the rest.</summary>
internal sealed class ClaimFilter(Claims claims, Persistent persistent, WorkSignal signal, ClaimMetrics metrics, TimeProvider time) : IFilter<JobContext>
{
    public async Task Send(JobContext context, IPipe<JobContext> next)
    {
        var (answer, job) = await persistent.CarryOutAsync("claim", context.JobId,
            () => context.Lane.Line.Leave(context.Place!) ?? claims.ClaimAsync(context.JobId, context.Lane), context.Protection);
        metrics.Answered(context.Lane.Name, answer);
        if (context.Place!.WasExpected && context.Lane.Line.RoomToClaimReady(context.Lane.Options) > 0)
            signal.Freed(context.Lane.Name);
        if (answer != ClaimAnswer.Won)
            return;

        context.Job = job;
        var began = time.GetTimestamp();
        await next.Send(context);
        context.Lane.Line.Ran(time.GetElapsedTime(began));
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("claim");
}
