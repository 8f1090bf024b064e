using Npgsql;
using NpgsqlTypes;

namespace Orchestrator.Persistence;

/// <summary>What every ledger does with its file: fill a statement's places in order, send it, read its rows.</summary>
internal static class SqlCommands
{
    public static NpgsqlCommand Command(this SqlFile sql, NpgsqlConnection connection, string name, params ReadOnlySpan<object?> values) =>
        Fill(new NpgsqlCommand(sql[name], connection), values);

    public static NpgsqlCommand Command(this SqlFile sql, NpgsqlDataSource database, string name, params ReadOnlySpan<object?> values) =>
        Fill(database.CreateCommand(sql[name]), values);

    public static NpgsqlBatch Batch(NpgsqlConnection connection, params ReadOnlySpan<NpgsqlBatchCommand> statements)
    {
        var batch = new NpgsqlBatch(connection);
        foreach (var statement in statements)
            batch.BatchCommands.Add(statement);
        return batch;
    }

    public static NpgsqlBatchCommand Statement(this SqlFile sql, string name, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var statement = new NpgsqlBatchCommand(sql[name]);
        foreach (var parameter in parameters)
            statement.Parameters.Add(parameter);
        return statement;
    }

    /// <summary>A value without boxing.</summary>
    public static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };

    /// <summary>Text or NULL where the server can't infer the type.</summary>
    public static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    /// <summary>A value or NULL where the server can't infer the type.</summary>
    public static NpgsqlParameter Nullable<T>(T? value, NpgsqlDbType type)
        where T : struct => new() { Value = value is { } known ? known : DBNull.Value, NpgsqlDbType = type };

    /// <summary>One column of many rows.</summary>
    public static NpgsqlParameter<TColumn[]> Array<TRow, TColumn>(IReadOnlyList<TRow> rows, Func<TRow, TColumn> column, NpgsqlDbType type)
    {
        var values = new TColumn[rows.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = column(rows[i]);
        return new NpgsqlParameter<TColumn[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };
    }

    /// <summary>Sends the command and disposes it.</summary>
    public static async Task<int> ExecuteAsync(this NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var owned = command;
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The one value that the statement returns; null, where <typeparamref name="T"/> can be, if it returns no row or NULL. Disposes the command.</summary>
    /// <exception cref="InvalidOperationException">There is no value, and <typeparamref name="T"/> knows no null.</exception>
    public static async Task<T> ScalarAsync<T>(this NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var owned = command;
        return await command.ExecuteScalarAsync(cancellation) is T value ? value
            : default(T) is null ? default!
            : throw new InvalidOperationException($"The statement returned no {typeof(T).Name}: {command.CommandText}");
    }

    /// <summary>Reads all rows and disposes the command.</summary>
    public static async Task<List<T>> ListAsync<T>(this NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        await using var owned = command;
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.RowsAsync(read, cancellation);
    }

    /// <summary>Reads the first row, if there is one, and disposes the command.</summary>
    public static async Task<T?> FirstAsync<T>(this NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
        where T : class =>
        (await command.ListAsync(read, cancellation)).FirstOrDefault();

    /// <summary>The rows of the reader's current result.</summary>
    public static async Task<List<T>> RowsAsync<T>(this NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
            rows.Add(read(reader));
        return rows;
    }

    public static string? TextOrNull(this NpgsqlDataReader row, int ordinal) => row.IsDBNull(ordinal) ? null : row.GetString(ordinal);

    public static DateTimeOffset? TimeOrNull(this NpgsqlDataReader row, int ordinal) => row.IsDBNull(ordinal) ? null : row.GetFieldValue<DateTimeOffset>(ordinal);

    public static T? OrNull<T>(this NpgsqlDataReader row, int ordinal)
        where T : struct => row.IsDBNull(ordinal) ? null : row.GetFieldValue<T>(ordinal);

    private static NpgsqlCommand Fill(NpgsqlCommand command, ReadOnlySpan<object?> values)
    {
        foreach (var value in values)
            command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value ?? DBNull.Value });
        return command;
    }
}
