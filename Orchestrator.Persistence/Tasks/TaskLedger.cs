using Npgsql;
using NpgsqlTypes;
using static Orchestrator.Persistence.SqlCommands;

namespace Orchestrator.Persistence.Tasks;

/// <summary>The statements of <c>TaskLedger.sql</c>, typed. Decides nothing: the lifecycle decides, the ledger locks and writes.</summary>
public static class TaskLedger
{
    private static readonly SqlFile Sql = SqlFile.Embedded("TaskLedger.sql");

    /// <returns>False if a task with the same key, or an open one with the same branch, is there already; nothing is stored then.</returns>
    public static async Task<bool> InsertAsync(NpgsqlConnection connection, DeliveryTask task, CancellationToken cancellation)
    {
        var sequence = await Sql.Command(connection, "insert", task.Id, task.Repository, task.Title, Text(task.ExternalKey), task.Branch, task.State, task.Stage, task.Step, task.StageSince,
            Nullable(task.JobId, NpgsqlDbType.Uuid), task.MaxRetries, task.CreatedAt).ScalarAsync<long?>(cancellation);
        task.Sequence = sequence ?? 0;
        return sequence is not null;
    }

    /// <summary>The task that has the key, also if it has ended and been removed, or the open one that has the branch.</summary>
    public static Task<Guid?> FindAsync(NpgsqlConnection connection, string? externalKey, string repository, string branch, CancellationToken cancellation) =>
        Sql.Command(connection, "find", Text(externalKey), repository, branch).ScalarAsync<Guid?>(cancellation);

    /// <summary>A new fencing token.</summary>
    public static Task<long> NextStepAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        Sql.Command(connection, "next_step").ScalarAsync<long>(cancellation);

    public static Task<DeliveryTask?> GetAsync(NpgsqlConnection connection, Guid task, CancellationToken cancellation) =>
        Sql.Command(connection, "get", task).FirstAsync(Read, cancellation);

    /// <summary>The task, locked, if it is still at this step; null means "you lost": stop, touch nothing more.</summary>
    public static Task<DeliveryTask?> LockAsync(NpgsqlConnection connection, Guid task, long? step, CancellationToken cancellation) =>
        Sql.Command(connection, "lock", task, Nullable(step, NpgsqlDbType.Bigint)).FirstAsync(Read, cancellation);

    /// <summary>Writes a transition; false if the task is not as it was left any more, and then nothing is written.</summary>
    public static async Task<bool> WriteAsync(NpgsqlConnection connection, DeliveryTask task, string leftState, long leftStep, CancellationToken cancellation) =>
        await Sql.Command(connection, "write", task.Id, leftState, leftStep, task.State, task.Stage, task.Step, task.StageSince, Nullable(task.JobId, NpgsqlDbType.Uuid),
            Nullable(task.LookAt, NpgsqlDbType.TimestampTz), task.Retries, Nullable(task.PausedAt, NpgsqlDbType.TimestampTz), Text(task.PauseReason), Text(task.Reason), Text(task.Note),
            Nullable(task.PullRequest, NpgsqlDbType.Bigint), Text(task.HeadSha), Nullable(task.EndedAt, NpgsqlDbType.TimestampTz), task.NewHeads, task.HeldForJob).ExecuteAsync(cancellation) == 1;

    /// <returns>The line's number, by which <see cref="EventAsync"/> finds it.</returns>
    public static Task<long> RecordAsync(NpgsqlConnection connection, Guid task, TaskEvent happened, CancellationToken cancellation) =>
        Sql.Command(connection, "record", task, happened.At, happened.Step, happened.Stage, happened.What, Text(happened.Detail)).ScalarAsync<long>(cancellation);

    public static Task<TaskEvent?> EventAsync(NpgsqlConnection connection, Guid task, long line, CancellationToken cancellation) =>
        Sql.Command(connection, "event", task, line).FirstAsync(Line, cancellation);

    /// <summary>The task's timeline, oldest first.</summary>
    public static Task<List<TaskEvent>> EventsAsync(NpgsqlConnection connection, Guid task, CancellationToken cancellation) =>
        Sql.Command(connection, "events", task).ListAsync(Line, cancellation);

    /// <summary>Stores an artifact for the task's present step.</summary>
    /// <returns>False if the task has moved on; nothing is stored then.</returns>
    public static async Task<bool> StoreArtifactAsync(NpgsqlConnection connection, Guid task, long step, string name, string content, DateTimeOffset now, CancellationToken cancellation) =>
        await Sql.Command(connection, "store_artifact", task, step, name, content, now).ExecuteAsync(cancellation) == 1;

