using Npgsql;
using NpgsqlTypes;

namespace Orchestrator.Persistence.Outbox;

/// <summary>The statements on <c>orchestrator.outbox</c> and <c>orchestrator.outbox_dead</c>.</summary>
internal static class OutboxTable
{
    private const string Message =
        """
        destination, content_type, message_type, body, headers, properties, conversation_id, correlation_id, initiator_id, request_id,
        source_address, response_address, fault_address, sent_time, expiration_time
        """;

    /// <summary>Any number of rows in one statement with one plan.</summary>
    private const string Append =
        $"""
        INSERT INTO orchestrator.outbox (message_id, owner_id, created_at, due_at, attempts, {Message})
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
        """;

    private const string Delete = "DELETE FROM orchestrator.outbox WHERE message_id = ANY ($1)";

    /// <summary>One's own rows whose delay is over, and those that are older than any transaction and still here.</summary>
    private const string Due =
        """
        SELECT message_id FROM orchestrator.outbox
        WHERE owner_id = $1 AND due_at <= $2 AND (due_at > created_at OR created_at <= $3)
        ORDER BY due_at, seq LIMIT $4
        """;

    private const string Take =
        $"""
        WITH taken AS (
            UPDATE orchestrator.outbox SET attempts = attempts + 1 WHERE message_id = ANY ($1)
            RETURNING seq, message_id, owner_id, created_at, due_at, attempts, {Message})
        SELECT message_id, owner_id, created_at, due_at, attempts, {Message} FROM taken ORDER BY seq
        """;

    private const string Postpone = "UPDATE orchestrator.outbox SET due_at = $2 WHERE message_id = $1";

    /// <summary>
    /// A living process holds the lock of its number. Taking it here for the length of the transaction says that the process is gone, and
    /// keeps two adopters from taking the same rows. The recursion jumps from owner to owner in the index, however many rows each has.
    /// </summary>
    private const string Adopt =
        """
        WITH RECURSIVE owners AS (
                 SELECT min(owner_id) AS owner_id FROM orchestrator.outbox
                 UNION ALL
                 SELECT (SELECT min(owner_id) FROM orchestrator.outbox WHERE owner_id > owners.owner_id) FROM owners WHERE owner_id IS NOT NULL),
             gone AS MATERIALIZED (SELECT owner_id FROM owners WHERE owner_id <> $1 AND pg_try_advisory_xact_lock(owner_id))
        UPDATE orchestrator.outbox SET owner_id = $1 WHERE owner_id IN (SELECT owner_id FROM gone)
        RETURNING message_id, due_at
        """;

    private const string DropExpired = "DELETE FROM orchestrator.outbox WHERE owner_id = $1 AND expiration_time < $2 RETURNING message_id";

    private const string Bury =
        $"""
        WITH dead AS (
            DELETE FROM orchestrator.outbox WHERE message_id = $1
            RETURNING message_id, created_at, attempts, {Message})
        INSERT INTO orchestrator.outbox_dead (message_id, created_at, died_at, attempts, reason, {Message})
        SELECT message_id, created_at, $2, attempts, $3, {Message} FROM dead
        ON CONFLICT (message_id) DO NOTHING
        """;

