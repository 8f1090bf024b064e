using MassTransit;

namespace Orchestrator.Tests.Persistence;

/// <summary>Leaves one row per message that it handled, in the transaction of its inbox row.</summary>
public sealed class ChoreDoneConsumer(ChoreDb db) : IConsumer<ChoreDone>
{
    public Task Consume(ConsumeContext<ChoreDone> context)
    {
        db.Effects.Add(new Effect { ChoreId = context.Message.ChoreId });
        return Task.CompletedTask;
    }
}
