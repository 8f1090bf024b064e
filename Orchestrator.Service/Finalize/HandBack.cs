using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Receive;

namespace Orchestrator.Service.Finalize;

/// <summary>Gives claimed jobs back that did not come to run: they are queued again. Fenced like every write of a run.</summary>
internal sealed class HandBack(Finalizer finalizer, Persistent persistent)
{
    public Task<bool> AsyncOf(Job job, Lane lane, StopReason reason) =>
        persistent.CarryOutAsync("hand back", job.Id, () => finalizer.EndAsync(job, new Ending.Stopped(reason), lane, CancellationToken.None), CancellationToken.None);
}
