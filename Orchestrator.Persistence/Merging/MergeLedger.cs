using Npgsql;
using static Orchestrator.Persistence.SqlCommands;

namespace Orchestrator.Persistence.Merging;

/// <summary>The statements of <c>MergeLedger.sql</c>, typed. Decides nothing.</summary>
public static class MergeLedger
{
    private static readonly SqlFile Sql = SqlFile.Embedded("MergeLedger.sql");

    /// <returns>The fencing token; null if somebody else merges.</returns>
    public static Task<long?> TakeAsync(NpgsqlDataSource database, string repository, Guid task, Guid node, TimeSpan ttl, CancellationToken cancellation) =>
        Sql.Command(database, "take", repository, task, node, ttl).ScalarAsync<long?>(cancellation);

    /// <returns>False if the lease is not the token's any more: stop, touch nothing more.</returns>
    public static async Task<bool> RenewAsync(NpgsqlDataSource database, string repository, long token, TimeSpan ttl, CancellationToken cancellation) =>
        await Sql.Command(database, "renew", repository, token, ttl).ExecuteAsync(cancellation) == 1;

    /// <returns>False if it was not the token's any more.</returns>
    public static async Task<bool> ReleaseAsync(NpgsqlDataSource database, string repository, long token, CancellationToken cancellation) =>
        await Sql.Command(database, "release", repository, token).ExecuteAsync(cancellation) == 1;

    /// <summary>Frees what is over, and what dead nodes hold.</summary>
    public static Task<List<ReclaimedLease>> ReclaimAsync(NpgsqlDataSource database, CancellationToken cancellation) =>
        Sql.Command(database, "reclaim").ListAsync(r => new ReclaimedLease(r.GetString(0), r.GetInt64(1), r.GetGuid(2), r.GetGuid(3), r.GetBoolean(4)), cancellation);

    /// <returns>Null if nobody merges in the repository.</returns>
    public static Task<HeldLease?> HolderAsync(NpgsqlDataSource database, string repository, CancellationToken cancellation) =>
        Sql.Command(database, "holder", repository).FirstAsync(Read, cancellation);

    /// <summary>All merges that are under way, oldest first.</summary>
    public static Task<List<HeldLease>> HeldAsync(NpgsqlDataSource database, CancellationToken cancellation) =>
        Sql.Command(database, "held").ListAsync(Read, cancellation);

    /// <summary>What the merge of a task has spent since it entered the step.</summary>
    public static async Task<MergeSpent> SpentAsync(NpgsqlDataSource database, Guid task, long step, CancellationToken cancellation) =>
        await Sql.Command(database, "spent", task, step).FirstAsync(r => new MergeSpent(r.GetInt32(0), r.GetInt32(1)), cancellation) ?? new MergeSpent(0, 0);

    /// <returns>False if the task has moved on; nothing is stored then.</returns>
    public static async Task<bool> SpendAsync(NpgsqlDataSource database, Guid task, long step, MergeSpent spent, CancellationToken cancellation) =>
        await Sql.Command(database, "spend", task, step, Value(spent.Polls), Value(spent.Retries)).ExecuteAsync(cancellation) == 1;

    private static HeldLease Read(NpgsqlDataReader r) =>
        new(r.GetString(0), r.GetInt64(1), r.GetGuid(2), r.GetGuid(3), r.GetFieldValue<DateTimeOffset>(4), r.GetFieldValue<DateTimeOffset>(5));
}

/// <summary>A merge under way.</summary>
/// <param name="Repository">owner/name.</param>
/// <param name="Token">Its fencing token.</param>
/// <param name="Task">Who merges.</param>
/// <param name="Node">Where.</param>
/// <param name="TakenAt">Since when.</param>
/// <param name="ExpiresAt">When others may take it, unless it is renewed.</param>
public sealed record HeldLease(string Repository, long Token, Guid Task, Guid Node, DateTimeOffset TakenAt, DateTimeOffset ExpiresAt);

/// <summary>A lease that was freed.</summary>
/// <param name="Repository">owner/name.</param>
/// <param name="Token">That is worth nothing any more.</param>
/// <param name="Task">Who held it.</param>
/// <param name="Node">Where.</param>
/// <param name="Over">Was it not renewed in time? Otherwise its node is dead.</param>
public sealed record ReclaimedLease(string Repository, long Token, Guid Task, Guid Node, bool Over);

/// <summary>What a merge has spent.</summary>
/// <param name="Polls">Looks at a server that was not ready.</param>
/// <param name="Retries">Repetitions of what failed and may pass by itself.</param>
public sealed record MergeSpent(int Polls, int Retries);
