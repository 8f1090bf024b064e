using MassTransit;

namespace Orchestrator.Service.Permit;

/// <summary>Lets as many runs on at once as there are permits: the lane's first, then the process's. The order is the same everywhere, so no two can wait for each other.</summary>
internal sealed class ConcurrencyLimitFilter(Permits process) : IFilter<JobContext>
{
    public async Task Send(JobContext context, IPipe<JobContext> next)
    {
        using var lane = new KeptPermit(await context.Lane.Permits.TakeProtectedAsync(context.Lease, context.Protection, context.Stopping));
        context.LanePermit = lane;
        using var slot = await process.TakeProtectedAsync(context.Lease, context.Protection, context.Stopping);
        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("concurrencyLimit").Add("permits", process.Size);
}
