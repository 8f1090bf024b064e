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
        catch (OperationCanceledException) when (lease is { HasGivenUp: true })
        {
            // Not begun: the transport hands it back. As an exception of the consumer it would be taken for a fault, and moved to _error.
        }
        finally
        {
            lane.Deliveries.Ended(lease?.ReceiveCount ?? 1);
        }
    }
}
