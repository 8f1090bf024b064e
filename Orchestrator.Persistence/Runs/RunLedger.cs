using Npgsql;
using NpgsqlTypes;
using Orchestrator.Persistence.Jobs;
using static Orchestrator.Persistence.SqlCommands;

namespace Orchestrator.Persistence.Runs;

/// <summary>The statements of <c>RunLedger.sql</c>, typed.</summary>
public static class RunLedger
{
    private static readonly SqlFile Sql = SqlFile.Embedded("RunLedger.sql");

    /// <summary>Runs of a host that are external processes, or are about to be.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="host">Boot id and pid namespace.</param>
    /// <param name="lanes">Lanes whose runs are external processes.</param>
    /// <param name="cancellation">Ends the call.</param>
    public static Task<List<HostRun>> HostRunsAsync(NpgsqlConnection connection, string host, IReadOnlyList<string> lanes, CancellationToken cancellation) =>
        Sql.Command(connection, "host_runs", host, lanes.ToArray()).ListAsync(r => new HostRun(JobColumns.Read(r), r.GetBoolean(r.FieldCount - 1)), cancellation);

    /// <summary>The runs of a host that own a job, and those under which their processes were started.</summary>
    public static async Task<HashSet<long>> OwnedRunsAsync(NpgsqlConnection connection, string host, CancellationToken cancellation) =>
        [.. await Sql.Command(connection, "owned_runs", host).ListAsync(r => r.OrNull<long>(0) ?? 0, cancellation)];

    /// <summary>What tells this database from others that the same machine works for.</summary>
    public static Task<Guid> InstallationAsync(NpgsqlDataSource database, CancellationToken cancellation) =>
        database.CreateCommand(Sql["installation"]).ScalarAsync<Guid>(cancellation);

    /// <summary>Notes what the host saw. Of a run that has moved on nothing is noted.</summary>
    public static Task SeeAsync(NpgsqlConnection connection, string host, IReadOnlyList<RunSight> seen, CancellationToken cancellation) =>
        Sql.Command(connection, "see", host,
            Array(seen, s => s.Job, NpgsqlDbType.Uuid), Array(seen, s => s.Run, NpgsqlDbType.Bigint), Array(seen, s => s.Dead, NpgsqlDbType.Boolean),
            Array(seen, s => s.ExitCode, NpgsqlDbType.Integer), Array(seen, s => s.Outcome, NpgsqlDbType.Text)).ExecuteAsync(cancellation);

    /// <summary>Renews the deadline of a monitor. Null: the run is another's; true: the monitor is to give up.</summary>
    public static async Task<bool?> MonitorAsync(NpgsqlDataSource database, Guid job, long run, TimeSpan until, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await Sql.Command(connection, "monitor", job, run, until).ScalarAsync<bool?>(cancellation);
    }

    /// <summary>A page of runs that a tier of the reaper could concern.</summary>
    public static Task<List<Suspect>> SuspectsAsync(NpgsqlConnection connection, Guid after, TimeSpan maxRunning, int limit, CancellationToken cancellation) =>
        Sql.Command(connection, "suspects", after, maxRunning, limit).ListAsync(r => new Suspect(
            r.GetGuid(0), r.GetInt64(1), r.GetString(2), r.GetString(3), r.GetFieldValue<DateTimeOffset>(4), r.OrNull<long>(5), r.GetGuid(6),
            r.TextOrNull(7), !r.IsDBNull(8) && r.GetBoolean(8), r.GetFieldValue<DateTimeOffset>(9), r.TimeOrNull(10), r.GetInt32(11), r.OrNull<int>(12),
            r.TimeOrNull(13), r.TextOrNull(14), r.TimeOrNull(15), r.TimeOrNull(16)), cancellation);

    public static Task StopMonitorAsync(NpgsqlConnection connection, Guid job, long run, CancellationToken cancellation) =>
        Sql.Command(connection, "stop_monitor", job, run).ExecuteAsync(cancellation);

    public static Task ForgetEvidenceAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        Sql.Command(connection, "forget_evidence").ExecuteAsync(cancellation);

