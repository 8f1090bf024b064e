using Npgsql;
using NpgsqlTypes;
using static Orchestrator.Persistence.SqlCommands;

namespace Orchestrator.Persistence.Jobs;

/// <summary>The statements of <c>JobLedger.sql</c>, typed. Decides nothing: the lifecycle decides, the ledger locks and writes.</summary>
public static class JobLedger
{
    private static readonly SqlFile Sql = SqlFile.Embedded("JobLedger.sql");

    /// <summary>Stores queued jobs; returns the ids that were really inserted (a dedupe key that is taken inserts nothing).</summary>
    /// <remarks>At READ COMMITTED, which is the default: the second statement must see what was committed since the first began.</remarks>
    public static async Task<HashSet<Guid>> InsertAsync(NpgsqlConnection connection, IReadOnlyList<Job> jobs, CancellationToken cancellation)
    {
        await using var batch = Batch(connection, Insert(jobs));
        Job[] keyed = [.. jobs.Where(j => j.DedupeKey is not null)];
        if (keyed.Length > 0)
            batch.BatchCommands.Add(Sql.Statement("withdraw_repeated",
                Array(keyed, j => j.CorrelationId, NpgsqlDbType.Uuid), Array(keyed, j => j.Lane, NpgsqlDbType.Text), Array(keyed, j => j.DedupeKey, NpgsqlDbType.Text)));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        HashSet<Guid> inserted = [.. await reader.RowsAsync(r => r.GetGuid(0), cancellation)];
        if (await reader.NextResultAsync(cancellation))
            inserted.ExceptWith(await reader.RowsAsync(r => r.GetGuid(0), cancellation));
        return inserted;
    }

    private static NpgsqlBatchCommand Insert(IReadOnlyList<Job> jobs) =>
        Sql.Statement("insert",
            Array(jobs, j => j.CorrelationId, NpgsqlDbType.Uuid),
            Array(jobs, j => j.Lane, NpgsqlDbType.Text),
            Array(jobs, j => j.State, NpgsqlDbType.Text),
            Array(jobs, j => j.Priority, NpgsqlDbType.Integer),
            Array(jobs, j => j.SubmittedAt, NpgsqlDbType.TimestampTz),
            Array(jobs, j => j.AvailableAt, NpgsqlDbType.TimestampTz),
            Array(jobs, j => j.Due, NpgsqlDbType.Boolean),
            Array(jobs, j => j.MaxAttempts, NpgsqlDbType.Integer),
            Array(jobs, j => j.DedupeKey, NpgsqlDbType.Text),
            Array(jobs, j => j.Announce, NpgsqlDbType.Boolean),
            Array(jobs, j => j.Payload, NpgsqlDbType.Text));

    /// <summary>The first job of each (lane, dedupe key).</summary>
    public static async Task<Dictionary<(string Lane, string Key), Guid>> FindByDedupeKeyAsync(
        NpgsqlConnection connection, IReadOnlyList<(string Lane, string Key)> keys, CancellationToken cancellation)
    {
        var rows = await Sql.Command(connection, "find_by_dedupe_key", Array(keys, k => k.Lane, NpgsqlDbType.Text), Array(keys, k => k.Key, NpgsqlDbType.Text))
            .ListAsync(r => (Id: r.GetGuid(0), Lane: r.GetString(1), Key: r.GetString(2)), cancellation);
        return rows.ToDictionary(r => (r.Lane, r.Key), r => r.Id);
    }

    /// <summary>Marks sleeping jobs whose time has come; returns the lanes that got work, one entry per job.</summary>
    public static Task<List<string>> PromoteDueAsync(NpgsqlConnection connection, DateTimeOffset now, int limit, CancellationToken cancellation) =>
        Sql.Command(connection, "promote_due", Value(now), Value(limit)).ListAsync(r => r.GetString(0), cancellation);

