using Npgsql;
using static Orchestrator.Persistence.SqlCommands;

namespace Orchestrator.Persistence.Sweeps;

/// <summary>The statements of <c>SweepLedger.sql</c>, typed.</summary>
public static class SweepLedger
{
    private static readonly SqlFile Sql = SqlFile.Embedded("SweepLedger.sql");

    /// <returns>The run's number; null if the sweep is paused and nobody fired it by hand.</returns>
    public static Task<long?> BeginAsync(
        NpgsqlDataSource database, string sweep, Guid node, string nodeName, bool byHand, DateTimeOffset now, CancellationToken cancellation) =>
        Sql.Command(database, "begin", sweep, node, nodeName, byHand, now).ScalarAsync<long?>(cancellation);

    /// <param name="database">The database.</param>
    /// <param name="run">Its number.</param>
    /// <param name="now">When it ended.</param>
    /// <param name="outcome"><c>done</c>, <c>failed</c> or <c>stopped</c>.</param>
    /// <param name="done">What it did, as a JSON object of numbers.</param>
    /// <param name="errors">What went wrong, a sentence each.</param>
    /// <param name="cancellation">Ends the call.</param>
    public static Task EndAsync(
        NpgsqlDataSource database, long run, DateTimeOffset now, string outcome, string done, string[] errors, CancellationToken cancellation) =>
        Sql.Command(database, "end", run, now, outcome, done, errors).ExecuteAsync(cancellation);

    /// <summary>Keeps the last runs, and those of the days since <paramref name="since"/> that did something or failed.</summary>
    public static Task ForgetAsync(NpgsqlDataSource database, string sweep, int kept, DateTimeOffset since, CancellationToken cancellation) =>
        Sql.Command(database, "forget", sweep, kept, since).ExecuteAsync(cancellation);

    /// <summary>The last runs of each sweep, newest first.</summary>
    public static Task<List<SweepRun>> LastRunsAsync(NpgsqlDataSource database, string[] sweeps, int each, CancellationToken cancellation) =>
        Sql.Command(database, "last_runs", sweeps, each).ListAsync(Run, cancellation);

    /// <summary>The last run of each sweep in which something went wrong.</summary>
    public static Task<List<SweepRun>> LastFailuresAsync(NpgsqlDataSource database, string[] sweeps, CancellationToken cancellation) =>
        Sql.Command(database, "last_failures", (object)sweeps).ListAsync(Run, cancellation);

    public static Task<List<SweepPause>> PausesAsync(NpgsqlDataSource database, CancellationToken cancellation) =>
        Sql.Command(database, "pauses").ListAsync(r => new SweepPause(r.GetString(0), r.GetFieldValue<DateTimeOffset>(1), r.TextOrNull(2)), cancellation);

    public static Task PauseAsync(NpgsqlDataSource database, string sweep, DateTimeOffset now, string? reason, CancellationToken cancellation) =>
        Sql.Command(database, "pause", sweep, now, Text(reason)).ExecuteAsync(cancellation);

    public static Task ResumeAsync(NpgsqlDataSource database, string sweep, CancellationToken cancellation) =>
        Sql.Command(database, "resume", sweep).ExecuteAsync(cancellation);

    private static SweepRun Run(NpgsqlDataReader r) => new(
        r.GetString(0), r.GetGuid(1), r.GetString(2), r.GetBoolean(3), r.GetFieldValue<DateTimeOffset>(4),
        r.TimeOrNull(5), r.TextOrNull(6), r.GetString(7), r.GetFieldValue<string[]>(8));
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