    /// <returns>False if the task has moved on.</returns>
    public static async Task<bool> StoreHeadAsync(NpgsqlConnection connection, Guid task, long step, string sha, CancellationToken cancellation) =>
        await Sql.Command(connection, "store_head", task, step, sha).ExecuteAsync(cancellation) == 1;

    /// <summary>Stores the pull request of the task's branch, whatever step the task is at.</summary>
    /// <returns>False if it has one, has ended, or has another branch.</returns>
    public static async Task<bool> AdoptPullRequestAsync(NpgsqlConnection connection, DeliveryTask task, long number, CancellationToken cancellation) =>
        await Sql.Command(connection, "adopt_pull_request", task.Id, task.Repository, task.Branch, number).ExecuteAsync(cancellation) == 1;

    /// <summary>Content of one artifact; null if there is none.</summary>
    public static Task<string?> ArtifactAsync(NpgsqlConnection connection, Guid task, string name, CancellationToken cancellation) =>
        Sql.Command(connection, "artifact", task, name).ScalarAsync<string?>(cancellation);

    public static Task<List<TaskArtifact>> ArtifactsAsync(NpgsqlConnection connection, Guid task, CancellationToken cancellation) =>
        Sql.Command(connection, "artifacts", task).ListAsync(
            r => new TaskArtifact(r.GetString(0), r.GetInt64(1), r.GetString(2), r.GetString(3), r.GetFieldValue<DateTimeOffset>(4)), cancellation);

    /// <summary>A page of tasks, newest first.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="before">Only tasks with a smaller <see cref="DeliveryTask.Sequence"/>.</param>
    /// <param name="repository">Only of this repository; null for all.</param>
    /// <param name="state">Only in this state; null for all.</param>
    /// <param name="stage">Only at this stage; null for all.</param>
    /// <param name="limit">Most tasks.</param>
    /// <param name="cancellation">Ends the call.</param>
    public static Task<List<DeliveryTask>> ListAsync(NpgsqlConnection connection, long before, string? repository, string? state, string? stage, int limit, CancellationToken cancellation) =>
        Sql.Command(connection, "list", before, Text(repository), Text(state), Text(stage), limit).ListAsync(Read, cancellation);

    /// <summary>Tasks that may be driven now.</summary>
    public static Task<List<Guid>> DueAsync(NpgsqlConnection connection, DateTimeOffset now, int limit, CancellationToken cancellation) =>
        Sql.Command(connection, "due", now, limit).ListAsync(r => r.GetGuid(0), cancellation);

    /// <summary>Jobs of cancelled tasks that nobody has asked to stop.</summary>
    public static Task<List<Guid>> AbandonedJobsAsync(NpgsqlConnection connection, int limit, CancellationToken cancellation) =>
        Sql.Command(connection, "abandoned_jobs", limit).ListAsync(r => r.GetGuid(0), cancellation);

    /// <summary>Those of the tasks that are known, open or ended.</summary>
    public static Task<List<DeliveryTask>> FindAsync(NpgsqlConnection connection, IReadOnlyList<Guid> tasks, CancellationToken cancellation) =>
        Sql.Command(connection, "named", Array(tasks, task => task, NpgsqlDbType.Uuid)).ListAsync(Read, cancellation);

    public static Task<Guid?> OfJobAsync(NpgsqlConnection connection, Guid job, CancellationToken cancellation) =>
        Sql.Command(connection, "of_job", job).ScalarAsync<Guid?>(cancellation);

    public static Task<Guid?> OfPullRequestAsync(NpgsqlConnection connection, string repository, long number, CancellationToken cancellation) =>
        Sql.Command(connection, "of_pull_request", repository, number).ScalarAsync<Guid?>(cancellation);

    public static Task<Guid?> OfBranchAsync(NpgsqlConnection connection, string repository, string branch, CancellationToken cancellation) =>
        Sql.Command(connection, "of_branch", repository, branch).ScalarAsync<Guid?>(cancellation);

    public static Task<Guid?> OfHeadAsync(NpgsqlConnection connection, string repository, string sha, CancellationToken cancellation) =>
        Sql.Command(connection, "of_head", repository, sha).ScalarAsync<Guid?>(cancellation);

    public static Task<Guid?> OfKeyAsync(NpgsqlConnection connection, string externalKey, CancellationToken cancellation) =>
        Sql.Command(connection, "of_key", externalKey).ScalarAsync<Guid?>(cancellation);

    /// <summary>Those of the keys for which there is a task, open or ended.</summary>
    public static Task<List<string>> WithKeysAsync(NpgsqlConnection connection, IReadOnlyList<string> keys, CancellationToken cancellation) =>
        Sql.Command(connection, "with_keys", Array(keys, key => key, NpgsqlDbType.Text)).ListAsync(r => r.GetString(0), cancellation);

