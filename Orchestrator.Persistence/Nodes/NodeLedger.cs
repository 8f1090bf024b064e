using Npgsql;

namespace Orchestrator.Persistence.Nodes;

/// <summary>The statements of <c>NodeLedger.sql</c>, typed.</summary>
public static class NodeLedger
{
    /// <summary>The reason of a node that left in good order.</summary>
    public const string Stopped = "stopped";

    private static readonly SqlFile Sql = SqlFile.Embedded("NodeLedger.sql");

    public static async Task RegisterAsync(NpgsqlDataSource database, NodeIdentity node, TimeSpan lease, CancellationToken cancellation)
    {
        await using var command = Command(database, "register", node.Id, node.Host, node.Name, node.Pid, (object?)node.ProcessStart ?? DBNull.Value, lease, node.Lanes.ToArray());
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <returns>Nodes on other hosts; null if the node was declared dead.</returns>
    public static async Task<int?> RenewAsync(NpgsqlDataSource database, Guid node, CancellationToken cancellation)
    {
        await using var command = Command(database, "renew", node);
        return (int?)await command.ExecuteScalarAsync(cancellation);
    }

    public static async Task LeaveAsync(NpgsqlDataSource database, Guid node, CancellationToken cancellation)
    {
        await using var command = Command(database, "leave", node);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>One look at all leases; returns those that ran out, with the reason of those that died of it.</summary>
    public static Task<List<(Guid Id, string Name, string? DeadReason)>> ObserveAsync(NpgsqlDataSource database, int staleObservations, CancellationToken cancellation) =>
        ReadAsync(Command(database, "observe", staleObservations), r => (r.GetGuid(0), r.GetString(1), r.IsDBNull(2) ? null : r.GetString(2)), cancellation);

    /// <summary>Other nodes of a host that are not dead yet.</summary>
    public static Task<List<(Guid Id, int Pid, long? ProcessStart)>> LiveOnHostAsync(NpgsqlDataSource database, string host, Guid except, CancellationToken cancellation) =>
        ReadAsync(Command(database, "live_on_host", host, except), r => (r.GetGuid(0), r.GetInt32(1), r.IsDBNull(2) ? (long?)null : r.GetInt64(2)), cancellation);

    /// <returns>False if somebody else declared it before.</returns>
    public static async Task<bool> DeclareDeadAsync(NpgsqlDataSource database, Guid node, string reason, CancellationToken cancellation)
    {
        await using var command = Command(database, "declare_dead", node, reason);
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    /// <summary>Dead nodes that still own runs, or whose wake-ups nobody has claimed yet.</summary>
    public static Task<List<(Guid Id, string Name, string Reason)>> DeadWithWorkAsync(NpgsqlDataSource database, CancellationToken cancellation) =>
        ReadAsync(Command(database, "dead_with_work"), r => (r.GetGuid(0), r.GetString(1), r.IsDBNull(2) ? "" : r.GetString(2)), cancellation);

    public static async Task<int> ForgetAsync(NpgsqlDataSource database, TimeSpan deadFor, CancellationToken cancellation)
    {
        await using var command = Command(database, "forget", deadFor);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    public static Task<List<NodeRow>> AllAsync(NpgsqlDataSource database, CancellationToken cancellation) =>
        ReadAsync(Command(database, "all"), r => new NodeRow(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetInt32(3), r.GetFieldValue<DateTimeOffset>(4),
            r.GetFieldValue<DateTimeOffset>(5), r.IsDBNull(6) ? null : r.GetFieldValue<DateTimeOffset>(6), r.IsDBNull(7) ? null : r.GetString(7), r.GetInt32(8)), cancellation);

    private static NpgsqlCommand Command(NpgsqlDataSource database, string name, params ReadOnlySpan<object> parameters)
    {
        var command = database.CreateCommand(Sql[name]);
        foreach (var value in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private static async Task<List<T>> ReadAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        await using var owned = command;
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
            rows.Add(read(reader));
        return rows;
    }
}

/// <summary>A node as people see it.</summary>
public sealed record NodeRow(
    Guid Id, string Name, string Host, int Pid, DateTimeOffset StartedAt, DateTimeOffset RenewedAt, DateTimeOffset? DeadAt, string? DeadReason, int Runs);
