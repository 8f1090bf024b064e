using Npgsql;
using NpgsqlTypes;

namespace Orchestrator.Persistence.Jobs;

/// <summary>The statements of <c>LaneLedger.sql</c>, typed.</summary>
public static class LaneLedger
{
    private static readonly SqlFile Sql = SqlFile.Embedded("LaneLedger.sql");

    public static async Task<List<LaneRow>> AllAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(Sql["all"]);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<LaneRow>();
        while (await reader.ReadAsync(cancellation))
            rows.Add(new LaneRow(reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetInt32(1), reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2),
                reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetFieldValue<Guid[]>(4)));
        return rows;
    }

    /// <returns>False if there is no such lane.</returns>
    public static async Task<bool> PauseAsync(NpgsqlDataSource database, string lane, DateTimeOffset now, string? reason, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(Sql["pause"]);
        command.Parameters.AddWithValue(lane);
        command.Parameters.AddWithValue(now);
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)reason ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        return await command.ExecuteScalarAsync(cancellation) is not null;
    }

    /// <returns>False if there is no such lane.</returns>
    public static async Task<bool> ResumeAsync(NpgsqlDataSource database, string lane, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(Sql["resume"]);
        command.Parameters.AddWithValue(lane);
        return await command.ExecuteScalarAsync(cancellation) is not null;
    }
}

/// <summary>A lane as all nodes know it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="MaxRunning">Runs at once over all nodes; null for no limit.</param>
/// <param name="PausedAt">Since when nothing of it is dispatched or claimed; null if it is open.</param>
/// <param name="PauseReason">Why.</param>
/// <param name="Nodes">Live nodes that work in it.</param>
public sealed record LaneRow(string Name, int? MaxRunning, DateTimeOffset? PausedAt, string? PauseReason, Guid[] Nodes);
