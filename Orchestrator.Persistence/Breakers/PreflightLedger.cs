using Npgsql;

namespace Orchestrator.Persistence.Breakers;

/// <summary>The statements of <c>PreflightLedger.sql</c>, typed.</summary>
public static class PreflightLedger
{
    private static readonly SqlFile Sql = SqlFile.Embedded("PreflightLedger.sql");

    /// <returns>Is a failure over that was recorded before, by this process or another?</returns>
    public static async Task<bool> RecordAsync(
        NpgsqlDataSource database, string lane, string host, bool ok, string detail, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(Sql["record"]);
        command.Parameters.AddWithValue(lane);
        command.Parameters.AddWithValue(host);
        command.Parameters.AddWithValue(ok);
        command.Parameters.AddWithValue(now);
        command.Parameters.AddWithValue(detail);
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    public static async Task<List<PreflightRow>> AllAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Sql["all"], connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<PreflightRow>();
        while (await reader.ReadAsync(cancellation))
            rows.Add(new PreflightRow(reader.GetString(0), reader.GetString(1), reader.GetBoolean(2), reader.GetFieldValue<DateTimeOffset>(3), reader.GetFieldValue<DateTimeOffset>(4), reader.GetString(5)));
        return rows;
    }
}

/// <param name="Lane">The lane.</param>
/// <param name="Host">Boot id and pid namespace of the machine.</param>
/// <param name="Ok">Is everything there?</param>
/// <param name="Since">When that last changed.</param>
/// <param name="CheckedAt">The last look.</param>
/// <param name="Detail">Path and version, or what is wrong.</param>
public sealed record PreflightRow(string Lane, string Host, bool Ok, DateTimeOffset Since, DateTimeOffset CheckedAt, string Detail);
