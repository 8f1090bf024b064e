using Npgsql;

namespace Orchestrator.Persistence.Breakers;

/// <summary>The statements of <c>PreflightLedger.sql</c>, typed.</summary>
public static class PreflightLedger
{
    private static readonly SqlFile Sql = SqlFile.Embedded("PreflightLedger.sql");

    /// <returns>Is a failure over that was recorded before, by this process or another?</returns>
    public static Task<bool> RecordAsync(
        NpgsqlDataSource database, string lane, string host, bool ok, string detail, DateTimeOffset now, CancellationToken cancellation) =>
        Sql.Command(database, "record", lane, host, ok, now, detail).ScalarAsync<bool>(cancellation);

    public static Task<List<PreflightRow>> AllAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        Sql.Command(connection, "all").ListAsync(
            r => new PreflightRow(r.GetString(0), r.GetString(1), r.GetBoolean(2), r.GetFieldValue<DateTimeOffset>(3), r.GetFieldValue<DateTimeOffset>(4), r.GetString(5)), cancellation);
}

/// <param name="Lane">The lane.</param>
/// <param name="Host">Boot id and pid namespace of the machine.</param>
/// <param name="Ok">Is everything there?</param>
/// <param name="Since">When that last changed.</param>
/// <param name="CheckedAt">The last look.</param>
/// <param name="Detail">Path and version, or what is wrong.</param>
public sealed record PreflightRow(string Lane, string Host, bool Ok, DateTimeOffset Since, DateTimeOffset CheckedAt, string Detail);
