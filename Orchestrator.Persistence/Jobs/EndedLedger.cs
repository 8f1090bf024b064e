using Npgsql;

namespace Orchestrator.Persistence.Jobs;

/// <summary>The statements of <c>EndedLedger.sql</c>, typed.</summary>
public static class EndedLedger
{
    private static readonly SqlFile Sql = SqlFile.Embedded("EndedLedger.sql");

    /// <summary>Jobs that ended before <paramref name="before"/> and still stand in the hot table, oldest end first.</summary>
    public static Task<List<EndedJob>> EndedBeforeAsync(
        NpgsqlConnection connection, EndedJob behind, DateTimeOffset before, int limit, CancellationToken cancellation) =>
        Sql.Command(connection, "ended_before", behind.EndedAt, behind.Id, before, limit).ListAsync(r => new EndedJob(r.GetGuid(0), r.GetFieldValue<DateTimeOffset>(1)), cancellation);

    /// <summary>Moves those of the jobs that are still ended and that nobody holds; returns how many.</summary>
    public static Task<int> MoveAsync(NpgsqlConnection connection, Guid[] jobs, DateTimeOffset before, CancellationToken cancellation) =>
        Sql.Command(connection, "move", jobs, before).ScalarAsync<int>(cancellation);

    /// <summary>The job if it has been moved, locked.</summary>
    public static Task<Job?> LockAsync(NpgsqlConnection connection, Guid job, CancellationToken cancellation) =>
        Sql.Command(connection, "lock_ended", job).FirstAsync(JobColumns.Read, cancellation);

    /// <summary>Puts a locked job back into the hot table, as it was.</summary>
    public static Task BringBackAsync(NpgsqlConnection connection, Guid job, CancellationToken cancellation) =>
        Sql.Command(connection, "bring_back", job).ExecuteAsync(cancellation);

    public static Task<List<EndedMonth>> MonthsAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        Sql.Command(connection, "months").ListAsync(r => new EndedMonth(r.GetFieldValue<DateOnly>(0), r.GetBoolean(1)), cancellation);

    /// <returns>False if there is a table for the month already, attached or not.</returns>
    public static Task<bool> OpenMonthAsync(NpgsqlConnection connection, DateOnly month, CancellationToken cancellation) =>
        Sql.Command(connection, "open_month", month).ScalarAsync<bool>(cancellation);

    /// <summary>From here on nobody finds the month's jobs.</summary>
    public static Task DetachMonthAsync(NpgsqlConnection connection, DateOnly month, CancellationToken cancellation) =>
        Sql.Command(connection, "detach_month", month).ExecuteAsync(cancellation);

    /// <summary>Jobs of a detached month in order of id, with the last run of each.</summary>
    public static Task<List<(Guid Job, long? Run)>> JobsOfMonthAsync(
        NpgsqlConnection connection, DateOnly month, Guid after, int limit, CancellationToken cancellation) =>
        Sql.Command(connection, "jobs_of_month", month, after, limit).ListAsync(r => (r.GetGuid(0), r.OrNull<long>(1)), cancellation);

    public static Task DropMonthAsync(NpgsqlConnection connection, DateOnly month, CancellationToken cancellation) =>
        Sql.Command(connection, "drop_month", month).ExecuteAsync(cancellation);

    /// <summary>The last jobs that ended in one of the states, newest end first.</summary>
    public static Task<List<RecentJob>> RecentAsync(NpgsqlConnection connection, string[] states, int limit, CancellationToken cancellation) =>
        Sql.Command(connection, "recent", states, limit).ListAsync(r => new RecentJob(r.GetGuid(0), r.GetString(1), r.GetString(2), r.TextOrNull(3),
            r.TimeOrNull(4), r.GetFieldValue<DateTimeOffset>(5)), cancellation);
}

/// <summary>A job by the end that it came to.</summary>
public readonly record struct EndedJob(Guid Id, DateTimeOffset EndedAt);

/// <summary>A month of ended jobs.</summary>
/// <param name="First">Its first day, UTC.</param>
/// <param name="Attached">Its jobs can be found; false: it waits to be dropped.</param>
public readonly record struct EndedMonth(DateOnly First, bool Attached);

/// <summary>An ended job as people see it among others.</summary>
public sealed record RecentJob(Guid Id, string Lane, string State, string? Reason, DateTimeOffset? StartedAt, DateTimeOffset EndedAt);
