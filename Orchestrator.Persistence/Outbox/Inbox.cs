using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Orchestrator.Persistence.Outbox;

/// <summary>What each consumer has already committed.</summary>
public static class Inbox
{
    private const string Enter = "INSERT INTO orchestrator.inbox (message_id, consumer_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";

    /// <summary>Rows that another session is working on are left for the next call.</summary>
    private const string Purge =
        """
        DELETE FROM orchestrator.inbox WHERE (message_id, consumer_id) IN (
            SELECT message_id, consumer_id FROM orchestrator.inbox
            WHERE received_at < now() - $1 ORDER BY received_at LIMIT $2 FOR UPDATE SKIP LOCKED)
        """;

    /// <summary>
    /// Notes, in the context's open transaction, that this consumer handles this message. False if it has already been handled: do nothing, and
    /// settle the message. Waits for a concurrent delivery of the same message to commit or to roll back.
    /// </summary>
    /// <remarks>
    /// For a consumer that works before it opens its short transaction, such as acquisition. The transport deletes the message when the consumer
    /// returns, so after the commit; a crash between the two brings the message again, this says false, and the message is deleted with its
    /// newest receipt handle. The row is the committed promise of that delete.
    /// </remarks>
    public static Task<bool> EnterAsync(DbContext db, Guid messageId, Guid consumerId, CancellationToken cancellationToken = default) =>
        EnterAsync(
            db.Database.CurrentTransaction?.GetDbTransaction() ?? throw new InvalidOperationException(
                $"The inbox row of message {messageId} needs the transaction of its effect. Call BeginTransactionAsync on the context first."),
            messageId,
            consumerId,
            cancellationToken);

    /// <inheritdoc cref="EnterAsync(DbContext,Guid,Guid,CancellationToken)"/>
    public static async Task<bool> EnterAsync(DbTransaction transaction, Guid messageId, Guid consumerId, CancellationToken cancellationToken = default)
    {
        await using var command = new NpgsqlCommand(Enter, (NpgsqlConnection?)transaction.Connection, (NpgsqlTransaction)transaction);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = messageId });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = consumerId });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Forgets what is older than any message can be, in chunks; returns how many rows went. A sweep calls it.</summary>
    /// <param name="database">The database.</param>
    /// <param name="olderThan">Longer than a message can live: SQS keeps one for 14 days at most, and an outbox row may wait for its attempts.</param>
    /// <param name="chunk">Rows per statement, so that no transaction is long.</param>
    /// <param name="cancellationToken">Ends between two chunks.</param>
    public static async Task<int> PurgeAsync(
        NpgsqlDataSource database, TimeSpan olderThan, int chunk = 10_000, CancellationToken cancellationToken = default)
    {
        var total = 0;
        int purged;
        do
        {
            await using var command = database.CreateCommand(Purge);
            command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = olderThan });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = chunk });
            purged = await command.ExecuteNonQueryAsync(cancellationToken);
            total += purged;
        }
        while (purged == chunk);
        return total;
    }
}
