using System.Data;
using System.Diagnostics;
using MassTransit;
using MassTransit.Middleware;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Orchestrator.Persistence.Outbox;

/// <summary>
/// Runs a consumer inside one transaction with its inbox row, its changes and its outbox rows. Four round trips for a saga message: the begin
/// with the inbox row, the locking read, one save, the commit.
/// </summary>
internal sealed class InboxContextFactory<TDb>(TDb db, OutboxSession session, IServiceProvider services) : IOutboxContextFactory<TDb>
    where TDb : DbContext
{
    public async Task Send<T>(ConsumeContext<T> context, OutboxConsumeOptions options, IPipe<OutboxConsumeContext<T>> next)
        where T : class
    {
        var messageId = context.GetOriginalMessageId() ?? throw new InvalidOperationException(
            $"A message {TypeCache<T>.ShortName} arrived at {context.ReceiveContext.InputAddress} without a message id, so a second delivery of it could not be recognised. Its sender must set one.");

        var started = Stopwatch.GetTimestamp();
        db.Database.AutoSavepointsEnabled = false;
        await using var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted, context.CancellationToken);
        var fresh = await Inbox.EnterAsync(db, messageId, options.ConsumerId, context.CancellationToken);
        var inbox = new InboxConsumeContext<T>(context, options, db, session, services, isDuplicate: !fresh);
        try
        {
            await next.Send(inbox);

            // A crash before this line undoes all of it, and the message comes again; a crash after it leaves the outbox rows to the
            // sweep, and the second delivery of this message to the inbox.
            if (fresh)
                await transaction.CommitAsync(context.CancellationToken);
        }
        catch (Exception error) when (inbox.ConsumerSucceeded)
        {
            // The consumer has reported success, but its save or its commit failed.
            await context.NotifyFaulted(Stopwatch.GetElapsedTime(started), options.ConsumerType, error);
            throw;
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("inbox").Set(new { Db = typeof(TDb).Name });
}
