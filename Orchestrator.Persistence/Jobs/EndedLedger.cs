using Npgsql;

namespace Orchestrator.Persistence.Jobs;

/// <summary>The statements of <c>EndedLedger.sql</c>, typed.</summary>
public static class EndedLedger
{
    private static readonly SqlFile Sql = SqlFile.Embedded("EndedLedger.sql");

    /// <summary>Jobs that ended before <paramref name="before"/> and still stand in the hot table, oldest end first.</summary>
    public static async Task<List<EndedJob>> EndedBeforeAsync(
        NpgsqlConnection connection, EndedJob behind, DateTimeOffset before, int limit, CancellationToken cancellation)
    {
        await using var command = Command(connection, "ended_before", behind.EndedAt, behind.Id, before, limit);
        return await ReadAsync(command, r => new EndedJob(r.GetGuid(0), r.GetFieldValue<DateTimeOffset>(1)), cancellation);
    }

    /// <summary>Moves those of the jobs that are still ended and that nobody holds; returns how many.</summary>
    public static async Task<int> MoveAsync(NpgsqlConnection connection, Guid[] jobs, DateTimeOffset before, CancellationToken cancellation)
    {
        await using var command = Command(connection, "move", jobs, before);
        return (int)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>The job if it has been moved, locked.</summary>
    public static async Task<Job?> LockAsync(NpgsqlConnection connection, Guid job, CancellationToken cancellation)
    {
        await using var command = Command(connection, "lock_ended", job);
        var rows = await ReadAsync(command, JobColumns.Read, cancellation);
        return rows.Count == 0 ? null : rows[0];
    }

    /// <summary>Puts a locked job back into the hot table, as it was.</summary>
    public static async Task BringBackAsync(NpgsqlConnection connection, Guid job, CancellationToken cancellation)
    {
        await using var command = Command(connection, "bring_back", job);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task<List<EndedMonth>> MonthsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = Command(connection, "months");
        return await ReadAsync(command, r => new EndedMonth(r.GetFieldValue<DateOnly>(0), r.GetBoolean(1)), cancellation);
    }

    /// <returns>False if there is a table for the month already, attached or not.</returns>
    public static async Task<bool> OpenMonthAsync(NpgsqlConnection connection, DateOnly month, CancellationToken cancellation)
    {
        await using var command = Command(connection, "open_month", month);
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>From here on nobody finds the month's jobs.</summary>
    public static async Task DetachMonthAsync(NpgsqlConnection connection, DateOnly month, CancellationToken cancellation)
    {
        await using var command = Command(connection, "detach_month", month);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Jobs of a detached month in order of id, with the last run of each.</summary>
    public static async Task<List<(Guid Job, long? Run)>> JobsOfMonthAsync(
        NpgsqlConnection connection, DateOnly month, Guid after, int limit, CancellationToken cancellation)
    {
        await using var command = Command(connection, "jobs_of_month", month, after, limit);
        return await ReadAsync(command, r => (r.GetGuid(0), r.IsDBNull(1) ? (long?)null : r.GetInt64(1)), cancellation);
    }

    public static async Task DropMonthAsync(NpgsqlConnection connection, DateOnly month, CancellationToken cancellation)
    {
        await using var command = Command(connection, "drop_month", month);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The last jobs that ended in one of the states, newest end first.</summary>
    public static async Task<List<RecentJob>> RecentAsync(NpgsqlConnection connection, string[] states, int limit, CancellationToken cancellation)
    {
        await using var command = Command(connection, "recent", states, limit);
        return await ReadAsync(command, r => new RecentJob(r.GetGuid(0), r.GetString(1), r.GetString(2), r.IsDBNull(3) ? null : r.GetString(3),
            r.IsDBNull(4) ? null : r.GetFieldValue<DateTimeOffset>(4), r.GetFieldValue<DateTimeOffset>(5)), cancellation);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string name, params ReadOnlySpan<object> parameters)
    {
        var command = new NpgsqlCommand(Sql[name], connection);
        foreach (var value in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private static async Task<List<T>> ReadAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
            rows.Add(read(reader));
        return rows;
    }
}

/// <summary>A job by the end that it came to.</summary>
public readonly record struct EndedJob(Guid Id, DateTimeOffset EndedAt);

/// <summary>A month of ended jobs.</summary>
/// <param name="First">Its first day, UTC.</param>
/// <param name="Attached">Its jobs can be found; false: it waits to be dropped.</param>
public readonly record struct EndedMonth(DateOnly First, bool Attached);

/// <summary>An ended job as people see it among others.</summary>
public sealed record RecentJob(Guid Id, string Lane, string State, string? Reason, DateTimeOffset? StartedAt, DateTimeOffset EndedAt);
