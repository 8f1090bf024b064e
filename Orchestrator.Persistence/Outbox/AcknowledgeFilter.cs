using MassTransit;

namespace Orchestrator.Persistence.Outbox;

/// <summary>
/// The outermost step of an endpoint of the in-memory bus: when it has ended, everything inside it has committed, or has failed for the last time.
/// </summary>
internal sealed class AcknowledgeFilter(OutboxQueue queue, Uri endpoint) : IFilter<ConsumeContext>
{
    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        try
        {
            await next.Send(context);
        }
        catch (Exception error)
        {
            // A consumer that was interrupted by the stop of the process has not failed: its message is sent again after the start.
            if (!context.CancellationToken.IsCancellationRequested)
                Acknowledge(context, $"{endpoint}: {error.GetType().Name}: {error.Message}");
            throw;
        }
        Acknowledge(context, failure: null);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("acknowledgeOutbox");

    private void Acknowledge(ConsumeContext context, string? failure)
    {
        if (context.GetOriginalMessageId() is { } id)
            queue.Acknowledge(id, endpoint, failure);
    }
}
