using MassTransit;

namespace Orchestrator.Persistence.Outbox;

/// <summary>Notes how each attempt to consume a message ended. Retries stand around it.</summary>
internal sealed class AttemptFilter : IFilter<ConsumeContext>
{
    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        var attempts = context.ReceiveContext.GetOrAddPayload(() => new Attempts());
        try
        {
            await next.Send(context);
            attempts.Ended(context.GetOriginalMessageId(), failure: null);
        }
        catch (Exception error)
        {
            attempts.Ended(context.GetOriginalMessageId(), $"{error.GetType().Name}: {error.Message}");
            throw;
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("noteAttempt");
}

/// <summary>The attempts to consume one received message.</summary>
internal sealed class Attempts
{
    private readonly Lock _lock = new();

    /// <summary>The message; null while nobody has tried, or if it has no id.</summary>
    public Guid? Message { get; private set; }

    /// <summary>Did the one that ended last fail?</summary>
    public bool LastFailed { get; private set; }

    /// <summary>How the last one failed that did; null if none has.</summary>
    public string? Failure { get; private set; }

    public void Ended(Guid? message, string? failure)
    {
        lock (_lock)
            (Message, LastFailed, Failure) = (message, failure is not null, failure ?? Failure);
    }
}
