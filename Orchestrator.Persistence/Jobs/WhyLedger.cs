using Npgsql;

namespace Orchestrator.Persistence.Jobs;

/// <summary>The statements of <c>WhyLedger.sql</c>, typed.</summary>
public static class WhyLedger
{
    private static readonly SqlFile Sql = SqlFile.Embedded("WhyLedger.sql");

    /// <summary>The lane as it is now; null if no node has made it known.</summary>
    public static async Task<LaneNow?> LaneAsync(NpgsqlConnection connection, string lane, CancellationToken cancellation) =>
        (await ReadAsync(connection, "lane", r => new LaneNow(
            r.IsDBNull(0) ? null : r.GetInt32(0), Time(r, 1), r.IsDBNull(2) ? null : r.GetString(2), r.IsDBNull(3) ? null : r.GetString(3), r.GetInt32(4), r.GetInt32(5), Time(r, 6)), cancellation, lane))
        .SingleOrDefault();

    /// <summary>Who holds the lane's places, the oldest first.</summary>
    public static Task<List<Holder>> HoldersAsync(NpgsqlConnection connection, string lane, CancellationToken cancellation) =>
        ReadAsync(connection, "holders", r => new Holder(r.GetGuid(0), r.IsDBNull(1) ? null : r.GetString(1), r.GetFieldValue<DateTimeOffset>(2)), cancellation, lane);

    /// <summary>Jobs of the lane that go first; counted up to a thousand.</summary>
    public static async Task<int> BeforeAsync(NpgsqlConnection connection, Job job, CancellationToken cancellation) =>
        (await ReadAsync(connection, "before", r => r.GetInt32(0), cancellation, job.Lane, job.Priority, job.Sequence)).Single();

    public static async Task<string?> NodeNameAsync(NpgsqlConnection connection, Guid node, CancellationToken cancellation) =>
        (await ReadAsync(connection, "node_name", r => r.GetString(0), cancellation, node)).SingleOrDefault();

    private static DateTimeOffset? Time(NpgsqlDataReader row, int ordinal) => row.IsDBNull(ordinal) ? null : row.GetFieldValue<DateTimeOffset>(ordinal);

    private static async Task<List<T>> ReadAsync<T>(NpgsqlConnection connection, string name, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params object[] parameters)
    {
        await using var command = new NpgsqlCommand(Sql[name], connection);
        foreach (var value in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
            rows.Add(read(reader));
        return rows;
    }
}

/// <param name="MaxRunning">The limit over all nodes; null for none.</param>
/// <param name="PausedAt">Since when an operator keeps it shut.</param>
/// <param name="PauseReason">Why.</param>
/// <param name="Credential">Its account.</param>
/// <param name="Running">Running or finalizing, on all nodes.</param>
/// <param name="LiveNodes">Live nodes that work in it.</param>
/// <param name="LastNodeAt">When one was last heard of.</param>
public sealed record LaneNow(int? MaxRunning, DateTimeOffset? PausedAt, string? PauseReason, string? Credential, int Running, int LiveNodes, DateTimeOffset? LastNodeAt);

/// <param name="Job">A job that runs.</param>
/// <param name="Node">The node that runs it.</param>
/// <param name="Since">Since when.</param>
public sealed record Holder(Guid Job, string? Node, DateTimeOffset Since);
