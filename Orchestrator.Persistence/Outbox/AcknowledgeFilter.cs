using MassTransit;

namespace Orchestrator.Persistence.Outbox;

/// <summary>
/// The outermost step of an endpoint of the in-memory bus: when it has ended, everything inside it has committed, or has failed for the last time. It stands
/// around the receive, because what is configured for the messages of an endpoint, its retries too, stands around every filter that comes later.
/// </summary>
internal sealed class AcknowledgeFilter(OutboxQueue queue, Uri endpoint) : IFilter<ReceiveContext>
{
    public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        var last = context.GetOrAddPayload(() => new LastAttempt());
        try
        {
            await next.Send(context); // ends well, too, when the message was moved to the endpoint's error queue
        }
        finally
        {
            if (last is { Message: { } id, WasInterrupted: false })
                queue.Acknowledge(id, endpoint, last.Failure is { } failure ? $"{endpoint}: {failure}" : null);
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("acknowledgeOutbox");
}

/// <summary>Notes how each attempt to consume a message ended. Retries stand around it.</summary>
internal sealed class AttemptFilter : IFilter<ConsumeContext>
{
    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        var attempt = context.ReceiveContext.GetOrAddPayload(() => new LastAttempt());
        try
        {
            await next.Send(context);
            attempt.Ended(context, failure: null);
        }
        catch (Exception error)
        {
            attempt.Ended(context, $"{error.GetType().Name}: {error.Message}");
            throw;
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("noteAttempt");
}

/// <summary>How the last attempt to consume one received message ended.</summary>
internal sealed class LastAttempt
{
    /// <summary>The message; null while nobody has tried, or if it has no id.</summary>
    public Guid? Message { get; private set; }

    /// <summary>Null if it ended well.</summary>
    public string? Failure { get; private set; }

    /// <summary>A consumer that was interrupted by the stop of the process has not failed: its message is sent again after the start.</summary>
    public bool WasInterrupted { get; private set; }

    public void Ended(ConsumeContext context, string? failure) =>
        (Message, Failure, WasInterrupted) = (context.GetOriginalMessageId(), failure, failure is not null && context.CancellationToken.IsCancellationRequested);
}