    /// <summary>When the next sleeping job is due; null if none sleeps.</summary>
    public static async Task<DateTimeOffset?> NextDueAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        return await Sql.Command(connection, "next_due").ScalarAsync<DateTime?>(cancellation) is { } next ? new DateTimeOffset(next) : null;
    }

    public static Task<LaneLoad?> LaneLoadAsync(NpgsqlConnection connection, string lane, Guid node, DateTimeOffset now, CancellationToken cancellation) =>
        Sql.Command(connection, "lane_load", Value(lane), Value(node), Value(now)).FirstAsync(
            r => new LaneLoad(r.OrNull<int>(0), r.GetBoolean(1), r.GetInt32(2), r.GetInt32(3), r.GetInt32(4), (BreakerGate)r.GetInt32(5)), cancellation);

    /// <summary>
    /// Locks up to <paramref name="limit"/> ready jobs in the order that binds. The transaction's commit does not wait for the disk, so it may
    /// mark wake-ups as sent and nothing else.
    /// </summary>
    public static async Task<List<Guid>> PickAsync(NpgsqlConnection connection, string lane, int limit, CancellationToken cancellation)
    {
        await using var batch = Batch(connection, Sql.Statement("commit_without_disk"), Sql.Statement("pick", Value(lane), Value(limit)));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        return await reader.RowsAsync(r => r.GetGuid(0), cancellation);
    }

    /// <summary>Jobs that stand aside for an obstacle, in the order that binds: the first, and the first behind a place.</summary>
    public static Task<List<Job>> LockObstructedAsync(NpgsqlConnection connection, string lane, int limit, long behind, CancellationToken cancellation) =>
        Sql.Command(connection, "lock_obstructed", Value(lane), Value(limit), Value(behind)).ListAsync(JobColumns.Read, cancellation);

    /// <summary>Marks what was picked as sent and commits, in one round trip.</summary>
    public static async Task CommitDispatchedAsync(NpgsqlConnection connection, IReadOnlyList<Guid> jobs, DateTimeOffset now, Guid node, CancellationToken cancellation)
    {
        await using var batch = Batch(connection, Sql.Statement("mark_dispatched", Array(jobs, j => j, NpgsqlDbType.Uuid), Value(now), Value(node)), Sql.Statement("commit"));
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Locks the rows for a claim, each with the run id that it would get, and reads the doors of their lanes, in one round trip.</summary>
    public static Task<(List<Candidate> Candidates, Dictionary<string, LaneDoor> Doors)> LockForClaimAsync(
        NpgsqlConnection connection, IReadOnlyList<(Guid Job, string Lane)> jobs, IReadOnlyList<string> lanes, CancellationToken cancellation) =>
        CandidatesAsync(connection, Sql.Statement("lock_for_claim", Array(jobs, j => j.Job, NpgsqlDbType.Uuid), Array(jobs, j => j.Lane, NpgsqlDbType.Text)), lanes, cancellation);

    /// <summary>Locks up to <paramref name="limit"/> ready jobs of a lane, in the order that binds, for a claim without a wake-up before it.</summary>
    public static Task<(List<Candidate> Candidates, Dictionary<string, LaneDoor> Doors)> LockReadyForClaimAsync(
        NpgsqlConnection connection, string lane, int limit, CancellationToken cancellation) =>
        CandidatesAsync(connection, Sql.Statement("lock_ready_for_claim", Value(lane), Value(limit)), [lane], cancellation);

    private static async Task<(List<Candidate> Candidates, Dictionary<string, LaneDoor> Doors)> CandidatesAsync(
        NpgsqlConnection connection, NpgsqlBatchCommand rows, IReadOnlyList<string> lanes, CancellationToken cancellation)
    {
        await using var batch = Batch(connection, rows, Sql.Statement("read_lanes", Array(lanes, l => l, NpgsqlDbType.Text)));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var candidates = await reader.RowsAsync(r => new Candidate(JobColumns.Read(r), r.GetInt64(r.FieldCount - 1)), cancellation);
        await reader.NextResultAsync(cancellation);
        var doors = await reader.RowsAsync(ReadDoor, cancellation);
        return (candidates, doors.ToDictionary(d => d.Name, d => d.Door, StringComparer.Ordinal));
    }

    /// <summary>The lane's door, locked: nobody else claims in this lane until the transaction ends.</summary>
    public static async Task<LaneDoor> LockLaneAsync(NpgsqlConnection connection, string lane, CancellationToken cancellation)
    {
        var rows = await Sql.Command(connection, "lock_lane", Value(lane)).ListAsync(ReadDoor, cancellation);
        return rows.Count == 0 ? new LaneDoor(null, false) : rows[0].Door;
    }

    private static (string Name, LaneDoor Door) ReadDoor(NpgsqlDataReader row) => (row.GetString(0), new LaneDoor(
        row.OrNull<int>(1), row.GetBoolean(2), row.GetBoolean(3), row.IsDBNull(4) ? null : row.GetFieldValue<Guid[]>(4), row.GetBoolean(5)));

    public static Task<int> CountRunningAsync(NpgsqlConnection connection, string lane, CancellationToken cancellation) =>
        Sql.Command(connection, "count_running", Value(lane)).ScalarAsync<int>(cancellation);

    public static Task<List<Job>> LockAsync(NpgsqlConnection connection, IReadOnlyList<Guid> jobs, CancellationToken cancellation) =>
        Sql.Command(connection, "lock", Array(jobs, j => j, NpgsqlDbType.Uuid)).ListAsync(JobColumns.Read, cancellation);

    /// <summary>The job if this run still owns it, locked; null means "you lost": stop, touch nothing more.</summary>
    public static Task<Job?> LockRunAsync(NpgsqlConnection connection, Guid job, long run, CancellationToken cancellation) =>
        Sql.Command(connection, "lock_run", Value(job), Value(run)).FirstAsync(JobColumns.Read, cancellation);

    /// <summary>Held jobs of the lanes that wait for this.</summary>
    public static Task<List<Job>> LockHeldAsync(NpgsqlConnection connection, IReadOnlyList<string> lanes, string heldFor, int limit, CancellationToken cancellation) =>
        Sql.Command(connection, "lock_held", Array(lanes, l => l, NpgsqlDbType.Text), Value(heldFor), Value(limit)).ListAsync(JobColumns.Read, cancellation);

    /// <summary>The job if it is held and nobody has it in hand, locked.</summary>
    public static Task<Job?> LockIfHeldAsync(NpgsqlConnection connection, Guid job, CancellationToken cancellation) =>
        Sql.Command(connection, "lock_if_held", Value(job)).FirstAsync(JobColumns.Read, cancellation);

    /// <summary>A new fencing token.</summary>
    public static Task<long> NextRunIdAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        Sql.Command(connection, "next_run_id").ScalarAsync<long>(cancellation);

    /// <summary>Runs of a dead node that are lost with it.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="node">The node.</param>
    /// <param name="limit">Most at once.</param>
    /// <param name="processLanes">Lanes whose runs are external processes.</param>
    /// <param name="returnWithin">How long those of a node that was stopped wait for a node of their host.</param>
    /// <param name="cancellation">Ends the call.</param>
    public static Task<List<Job>> LockRunsOfNodeAsync(
        NpgsqlConnection connection, Guid node, int limit, IReadOnlyList<string> processLanes, TimeSpan returnWithin, CancellationToken cancellation) =>
        Sql.Command(connection, "lock_runs_of_node", Value(node), Value(limit), Array(processLanes, l => l, NpgsqlDbType.Text), Value(returnWithin)).ListAsync(JobColumns.Read, cancellation);

    /// <summary>Writes transitions; returns the ids of those that won. Whoever is missing lost and must do nothing more.</summary>
    public static async Task<HashSet<Guid>> WriteAsync(NpgsqlConnection connection, IReadOnlyList<Moved> moved, CancellationToken cancellation)
    {
        await using var batch = Batch(connection, Write(moved));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        return [.. await reader.RowsAsync(r => r.GetGuid(0), cancellation)];
    }

    /// <summary>Writes transitions and commits, in one round trip; returns the ids of those that won.</summary>
    public static async Task<HashSet<Guid>> WriteAndCommitAsync(NpgsqlConnection connection, IReadOnlyList<Moved> moved, CancellationToken cancellation)
    {
        await using var batch = Batch(connection, Write(moved), Sql.Statement("commit"));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var won = await reader.RowsAsync(r => r.GetGuid(0), cancellation);
        await reader.NextResultAsync(cancellation); // an error of the commit comes out here
        return [.. won];
    }

    private static NpgsqlBatchCommand Write(IReadOnlyList<Moved> moved) =>
        Sql.Statement("write",
            Array(moved, m => m.Job.CorrelationId, NpgsqlDbType.Uuid),
            Array(moved, m => m.LeftState, NpgsqlDbType.Text),
            Array(moved, m => m.LeftRun, NpgsqlDbType.Bigint),
            Array(moved, m => m.Job.State, NpgsqlDbType.Text),
            Array(moved, m => m.Job.AvailableAt, NpgsqlDbType.TimestampTz),
            Array(moved, m => m.Job.Due, NpgsqlDbType.Boolean),
            Array(moved, m => m.Job.DispatchedAt, NpgsqlDbType.TimestampTz),
            Array(moved, m => m.Job.DispatchedBy, NpgsqlDbType.Uuid),
            Array(moved, m => m.Job.RunId, NpgsqlDbType.Bigint),
            Array(moved, m => m.Job.OwnerNode, NpgsqlDbType.Uuid),
            Array(moved, m => m.Job.OwnerHost, NpgsqlDbType.Text),
            Array(moved, m => m.Job.OwnerPid, NpgsqlDbType.Integer),
            Array(moved, m => m.Job.OwnerProcessStart, NpgsqlDbType.Bigint),
            Array(moved, m => m.Job.StartedAt, NpgsqlDbType.TimestampTz),
            Array(moved, m => m.Job.EndedAt, NpgsqlDbType.TimestampTz),
            Array(moved, m => m.Job.Attempts, NpgsqlDbType.Integer),
            Array(moved, m => m.Job.Losses, NpgsqlDbType.Integer),
            Array(moved, m => m.Job.CancelRequestedAt, NpgsqlDbType.TimestampTz),
            Array(moved, m => m.Job.Reason, NpgsqlDbType.Text),
            Array(moved, m => m.Job.Result, NpgsqlDbType.Text),
            Array(moved, m => m.Job.TransientAttempts, NpgsqlDbType.Integer),
            Array(moved, m => m.Job.Failure, NpgsqlDbType.Text),
            Array(moved, m => m.Job.HeldFor, NpgsqlDbType.Text),
            Array(moved, m => m.Job.ProcessRun, NpgsqlDbType.Bigint),
            Array(moved, m => m.Job.LogRun, NpgsqlDbType.Bigint),
            Array(moved, m => m.Job.LogHost, NpgsqlDbType.Text),
            Array(moved, m => m.Job.Obstacle, NpgsqlDbType.Text),
            Array(moved, m => m.Job.ObstacleSince, NpgsqlDbType.TimestampTz));

    /// <summary>The state of the job if it is queued and took the priority; null otherwise.</summary>
    public static Task<string?> SetPriorityAsync(NpgsqlConnection connection, Guid job, int priority, CancellationToken cancellation) =>
        Sql.Command(connection, "set_priority", Value(job), Value(priority)).ScalarAsync<string?>(cancellation);

    public static Task<List<string>> ForgetLostWakeUpsAsync(NpgsqlConnection connection, DateTimeOffset before, CancellationToken cancellation) =>
        Sql.Command(connection, "forget_lost_wake_ups", Value(before)).ListAsync(r => r.GetString(0), cancellation);

    public static Task<List<string>> ForgetWakeUpsOfNodeAsync(NpgsqlConnection connection, Guid node, CancellationToken cancellation) =>
        Sql.Command(connection, "forget_wake_ups_of_node", Value(node)).ListAsync(r => r.GetString(0), cancellation);

    /// <summary>Of the given runs, those that no longer own their job.</summary>
    public static Task<List<(Guid Job, long Run)>> RunsNotMineAsync(
        NpgsqlConnection connection, IReadOnlyList<(Guid Job, long Run)> held, CancellationToken cancellation) =>
        Sql.Command(connection, "runs_not_mine",
            Array(held, h => h.Job, NpgsqlDbType.Uuid), Array(held, h => h.Run, NpgsqlDbType.Bigint)).ListAsync(r => (r.GetGuid(0), r.GetInt64(1)), cancellation);

    /// <summary>Runs that the database gives this node.</summary>
    public static Task<List<(Guid Job, long Run)>> RunsOfNodeAsync(NpgsqlConnection connection, Guid node, CancellationToken cancellation) =>
        Sql.Command(connection, "runs_of_node", Value(node)).ListAsync(r => (r.GetGuid(0), r.GetInt64(1)), cancellation);

    /// <summary>Runs of this node whose cancellation somebody asked for.</summary>
    public static Task<List<(Guid Job, long Run)>> CancelsAskedAsync(NpgsqlConnection connection, Guid node, CancellationToken cancellation) =>
        Sql.Command(connection, "cancels_asked", Value(node)).ListAsync(r => (r.GetGuid(0), r.GetInt64(1)), cancellation);

    /// <summary>Those of the jobs that wait for a run.</summary>
    public static async Task<HashSet<Guid>> QueuedAsync(NpgsqlConnection connection, IReadOnlyList<Guid> jobs, CancellationToken cancellation) =>
        [.. await Sql.Command(connection, "queued", Array(jobs, j => j, NpgsqlDbType.Uuid)).ListAsync(r => r.GetGuid(0), cancellation)];

    public static Task<Job?> GetAsync(NpgsqlConnection connection, Guid job, CancellationToken cancellation) =>
        Sql.Command(connection, "get", Value(job)).FirstAsync(JobColumns.Read, cancellation);

    /// <summary>A page of jobs, newest first.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="before">Only jobs with a smaller <see cref="Job.Sequence"/>.</param>
    /// <param name="lane">Only of this lane; null for all.</param>
    /// <param name="state">Only in this state; null for all.</param>
    /// <param name="limit">Most jobs.</param>
    /// <param name="cancellation">Ends the call.</param>
    public static Task<List<Job>> ListAsync(
        NpgsqlConnection connection, long before, string? lane, string? state, int limit, CancellationToken cancellation) =>
        Sql.Command(connection, "list", Value(before), Text(lane), Text(state), Value(limit)).ListAsync(JobColumns.Read, cancellation);

    /// <summary>Makes the lanes of the configuration known; an operator's pause stays as it is.</summary>
    public static Task UpsertLanesAsync(NpgsqlConnection connection, IReadOnlyList<(string Name, int? MaxRunning, string? Credential)> lanes, CancellationToken cancellation) =>
        Sql.Command(connection, "upsert_lanes",
            Array(lanes, l => l.Name, NpgsqlDbType.Text), Array(lanes, l => l.MaxRunning, NpgsqlDbType.Integer), Array(lanes, l => l.Credential, NpgsqlDbType.Text)).ExecuteAsync(cancellation);

    public static Task<List<(string Lane, string State, long Count)>> CountsAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        Sql.Command(connection, "counts").ListAsync(r => (r.GetString(0), r.GetString(1), r.GetInt64(2)), cancellation);

}

