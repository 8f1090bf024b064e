using System.Collections.Concurrent;
using MassTransit;

namespace Orchestrator.Tests.Persistence;

/// <summary>Leaves one row per message that it handled, in the transaction of its inbox row.</summary>
public sealed class ChoreDoneConsumer(ChoreDb db, Arrivals arrivals) : IConsumer<ChoreDone>
{
    public async Task Consume(ConsumeContext<ChoreDone> context)
    {
        arrivals.Of[context.Message.ChoreId] = new Arrival(
            context.CorrelationId, context.ConversationId, context.Headers.Get<string>("colour"), context.Headers.Get<int>("count"));
        db.Effects.Add(new Effect { ChoreId = context.Message.ChoreId });
        await arrivals.Consuming();
    }
}

/// <summary>What reached the consumer.</summary>
public sealed class Arrivals
{
    /// <summary>Runs in the middle of the consumer.</summary>
    public Func<Task> Consuming { get; init; } = () => Task.CompletedTask;

    public ConcurrentDictionary<Guid, int> Attempts { get; } = new();

    public ConcurrentDictionary<Guid, Arrival> Of { get; } = new();
}

public sealed record Arrival(Guid? CorrelationId, Guid? ConversationId, string? Colour, int? Count);