    /// <summary>Remembers where the work item of a task is, or will be.</summary>
    public static Task KnowWorkItemAsync(NpgsqlConnection connection, string externalKey, TaskWorkItem item, CancellationToken cancellation) =>
        Sql.Command(connection, "know_work_item", externalKey, item.Project, item.Item).ExecuteAsync(cancellation);

    /// <summary>Null if the key names no work item that is known.</summary>
    public static Task<TaskWorkItem?> WorkItemAsync(NpgsqlConnection connection, string externalKey, CancellationToken cancellation) =>
        Sql.Command(connection, "work_item", externalKey).FirstAsync(r => new TaskWorkItem(r.GetGuid(0), r.GetGuid(1)), cancellation);

    /// <summary>The work items of tasks that have not ended, the oldest task's first.</summary>
    public static Task<List<TaskWorkItem>> OpenWorkItemsAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        Sql.Command(connection, "open_work_items").ListAsync(r => new TaskWorkItem(r.GetGuid(0), r.GetGuid(1)), cancellation);

    /// <summary>Tasks that wait for their gates and have a pull request, the oldest first.</summary>
    public static Task<List<DeliveryTask>> WaitingPullRequestsAsync(NpgsqlConnection connection, int limit, CancellationToken cancellation) =>
        Sql.Command(connection, "waiting_pull_requests", limit).ListAsync(Read, cancellation);

    /// <summary>Removes ended tasks with all that is theirs; their keys stay taken.</summary>
    /// <returns>How many, at most <paramref name="limit"/>.</returns>
    public static Task<int> RemoveEndedAsync(NpgsqlDataSource database, DateTimeOffset before, int limit, CancellationToken cancellation) =>
        Sql.Command(database, "remove_ended", before, limit).ExecuteAsync(cancellation);

    /// <summary>The repository as it was spelled when it was first heard of; as it is given if it was not.</summary>
    public static async Task<string> SpellingAsync(NpgsqlConnection connection, string repository, CancellationToken cancellation) =>
        await Sql.Command(connection, "spelling", repository).ScalarAsync<string?>(cancellation) ?? repository;

    /// <summary>The same, and from now on it is heard of. Of two that come at the same moment with two spellings one waits, and takes the other's.</summary>
    public static async Task<string> KnowRepositoryAsync(NpgsqlConnection connection, string repository, CancellationToken cancellation)
    {
        if (await Sql.Command(connection, "spelling", repository).ScalarAsync<string?>(cancellation) is { } known)
            return known;
        await Sql.Command(connection, "know_repository", repository).ExecuteAsync(cancellation);
        return await SpellingAsync(connection, repository, cancellation);
    }

    /// <summary>Nothing of the repository is dispatched until it is thawed; <c>*</c> stands for all.</summary>
    public static Task FreezeAsync(NpgsqlConnection connection, string repository, DateTimeOffset now, string? reason, CancellationToken cancellation) =>
        Sql.Command(connection, "freeze", repository, now, Text(reason)).ExecuteAsync(cancellation);

    /// <returns>False if it was not frozen.</returns>
    public static async Task<bool> ThawAsync(NpgsqlConnection connection, string repository, CancellationToken cancellation) =>
        await Sql.Command(connection, "thaw", repository).ExecuteAsync(cancellation) == 1;

    /// <summary>What keeps each of the jobs, if it belongs to a task, from running now; locks the gates of their repositories until the transaction ends.</summary>
    /// <param name="connection">In a transaction.</param>
    /// <param name="jobs">Queued jobs.</param>
    /// <param name="heldKeepGate">Does a held task keep the gate?</param>
    /// <param name="outside">Stages that need no turn.</param>
    /// <param name="cancellation">Ends the call.</param>
    public static async Task<List<GateTurn>> LockGatesAsync(
        NpgsqlConnection connection, IReadOnlyList<Guid> jobs, bool heldKeepGate, IReadOnlyList<string> outside, CancellationToken cancellation)
    {
        await using var batch = Batch(connection,
            Sql.Statement("lock_gates", Array(jobs, job => job, NpgsqlDbType.Uuid)),
            Sql.Statement("gates", Array(jobs, job => job, NpgsqlDbType.Uuid), Value(heldKeepGate), Array(outside, stage => stage, NpgsqlDbType.Text)));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.NextResultAsync(cancellation);
        return await reader.RowsAsync(
            r => new GateTurn(r.GetGuid(0), r.GetGuid(1), r.GetString(2), r.TimeOrNull(3), r.TextOrNull(4), r.TimeOrNull(5), r.TextOrNull(6), r.OrNull<Guid>(7), r.TextOrNull(8), r.TextOrNull(9)), cancellation);
    }

