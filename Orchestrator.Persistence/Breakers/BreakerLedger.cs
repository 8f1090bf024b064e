using Npgsql;
using NpgsqlTypes;

namespace Orchestrator.Persistence.Breakers;

/// <summary>The statements of <c>BreakerLedger.sql</c>, typed.</summary>
public static class BreakerLedger
{
    private static readonly SqlFile Sql = SqlFile.Embedded("BreakerLedger.sql");

    /// <summary>The lane's breaker and its account's, locked; made if they were not there.</summary>
    public static async Task<List<Breaker>> LockAsync(NpgsqlConnection connection, string lane, string? credential, CancellationToken cancellation)
    {
        await using (var make = Command(connection, "make", lane, credential))
            await make.ExecuteNonQueryAsync(cancellation);
        await using var command = Command(connection, "lock", lane, credential);
        return await ReadAsync(command, cancellation);
    }

    public static async Task WriteAsync(NpgsqlConnection connection, Breaker breaker, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Sql["write"], connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = breaker.Scope.ToString() });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = breaker.Name });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = breaker.State.ToString() });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = breaker.InARow });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = breaker.Openings });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)breaker.OpenedAt ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)breaker.Until ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(Text(breaker.Reason));
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)breaker.ProbeJob ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>May one job of the lane try now? Locks its breakers until the transaction ends, so that one dispatcher over all nodes gets a yes.</summary>
    public static async Task<bool> MayProbeAsync(NpgsqlConnection connection, string lane, string? credential, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = Command(connection, "may_probe", lane, credential);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    public static async Task BeginProbeAsync(NpgsqlConnection connection, string lane, string? credential, Guid job, CancellationToken cancellation)
    {
        await using var command = Command(connection, "begin_probe", lane, credential);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = job });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <returns>False if it was closed already, or is not there.</returns>
    public static async Task<bool> CloseAsync(NpgsqlConnection connection, BreakerScope scope, string name, CancellationToken cancellation)
    {
        await using var command = Command(connection, "close", scope.ToString(), name);
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    public static async Task<List<Breaker>> AllAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = Command(connection, "all");
        return await ReadAsync(command, cancellation);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string name, params ReadOnlySpan<string?> parameters)
    {
        var command = new NpgsqlCommand(Sql[name], connection);
        foreach (var value in parameters)
            command.Parameters.Add(Text(value));
        return command;
    }

    private static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static async Task<List<Breaker>> ReadAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<Breaker>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(new Breaker(
                Enum.Parse<BreakerScope>(reader.GetString(0)), reader.GetString(1), Enum.Parse<BreakerState>(reader.GetString(2)), reader.GetInt32(3), reader.GetInt32(4),
                reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5), reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6),
                reader.IsDBNull(7) ? null : reader.GetString(7), reader.IsDBNull(8) ? null : reader.GetGuid(8)));
        }

        return rows;
    }
}
