using MassTransit;
using MassTransit.Middleware;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Orchestrator.Persistence.Outbox;

/// <summary>Sends committed rows as the messages that they are.</summary>
internal sealed class OutboxSender(
    IBus bus, OutboxQueue queue, ConsumeRoutes routes, NpgsqlDataSource database, IOptions<OutboxOptions> options, TimeProvider time,
    ILogger<OutboxSender> log)
{
    private readonly OutboxOptions _options = options.Value;

    public Task RunAsync(CancellationToken stopping)
    {
        var parallel = new ParallelOptions
        {
            // The in-memory bus gets the messages in the order of their commits; one that keeps them batches what comes at once.
            MaxDegreeOfParallelism = _options.Acknowledge == OutboxAcknowledgement.OnSend ? _options.ConcurrentSends : 1,
            CancellationToken = stopping,
        };
        return Parallel.ForEachAsync(queue.ToSend.ReadAllAsync(stopping), parallel, async (row, token) => await SendAsync(row, token));
    }

    private async Task SendAsync(OutboxRow row, CancellationToken stopping)
    {
        if (row.ExpirationTime <= time.GetUtcNow())
        {
            queue.Remove(row.MessageId);
            return;
        }

        try
        {
            var endpoints = _options.Acknowledge == OutboxAcknowledgement.OnConsume ? routes.EndpointsOf(row) : [];
            queue.Await(row.MessageId, endpoints);

            using var timeout = new CancellationTokenSource(_options.SendTimeout, time);
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, timeout.Token);
            var destination = new Uri(row.Destination);
            var endpoint = await bus.GetSendEndpoint(destination);
            await endpoint.Send(new OutboxMessage(), new OutboxMessageSendPipe(row, destination), ending.Token);

            // A crash here sends the row again after the restart; the inbox of the consumer drops the second one.
            if (endpoints.Count == 0)
                queue.Remove(row.MessageId);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The row is in the table, and whoever runs next sends it.
        }
        catch (Exception error) // one row's failure is its own
        {
            await FailAsync(row, error, stopping);
        }
    }

    private async Task FailAsync(OutboxRow row, Exception error, CancellationToken stopping)
    {
        log.SendFailed(error, row.MessageId, row.Destination, row.Attempts);
        switch (SendFailure.Decide(row.Attempts, time.GetUtcNow(), _options))
        {
            case SendFailure.GiveUp:
                queue.Remove(row.MessageId, $"not sent to {row.Destination} after {row.Attempts} further attempts: {error.Message}");
                break;
            case SendFailure.TryAgain again:
                await PostponeAsync(row, again.At, stopping);
                break;
        }
    }

    private async Task PostponeAsync(OutboxRow row, DateTimeOffset until, CancellationToken stopping)
    {
        try
        {
            await OutboxTable.PostponeAsync(database, row.MessageId, until, stopping);
        }
        catch (Exception error) // without the postponement it is a forgotten row, which the sweep takes up as well
        {
            log.DatabaseFailed(error, "postpone a row");
        }
        finally
        {
            queue.Forget(row.MessageId);
        }
    }

    /// <summary>Only gives the send a type; the body and all the rest come from the row.</summary>
    private sealed class OutboxMessage;
}