    /// <summary>Open tasks in the order of their gates.</summary>
    public static Task<List<GatePlace>> SerialGateAsync(NpgsqlConnection connection, int limit, CancellationToken cancellation) =>
        Sql.Command(connection, "serial_gate", limit).ListAsync(
            r => new GatePlace(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4), r.TimeOrNull(5), r.TextOrNull(6), r.TextOrNull(7)), cancellation);

    public static Task<List<FrozenRepository>> FrozenAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        Sql.Command(connection, "frozen").ListAsync(r => new FrozenRepository(r.GetString(0), r.GetFieldValue<DateTimeOffset>(1), r.TextOrNull(2)), cancellation);

    private static TaskEvent Line(NpgsqlDataReader r) => new(r.GetFieldValue<DateTimeOffset>(0), r.GetInt64(1), r.GetString(2), r.GetString(3), r.TextOrNull(4));

    private static DeliveryTask Read(NpgsqlDataReader r) => new()
    {
        CorrelationId = r.GetGuid(r.GetOrdinal("id")),
        Sequence = r.GetInt64(r.GetOrdinal("seq")),
        Repository = r.GetString(r.GetOrdinal("repository")),
        Title = r.GetString(r.GetOrdinal("title")),
        ExternalKey = r.TextOrNull(r.GetOrdinal("external_key")),
        Branch = r.GetString(r.GetOrdinal("branch")),
        State = r.GetString(r.GetOrdinal("state")),
        Stage = r.GetString(r.GetOrdinal("stage")),
        Step = r.GetInt64(r.GetOrdinal("step")),
        StageSince = r.GetFieldValue<DateTimeOffset>(r.GetOrdinal("stage_since")),
        JobId = r.OrNull<Guid>(r.GetOrdinal("job_id")),
        LookAt = r.TimeOrNull(r.GetOrdinal("look_at")),
        Retries = r.GetInt32(r.GetOrdinal("retries")),
        MaxRetries = r.GetInt32(r.GetOrdinal("max_retries")),
        NewHeads = r.GetInt32(r.GetOrdinal("new_heads")),
        HeldForJob = r.GetBoolean(r.GetOrdinal("held_for_job")),
        PausedAt = r.TimeOrNull(r.GetOrdinal("paused_at")),
        PauseReason = r.TextOrNull(r.GetOrdinal("pause_reason")),
        Reason = r.TextOrNull(r.GetOrdinal("reason")),
        Note = r.TextOrNull(r.GetOrdinal("note")),
        PullRequest = r.OrNull<long>(r.GetOrdinal("pull_request")),
        HeadSha = r.TextOrNull(r.GetOrdinal("head_sha")),
        CreatedAt = r.GetFieldValue<DateTimeOffset>(r.GetOrdinal("created_at")),
        EndedAt = r.TimeOrNull(r.GetOrdinal("ended_at")),
    };
}

/// <summary>One line of a task's timeline.</summary>
/// <param name="At">When.</param>
/// <param name="Step">At which step.</param>
/// <param name="Stage">Of which stage.</param>
/// <param name="What">Name of the lifecycle's event.</param>
/// <param name="Detail">For people.</param>
public sealed record TaskEvent(DateTimeOffset At, long Step, string Stage, string What, string? Detail);

/// <summary>Where a work item is.</summary>
public sealed record TaskWorkItem(Guid Project, Guid Item);

/// <summary>What a stage left behind.</summary>
public sealed record TaskArtifact(string Name, long Step, string Stage, string Content, DateTimeOffset WrittenAt);

/// <summary>A job's turn at the serial gate of its task's repository.</summary>
/// <param name="Job">The job.</param>
/// <param name="Task">Its task.</param>
/// <param name="Stage">The task's stage.</param>
/// <param name="PausedAt">Since when the task is paused.</param>
/// <param name="PauseReason">Why.</param>
/// <param name="FrozenAt">Since when the repository, or all, are frozen.</param>
/// <param name="FreezeReason">Why.</param>
/// <param name="First">The task whose turn it is; null if it is nobody's.</param>
/// <param name="FirstTitle">Its title.</param>
/// <param name="FirstStage">Its stage.</param>
public sealed record GateTurn(
    Guid Job, Guid Task, string Stage, DateTimeOffset? PausedAt, string? PauseReason, DateTimeOffset? FrozenAt, string? FreezeReason, Guid? First, string? FirstTitle, string? FirstStage);

/// <summary>An open task in the line of its repository.</summary>
public sealed record GatePlace(Guid Task, string Repository, string Title, string State, string Stage, DateTimeOffset? PausedAt, string? PauseReason, string? Reason);

/// <summary>A repository, or * for all, of which nothing is dispatched.</summary>
public sealed record FrozenRepository(string Name, DateTimeOffset FrozenAt, string? Reason);
