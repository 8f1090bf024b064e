using MassTransit;
using Orchestrator.AmazonSqs;
using Orchestrator.Contracts;

namespace Orchestrator.Service.Receive;

/// <summary>Takes a lane's wake-ups through the pipeline. When it returns, the message is settled.</summary>
internal sealed class WakeUpConsumer(Lane lane, Lazy<IPipe<JobContext>> journey, CancellationToken stopping) : IConsumer<WakeUp>
{
    public Task Consume(ConsumeContext<WakeUp> context)
    {
        context.TryGetPayload<MessageLease>(out var lease);
        var jobs = context.Message.Jobs;
        return jobs.Count == 1
            ? journey.Value.Send(new JobContext(jobs[0], lane, lease, context.CancellationToken, stopping))
            : Task.WhenAll(jobs.Select(job => journey.Value.Send(new JobContext(job, lane, lease, context.CancellationToken, stopping))));
    }
}
