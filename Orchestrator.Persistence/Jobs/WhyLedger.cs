using Npgsql;

namespace Orchestrator.Persistence.Jobs;

/// <summary>The statements of <c>WhyLedger.sql</c>, typed.</summary>
public static class WhyLedger
{
    private static readonly SqlFile Sql = SqlFile.Embedded("WhyLedger.sql");

    /// <summary>The lane as it is now; null if no node has made it known.</summary>
    public static Task<LaneNow?> LaneAsync(NpgsqlConnection connection, string lane, CancellationToken cancellation) =>
        Sql.Command(connection, "lane", lane).FirstAsync(r => new LaneNow(
            r.OrNull<int>(0), r.TimeOrNull(1), r.TextOrNull(2), r.TextOrNull(3), r.GetInt32(4), r.GetInt32(5), r.TimeOrNull(6)), cancellation);

    /// <summary>Who holds the lane's places, the oldest first.</summary>
    public static Task<List<Holder>> HoldersAsync(NpgsqlConnection connection, string lane, CancellationToken cancellation) =>
        Sql.Command(connection, "holders", lane).ListAsync(r => new Holder(r.GetGuid(0), r.TextOrNull(1), r.GetFieldValue<DateTimeOffset>(2)), cancellation);

    /// <summary>Jobs of the lane that go first; counted up to a thousand.</summary>
    public static Task<int> BeforeAsync(NpgsqlConnection connection, Job job, CancellationToken cancellation) =>
        Sql.Command(connection, "before", job.Lane, job.Priority, job.Sequence).ScalarAsync<int>(cancellation);

    public static Task<string?> NodeNameAsync(NpgsqlConnection connection, Guid node, CancellationToken cancellation) =>
        Sql.Command(connection, "node_name", node).ScalarAsync<string?>(cancellation);
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
