using MassTransit;
using Orchestrator.AmazonSqs;
using Orchestrator.Contracts;

namespace Orchestrator.Service.Receive;

/// <summary>Takes a lane's wake-ups through the pipeline. When it returns, the message is settled.</summary>
internal sealed class WakeUpConsumer(Lane lane, Lazy<IPipe<JobContext>> journey, CancellationToken stopping) : IConsumer<WakeUp>
{
    public async Task Consume(ConsumeContext<WakeUp> context)
    {
        context.TryGetPayload<MessageLease>(out var lease);
        lane.Deliveries.Began();
        try
        {
            await Task.WhenAll(context.Message.Jobs.Select(job => journey.Value.Send(new JobContext(job, lane, lease, context.CancellationToken, stopping))));
        }
        finally
        {
            lane.Deliveries.Ended(lease?.ReceiveCount ?? 1);
        }
    }
}
