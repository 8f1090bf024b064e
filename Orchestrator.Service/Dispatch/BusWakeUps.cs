using MassTransit;
using Orchestrator.Contracts;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Receive;

namespace Orchestrator.Service.Dispatch;

/// <summary>Wake-ups over the bus. They need no outbox: the job's row is one.</summary>
internal sealed class BusWakeUps(IBus bus, BusOptions options) : IWakeUps
{
    public bool StayInProcess => options.Transport == BusTransport.InMemory;

    public async Task SendAsync(Lane lane, IReadOnlyList<Guid> jobs, CancellationToken cancellation)
    {
        var queue = await bus.GetSendEndpoint(new Uri($"queue:{options.Prefix}{lane.Name}"));
        if (StayInProcess)
            await queue.Send(new WakeUp(lane.Name, jobs), cancellation);
        else
            await queue.SendBatch(jobs.Chunk(lane.Line.PerWakeUp(lane.Options)).Select(some => new WakeUp(lane.Name, some)), cancellation);
    }
}