    public static Task JournalAsync(NpgsqlConnection connection, Guid job, long run, string verdict, string reason, string evidence, bool won, Guid node, CancellationToken cancellation) =>
        Sql.Command(connection, "journal", job, run, verdict, reason, evidence, won, node).ExecuteAsync(cancellation);

    public static Task ForgetJournalAsync(NpgsqlConnection connection, TimeSpan olderThan, CancellationToken cancellation) =>
        Sql.Command(connection, "forget_journal", olderThan).ExecuteAsync(cancellation);

    /// <summary>What the reaper did to a job, newest first.</summary>
    public static Task<List<JournalRow>> JournalOfAsync(NpgsqlConnection connection, Guid job, CancellationToken cancellation) =>
        Sql.Command(connection, "journal_of", job).ListAsync(ReadJournal, cancellation);

    /// <summary>What the reaper did last, newest first.</summary>
    public static Task<List<JournalRow>> LatestAsync(NpgsqlConnection connection, int limit, CancellationToken cancellation) =>
        Sql.Command(connection, "latest", limit).ListAsync(ReadJournal, cancellation);

    public static Task<List<Job>> LockImpossibleAsync(NpgsqlConnection connection, int limit, CancellationToken cancellation) =>
        Sql.Command(connection, "lock_impossible", limit).ListAsync(JobColumns.Read, cancellation);

    /// <summary>Is the constraint there that keeps queued jobs without an owner?</summary>
    public static Task<bool> ConstraintStandsAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        Sql.Command(connection, "constraint_stands").ScalarAsync<bool>(cancellation);

    private static JournalRow ReadJournal(NpgsqlDataReader row) => new(
        row.GetFieldValue<DateTimeOffset>(0), row.GetGuid(1), row.GetInt64(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetBoolean(6), row.GetGuid(7));
}

/// <param name="Job">The job with its run.</param>
/// <param name="OwnerIsDead">Its node was declared dead, or is forgotten.</param>
public sealed record HostRun(Job Job, bool OwnerIsDead);

/// <summary>What a host saw of a run's process at one look.</summary>
/// <param name="Job">The job.</param>
/// <param name="Run">The run that owns it.</param>
/// <param name="Dead">The process is gone and no exit code is there.</param>
/// <param name="ExitCode">What it left behind; null while it lives, or if it left nothing.</param>
/// <param name="Outcome">The exit, classified, as JSON.</param>
public sealed record RunSight(Guid Job, long Run, bool Dead, int? ExitCode, string? Outcome);

/// <summary>A run and all that is known of it, as one statement saw it.</summary>
/// <param name="Job">The job.</param>
/// <param name="Run">The run that owns it.</param>
/// <param name="Lane">Its lane.</param>
/// <param name="State">Running or Finalizing.</param>
/// <param name="StartedAt">When the run began.</param>
/// <param name="ProcessRun">Its run folder, if it is an external process.</param>
/// <param name="Node">Its owner.</param>
/// <param name="NodeName">The owner's name.</param>
/// <param name="NodeHoldsLease">Does the owner hold its lease?</param>
/// <param name="Now">The database's time of the look.</param>
/// <param name="SeenAt">The host's last look at the process.</param>
/// <param name="DeadTicks">Looks in a row that found it dead.</param>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="ExitSeenAt">When that was first seen.</param>
/// <param name="Outcome">The exit, classified, as JSON.</param>
/// <param name="FinalizingUntil">A live monitor's deadline.</param>
/// <param name="StopMonitorAt">When the monitor was told to give up.</param>
public sealed record Suspect(
    Guid Job, long Run, string Lane, string State, DateTimeOffset StartedAt, long? ProcessRun, Guid Node, string? NodeName, bool NodeHoldsLease, DateTimeOffset Now,
    DateTimeOffset? SeenAt, int DeadTicks, int? ExitCode, DateTimeOffset? ExitSeenAt, string? Outcome, DateTimeOffset? FinalizingUntil, DateTimeOffset? StopMonitorAt);

/// <summary>A verdict that led to an act.</summary>
public sealed record JournalRow(DateTimeOffset At, Guid Job, long Run, string Verdict, string Reason, string Evidence, bool Won, Guid ByNode);
