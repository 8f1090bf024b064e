using Npgsql;

namespace Orchestrator.Persistence.Nodes;

/// <summary>The statements of <c>NodeLedger.sql</c>, typed.</summary>
public static class NodeLedger
{
    /// <summary>The reason of a node that left in good order.</summary>
    public const string Stopped = "stopped";

    private static readonly SqlFile Sql = SqlFile.Embedded("NodeLedger.sql");

    public static Task RegisterAsync(NpgsqlDataSource database, NodeIdentity node, TimeSpan lease, CancellationToken cancellation) =>
        Sql.Command(database, "register", node.Id, node.Host, node.Name, node.Pid, (object?)node.ProcessStart ?? DBNull.Value, lease, node.Lanes.ToArray()).ExecuteAsync(cancellation);

    /// <returns>Nodes on other hosts; null if the node was declared dead.</returns>
    public static Task<int?> RenewAsync(NpgsqlDataSource database, Guid node, CancellationToken cancellation) =>
        Sql.Command(database, "renew", node).ScalarAsync<int?>(cancellation);

    public static Task LeaveAsync(NpgsqlDataSource database, Guid node, CancellationToken cancellation) =>
        Sql.Command(database, "leave", node).ExecuteAsync(cancellation);

    /// <summary>One look at all leases; returns those that ran out, with the reason of those that died of it.</summary>
    public static Task<List<(Guid Id, string Name, string? DeadReason)>> ObserveAsync(NpgsqlDataSource database, int staleObservations, CancellationToken cancellation) =>
        Sql.Command(database, "observe", staleObservations).ListAsync(r => (r.GetGuid(0), r.GetString(1), r.TextOrNull(2)), cancellation);

    /// <summary>Other nodes of a host that are not dead yet.</summary>
    public static Task<List<(Guid Id, int Pid, long? ProcessStart)>> LiveOnHostAsync(NpgsqlDataSource database, string host, Guid except, CancellationToken cancellation) =>
        Sql.Command(database, "live_on_host", host, except).ListAsync(r => (r.GetGuid(0), r.GetInt32(1), r.OrNull<long>(2)), cancellation);

    /// <returns>False if somebody else declared it before.</returns>
    public static async Task<bool> DeclareDeadAsync(NpgsqlDataSource database, Guid node, string reason, CancellationToken cancellation) =>
        await Sql.Command(database, "declare_dead", node, reason).ExecuteAsync(cancellation) == 1;

    /// <summary>Dead nodes that still own runs, or whose wake-ups nobody has claimed yet.</summary>
    public static Task<List<(Guid Id, string Name, string Reason)>> DeadWithWorkAsync(NpgsqlDataSource database, CancellationToken cancellation) =>
        Sql.Command(database, "dead_with_work").ListAsync(r => (r.GetGuid(0), r.GetString(1), r.IsDBNull(2) ? "" : r.GetString(2)), cancellation);

    public static Task<int> ForgetAsync(NpgsqlDataSource database, TimeSpan deadFor, CancellationToken cancellation) =>
        Sql.Command(database, "forget", deadFor).ExecuteAsync(cancellation);

    public static Task<List<NodeRow>> AllAsync(NpgsqlDataSource database, CancellationToken cancellation) =>
        Sql.Command(database, "all").ListAsync(r => new NodeRow(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetInt32(3), r.GetFieldValue<DateTimeOffset>(4),
            r.GetFieldValue<DateTimeOffset>(5), r.TimeOrNull(6), r.TextOrNull(7), r.GetInt32(8)), cancellation);
}

/// <summary>A node as people see it.</summary>
public sealed record NodeRow(
    Guid Id, string Name, string Host, int Pid, DateTimeOffset StartedAt, DateTimeOffset RenewedAt, DateTimeOffset? DeadAt, string? DeadReason, int Runs);
