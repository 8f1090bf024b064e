using Npgsql;
using NpgsqlTypes;

namespace Orchestrator.Persistence.Sweeps;

/// <summary>The statements of <c>SweepLedger.sql</c>, typed.</summary>
public static class SweepLedger
{
    private static readonly SqlFile Sql = SqlFile.Embedded("SweepLedger.sql");

    /// <returns>The run's number; null if the sweep is paused and nobody fired it by hand.</returns>
    public static async Task<long?> BeginAsync(
        NpgsqlDataSource database, string sweep, Guid node, string nodeName, bool byHand, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = Command(database, "begin", sweep, node, nodeName, byHand, now);
        return (long?)await command.ExecuteScalarAsync(cancellation);
    }

    /// <param name="database">The database.</param>
    /// <param name="run">Its number.</param>
    /// <param name="now">When it ended.</param>
    /// <param name="outcome"><c>done</c>, <c>failed</c> or <c>stopped</c>.</param>
    /// <param name="done">What it did, as a JSON object of numbers.</param>
    /// <param name="errors">What went wrong, a sentence each.</param>
    /// <param name="cancellation">Ends the call.</param>
    public static async Task EndAsync(
        NpgsqlDataSource database, long run, DateTimeOffset now, string outcome, string done, string[] errors, CancellationToken cancellation)
    {
        await using var command = Command(database, "end", run, now, outcome, done, errors);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Keeps the last runs, and those of the days since <paramref name="since"/> that did something or failed.</summary>
    public static async Task ForgetAsync(NpgsqlDataSource database, string sweep, int kept, DateTimeOffset since, CancellationToken cancellation)
    {
        await using var command = Command(database, "forget", sweep, kept, since);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The last runs of each sweep, newest first.</summary>
    public static Task<List<SweepRun>> LastRunsAsync(NpgsqlDataSource database, string[] sweeps, int each, CancellationToken cancellation) =>
        ReadAsync(Command(database, "last_runs", sweeps, each), Run, cancellation);

    /// <summary>The last run of each sweep in which something went wrong.</summary>
    public static Task<List<SweepRun>> LastFailuresAsync(NpgsqlDataSource database, string[] sweeps, CancellationToken cancellation) =>
        ReadAsync(Command(database, "last_failures", (object)sweeps), Run, cancellation);

    public static Task<List<SweepPause>> PausesAsync(NpgsqlDataSource database, CancellationToken cancellation) =>
        ReadAsync(Command(database, "pauses"), r => new SweepPause(r.GetString(0), r.GetFieldValue<DateTimeOffset>(1), r.IsDBNull(2) ? null : r.GetString(2)), cancellation);

    public static async Task PauseAsync(NpgsqlDataSource database, string sweep, DateTimeOffset now, string? reason, CancellationToken cancellation)
    {
        await using var command = Command(database, "pause", sweep, now);
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)reason ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task ResumeAsync(NpgsqlDataSource database, string sweep, CancellationToken cancellation)
    {
        await using var command = Command(database, "resume", sweep);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static SweepRun Run(NpgsqlDataReader r) => new(
        r.GetString(0), r.GetGuid(1), r.GetString(2), r.GetBoolean(3), r.GetFieldValue<DateTimeOffset>(4),
        r.IsDBNull(5) ? null : r.GetFieldValue<DateTimeOffset>(5), r.IsDBNull(6) ? null : r.GetString(6), r.GetString(7), r.GetFieldValue<string[]>(8));

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

/// <summary>One run of a sweep.</summary>
/// <param name="Sweep">Its name.</param>
/// <param name="Node">Who carried it out.</param>
/// <param name="NodeName">The same, for people.</param>
/// <param name="ByHand">An operator fired it.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">Null while it goes on.</param>
/// <param name="Outcome"><c>done</c>, <c>failed</c>, <c>stopped</c> with its node, <c>lost</c> with its node; null while it goes on.</param>
/// <param name="Done">What it did, as a JSON object of numbers.</param>
/// <param name="Errors">What went wrong; the rest was done all the same.</param>
public sealed record SweepRun(
    string Sweep, Guid Node, string NodeName, bool ByHand, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, string? Outcome, string Done, string[] Errors);

/// <summary>A sweep that takes no turns until somebody resumes it.</summary>
public sealed record SweepPause(string Sweep, DateTimeOffset PausedAt, string? Reason);
