using MassTransit;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Permit;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Claim;

/// <summary>
/// Forgets messages whose job does not wait for a run any more, before they queue up for a permit. Looks only if the wait will
/// be long: with a permit free, or behind quick work, the claim itself finds out as cheaply.
/// </summary>
internal sealed class OldNewsFilter(QueuedJobs queued, RunningJobs running, Permits process, Persistent persistent) : IFilter<JobContext>
{
    public async Task Send(JobContext context, IPipe<JobContext> next)
    {
        if (context.Lane.Line.Expects(context.JobId))
        {
            await next.Send(context); // claimed before it was woken: its row says Running, and that is this very message's run
            return;
        }

        // A run of this process that has lost its job may still be on its way out, and the message is for the next run: only the row knows.
        var waitsLong = (context.Lane.Permits.IsFull || process.IsFull) && !(context.Lane.Options.ClaimQuickAlong && context.Lane.Line.IsQuick);
        if ((running.Runs(context.JobId) || waitsLong) && !await persistent.CarryOutAsync("look", context.JobId, () => queued.IsQueuedAsync(context.JobId), context.Protection))
            return;

        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("oldNews");
}
