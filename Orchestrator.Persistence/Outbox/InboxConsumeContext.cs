using MassTransit;
using MassTransit.Middleware;
using MassTransit.Middleware.Outbox;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Persistence.Sagas;

namespace Orchestrator.Persistence.Outbox;

/// <summary>
/// What a consumer sees inside the inbox: its publishes and sends become rows. The delivery is not this context's business, so to MassTransit
/// a message is either fresh, or consumed and delivered.
/// </summary>
internal sealed class InboxConsumeContext<T>(
    ConsumeContext<T> context, OutboxConsumeOptions options, DbContext db, OutboxSession session, IServiceProvider services, bool isDuplicate) :
    OutboxConsumeContextProxy<T>(context, options, services), IDeferredFlush
    where T : class
{
    public override bool ContinueProcessing { get; set; } = true;

    public override bool IsMessageConsumed => isDuplicate;

    public override bool IsOutboxDelivered => isDuplicate;

    public override int ReceiveCount => 1;

    public override long? LastSequenceNumber => null;

    public override Task AddSend<TMessage>(SendContext<TMessage> context) => session.AddSend(context);

    /// <summary>True once the consumer has returned.</summary>
    public bool ConsumerSucceeded { get; private set; }

    public override Task SetConsumed()
    {
        ConsumerSucceeded = true;
        return db.SaveChangesAsync(CancellationToken);
    }

    public override Task SetDelivered() => Task.CompletedTask;

    public override Task<List<OutboxMessageContext>> LoadOutboxMessages() => Task.FromResult<List<OutboxMessageContext>>([]);

    public override Task NotifyOutboxMessageDelivered(OutboxMessageContext message) => Task.CompletedTask;

    public override Task RemoveOutboxMessages() => Task.CompletedTask;
}
