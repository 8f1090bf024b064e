using MassTransit;

namespace Orchestrator.Persistence.Outbox;

/// <summary>
/// The outermost step of an endpoint of the in-memory bus: when it has ended, everything inside it has committed, or has failed for the last time. It stands
/// around the receive, because what is configured for the messages of an endpoint, its retries too, stands around every filter that comes later. What
/// nobody could read is not acknowledged: its row waits for the next start.
/// </summary>
internal sealed class AcknowledgeFilter(OutboxQueue queue, Uri endpoint) : IFilter<ReceiveContext>
{
    public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        var attempts = context.GetOrAddPayload(() => new Attempts());
        try
        {
            await next.Send(context); // ends well, too, when the message was moved to the endpoint's error queue
        }
        finally
        {
            Acknowledge(context, attempts);
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("acknowledgeOutbox");

    private void Acknowledge(ReceiveContext context, Attempts attempts)
    {
        // With several types of one message, each tried for itself, one may have failed for good before another ended well.
        var failed = attempts.LastFailed || context.IsFaulted;
        // What was interrupted by the stop of the process has not failed: the message is sent again after the start.
        if (attempts.Message is { } id && !(failed && context.CancellationToken.IsCancellationRequested))
            queue.Acknowledge(id, endpoint, failed ? $"{endpoint}: {attempts.Failure ?? "failed"}" : null);
    }
}
