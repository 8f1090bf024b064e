using Orchestrator.Service.Delivery.Webhooks;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Delivery.Facts;

/// <summary>The lane of deliveries: hands what forge and tracker reported to the tasks.</summary>
internal sealed class DeliveryHandler(IDeliveryFacts facts) : IJobHandler
{
    public async Task<JobOutcome> RunAsync(JobRun run, CancellationToken cancellation)
    {
        try
        {
            await facts.TakeAsync(Webhooks.Delivery.Read(run.Payload), cancellation);
            return JobOutcome.Done();
        }
        catch (Remote.RemoteException away)
        {
            return JobOutcome.Transient(away.Message); // the tracker's outage is no fault of what it reported
        }
    }
}
