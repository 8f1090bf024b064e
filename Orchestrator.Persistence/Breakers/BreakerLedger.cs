using Npgsql;
using NpgsqlTypes;
using static Orchestrator.Persistence.SqlCommands;

namespace Orchestrator.Persistence.Breakers;

/// <summary>The statements of <c>BreakerLedger.sql</c>, typed.</summary>
public static class BreakerLedger
{
    private static readonly SqlFile Sql = SqlFile.Embedded("BreakerLedger.sql");

    /// <summary>The lane's breaker and its account's, locked; made if they were not there.</summary>
    public static async Task<List<Breaker>> LockAsync(NpgsqlConnection connection, string lane, string? credential, CancellationToken cancellation)
    {
        await Sql.Command(connection, "make", lane, Text(credential)).ExecuteAsync(cancellation);
        return await Sql.Command(connection, "lock", lane, Text(credential)).ListAsync(Read, cancellation);
    }

    public static Task WriteAsync(NpgsqlConnection connection, Breaker breaker, CancellationToken cancellation) =>
        Sql.Command(connection, "write", breaker.Scope.ToString(), breaker.Name, breaker.State.ToString(), breaker.InARow, breaker.Openings,
            Nullable(breaker.OpenedAt, NpgsqlDbType.TimestampTz), Nullable(breaker.Until, NpgsqlDbType.TimestampTz), Text(breaker.Reason), Nullable(breaker.ProbeJob, NpgsqlDbType.Uuid))
            .ExecuteAsync(cancellation);

    /// <summary>May one job of the lane try now? Locks its breakers until the transaction ends, so that one dispatcher over all nodes gets a yes.</summary>
    /// <remarks>At READ COMMITTED, which is the default, and in one round trip.</remarks>
    public static async Task<bool> MayProbeAsync(NpgsqlConnection connection, string lane, string? credential, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var batch = Batch(connection,
            Sql.Statement("lock_shut", Value(lane), Text(credential)), Sql.Statement("may_probe", Value(lane), Text(credential), Value(now)));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.NextResultAsync(cancellation);
        return (await reader.RowsAsync(r => r.GetBoolean(0), cancellation)).Single();
    }

    public static Task BeginProbeAsync(NpgsqlConnection connection, string lane, string? credential, Guid job, CancellationToken cancellation) =>
        Sql.Command(connection, "begin_probe", lane, Text(credential), job).ExecuteAsync(cancellation);

    /// <returns>False if it was closed already, or is not there.</returns>
    public static async Task<bool> CloseAsync(NpgsqlConnection connection, BreakerScope scope, string name, CancellationToken cancellation) =>
        await Sql.Command(connection, "close", scope.ToString(), name).ExecuteAsync(cancellation) == 1;

    public static Task<List<Breaker>> AllAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        Sql.Command(connection, "all").ListAsync(Read, cancellation);

    private static Breaker Read(NpgsqlDataReader r) => new(
        Enum.Parse<BreakerScope>(r.GetString(0)), r.GetString(1), Enum.Parse<BreakerState>(r.GetString(2)), r.GetInt32(3), r.GetInt32(4),
        r.TimeOrNull(5), r.TimeOrNull(6), r.TextOrNull(7), r.OrNull<Guid>(8));
}