    public static NpgsqlBatchCommand AppendCommand(IReadOnlyList<OutboxRow> rows)
    {
        var command = new NpgsqlBatchCommand(Append);
        void Add<T>(NpgsqlDbType type, Func<OutboxRow, T> column) =>
            command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = [.. rows.Select(column)], NpgsqlDbType = NpgsqlDbType.Array | type });

        Add(NpgsqlDbType.Uuid, row => row.MessageId);
        Add(NpgsqlDbType.Bigint, row => row.OwnerId);
        Add(NpgsqlDbType.TimestampTz, row => row.CreatedAt);
        Add(NpgsqlDbType.TimestampTz, row => row.DueAt);
        Add(NpgsqlDbType.Integer, row => row.Attempts);
        Add(NpgsqlDbType.Text, row => row.Destination);
        Add(NpgsqlDbType.Text, row => row.ContentType);
        Add(NpgsqlDbType.Text, row => row.MessageType);
        Add(NpgsqlDbType.Text, row => row.Body);
        Add(NpgsqlDbType.Text, row => row.Headers);
        Add(NpgsqlDbType.Text, row => row.Properties);
        Add(NpgsqlDbType.Uuid, row => row.ConversationId);
        Add(NpgsqlDbType.Uuid, row => row.CorrelationId);
        Add(NpgsqlDbType.Uuid, row => row.InitiatorId);
        Add(NpgsqlDbType.Uuid, row => row.RequestId);
        Add(NpgsqlDbType.Text, row => row.SourceAddress);
        Add(NpgsqlDbType.Text, row => row.ResponseAddress);
        Add(NpgsqlDbType.Text, row => row.FaultAddress);
        Add(NpgsqlDbType.TimestampTz, row => row.SentTime);
        Add(NpgsqlDbType.TimestampTz, row => row.ExpirationTime);
        return command;
    }

    public static async Task RemoveAsync(NpgsqlDataSource database, Guid[] ids, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Delete);
        command.Parameters.Add(Parameter(ids));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task PostponeAsync(NpgsqlDataSource database, Guid id, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Postpone);
        command.Parameters.Add(Parameter(id));
        command.Parameters.Add(Parameter(until));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task BuryAsync(NpgsqlDataSource database, Guid id, string reason, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Bury);
        command.Parameters.Add(Parameter(id));
        command.Parameters.Add(Parameter(now));
        command.Parameters.Add(Parameter(reason));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task<List<Guid>> FindDueAsync(
        NpgsqlConnection connection, long owner, DateTimeOffset now, DateTimeOffset forgottenSince, int limit, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Due, connection);
        command.Parameters.Add(Parameter(owner));
        command.Parameters.Add(Parameter(now));
        command.Parameters.Add(Parameter(forgottenSince));
        command.Parameters.Add(Parameter(limit));
        return await ReadAsync(command, reader => reader.GetGuid(0), cancellationToken);
    }

    /// <summary>Makes the rows of dead processes one's own; returns those that are due.</summary>
    public static async Task<List<Guid>> AdoptAsync(NpgsqlConnection connection, long owner, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Adopt, connection);
        command.Parameters.Add(Parameter(owner));
        var adopted = await ReadAsync(command, reader => (Id: reader.GetGuid(0), DueAt: reader.GetFieldValue<DateTimeOffset>(1)), cancellationToken);
        return [.. adopted.Where(row => row.DueAt <= now).Select(row => row.Id)];
    }

    public static async Task<List<Guid>> DropExpiredAsync(NpgsqlConnection connection, long owner, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(DropExpired, connection);
        command.Parameters.Add(Parameter(owner));
        command.Parameters.Add(Parameter(now));
        return await ReadAsync(command, reader => reader.GetGuid(0), cancellationToken);
    }

    /// <summary>Reads rows in order to send them again, and counts that. A row that was deleted meanwhile is left out.</summary>
    public static async Task<List<OutboxRow>> TakeAsync(NpgsqlConnection connection, Guid[] ids, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Take, connection);
        command.Parameters.Add(Parameter(ids));
        return await ReadAsync(command, ReadRow, cancellationToken);
    }

    private static OutboxRow ReadRow(NpgsqlDataReader reader)
    {
        T? Nullable<T>(int column) => reader.IsDBNull(column) ? default : reader.GetFieldValue<T>(column);
        return new OutboxRow
        {
            MessageId = reader.GetGuid(0),
            OwnerId = reader.GetInt64(1),
            CreatedAt = reader.GetFieldValue<DateTimeOffset>(2),
            DueAt = reader.GetFieldValue<DateTimeOffset>(3),
            Attempts = reader.GetInt32(4),
            Destination = reader.GetString(5),
            ContentType = reader.GetString(6),
            MessageType = reader.GetString(7),
            Body = reader.GetString(8),
            Headers = Nullable<string>(9),
            Properties = Nullable<string>(10),
            ConversationId = Nullable<Guid?>(11),
            CorrelationId = Nullable<Guid?>(12),
            InitiatorId = Nullable<Guid?>(13),
            RequestId = Nullable<Guid?>(14),
            SourceAddress = Nullable<string>(15),
            ResponseAddress = Nullable<string>(16),
            FaultAddress = Nullable<string>(17),
            SentTime = reader.GetFieldValue<DateTimeOffset>(18),
            ExpirationTime = Nullable<DateTimeOffset?>(19),
        };
    }

    private static NpgsqlParameter<T> Parameter<T>(T value) => new() { TypedValue = value };

    private static async Task<List<T>> ReadAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }
}