/// <summary>A locked job and the run id that a claim would give it.</summary>
public readonly record struct Candidate(Job Job, long NextRunId);

/// <summary>A transition computed in memory: the job as it shall be, and what it left.</summary>
public readonly record struct Moved(Job Job, string LeftState, long? LeftRun);

/// <summary>What the strictest of a lane's breakers, its own and its account's, lets through.</summary>
public enum BreakerGate
{
    /// <summary>Everything.</summary>
    Clear,

    /// <summary>One job, as a probe.</summary>
    MayProbe,

    /// <summary>Nothing: a probe is under way.</summary>
    Probing,

    /// <summary>Nothing before its time is over.</summary>
    Shut,
}

/// <summary>How full a lane is.</summary>
/// <param name="MaxRunning">The limit over all nodes; null for none.</param>
/// <param name="Paused">An operator paused it.</param>
/// <param name="Running">Running or finalizing, on all nodes.</param>
/// <param name="Dispatched">Sent and not yet claimed, by all nodes.</param>
/// <param name="DispatchedByMe">Sent by the asking node and not yet claimed.</param>
/// <param name="Breaker">What its breakers let through.</param>
public sealed record LaneLoad(int? MaxRunning, bool Paused, int Running, int Dispatched, int DispatchedByMe, BreakerGate Breaker = BreakerGate.Clear);

/// <summary>What a claim must know of its lane.</summary>
/// <param name="MaxRunning">The limit over all nodes; null for none.</param>
/// <param name="Paused">An operator paused it.</param>
/// <param name="BreakerOpen">One of its breakers is open.</param>
/// <param name="Probes">The jobs that may try while a breaker is half open; null if none is.</param>
/// <param name="Watched">A breaker has seen failures, so that it wants to hear of successes too.</param>
public readonly record struct LaneDoor(int? MaxRunning, bool Paused, bool BreakerOpen = false, IReadOnlyList<Guid>? Probes = null, bool Watched = false)
{
    /// <summary>Do the breakers let this job through?</summary>
    public bool LetsThrough(Guid job) => !BreakerOpen && (Probes is null || Probes.All(probe => probe == job));
}
