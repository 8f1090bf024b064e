using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Migrations;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine.Guards;

/// <summary>What the database refuses, whoever asks: no node is needed for that.</summary>
public sealed class OwnerlessQueueTests : IAsyncLifetime
{
    private NpgsqlDataSource _database = null!;

    public async Task InitializeAsync()
    {
        _database = NpgsqlDataSource.Create(await (await Shared.Environment).CreateDatabaseAsync(Shared.Unique("checks")));
        await Migrator.ApplyAsync(_database);
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [InlineData("run_id = 7")]
    [InlineData("owner_node = gen_random_uuid()")]
    [InlineData("owner_host = 'somewhere'")]
    [InlineData("owner_pid = 4711")]
    [InlineData("owner_process_start = 12345")]
    [InlineData("started_at = now()")]
    [Trait("Requirement", "OWN-1")]
    [Trait("Requirement", "OWN-4")]
    public Task A_queued_job_can_be_given_no_part_of_an_owner_by_hand(string part) =>
        RefusedAsync("ck_job_queued_has_no_owner", "Queued", part);

    [Fact]
    [Trait("Requirement", "OWN-4")]
    public Task A_running_job_cannot_be_queued_by_hand_with_its_owner_left_behind() =>
        RefusedAsync("ck_job_queued_has_no_owner", "Running", "state = 'Queued'");

    [Theory]
    [InlineData("run_id = NULL")]
    [InlineData("owner_node = NULL")]
    [InlineData("owner_host = NULL")]
    [InlineData("started_at = NULL")]
    [InlineData("state = 'Finalizing', run_id = NULL")]
    [Trait("Requirement", "OWN-4")]
    public Task A_running_job_cannot_lose_a_part_of_its_owner(string part) =>
        RefusedAsync("ck_job_running_has_owner", "Running", part);

    [Theory]
    [InlineData("Queued", "state = 'Waiting'", "ck_job_state")]
    [InlineData("Queued", "ended_at = now()", "ck_job_ended_at")]
    [InlineData("Queued", "state = 'Succeeded'", "ck_job_ended_at")]
    [InlineData("Running", "dispatched_at = now()", "ck_job_dispatched_is_queued")]
    [InlineData("Queued", "attempts = max_attempts + 1", "ck_job_attempts")]
    [InlineData("Queued", "payload = '[]'", "ck_job_payload_is_object")]
    [Trait("Requirement", "JOB-3")]
    public Task A_row_that_the_lifecycle_does_not_know_is_refused(string state, string change, string constraint) =>
        RefusedAsync(constraint, state, change);

    [Fact]
    [Trait("Requirement", "JOB-7")]
    public async Task A_second_row_with_the_same_key_in_the_same_lane_is_refused()
    {
        await InsertAsync("Queued", "key");

        var refused = await Assert.ThrowsAsync<PostgresException>(() => InsertAsync("Queued", "key"));

        Assert.Equal("ux_job_dedupe", refused.ConstraintName);
    }

    [Theory]
    [InlineData("Queued", 7L, 0)]
    [InlineData("Running", 8L, 0)]
    [InlineData("Running", null, 0)]
    [InlineData("Finalizing", 7L, 0)]
    [InlineData("Running", 7L, 1)]
    [Trait("Requirement", "JOB-3")]
    [Trait("Requirement", "PROT-6")]
    public async Task A_transition_is_written_only_if_the_row_is_in_the_state_and_run_that_it_left(string leftState, long? leftRun, int written)
    {
        var id = await InsertAsync("Running");
        await using var connection = await _database.OpenConnectionAsync();
        var job = (await JobLedger.GetAsync(connection, id, CancellationToken.None))!;
        (job.State, job.EndedAt, job.DispatchedAt) = ("Succeeded", job.StartedAt, null);

        var won = await JobLedger.WriteAsync(connection, [new Moved(job, leftState, leftRun)], CancellationToken.None);

        Assert.Equal(written, won.Count);
        Assert.Equal(written == 1 ? "Succeeded" : "Running", (await JobLedger.GetAsync(connection, id, CancellationToken.None))!.State);
    }

    [Theory]
    [InlineData(7L, true)]
    [InlineData(6L, false)]
    [InlineData(8L, false)]
    [Trait("Requirement", "PROT-6")]
    public async Task Only_the_run_that_owns_the_job_passes_the_fence(long run, bool passes)
    {
        var id = await InsertAsync("Running");
        await using var connection = await _database.OpenConnectionAsync();

        Assert.Equal(passes, await JobLedger.LockRunAsync(connection, id, run, CancellationToken.None) is not null);
    }

    private async Task RefusedAsync(string constraint, string state, string change)
    {
        var id = await InsertAsync(state);
        await using var command = _database.CreateCommand($"UPDATE orchestrator.job SET {change} WHERE id = $1"); // the hand that the constraint is there for
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });

        var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());

        Assert.Equal(constraint, refused.ConstraintName);
    }

    private async Task<Guid> InsertAsync(string state, string? key = null)
    {
        var id = Guid.NewGuid();
        await using var command = _database.CreateCommand(
            """
            INSERT INTO orchestrator.job (id, lane, state, submitted_at, available_at, due, max_attempts, payload, dedupe_key, run_id, owner_node, owner_host, started_at)
            SELECT $1, 'work', $2, now(), now(), true, 5, '{}', $3, run, node, host, start
            FROM (VALUES ('Queued', NULL::bigint, NULL::uuid, NULL, NULL::timestamptz), ('Running', 7, gen_random_uuid(), 'host', now())) AS v (state, run, node, host, start)
            WHERE v.state = $2
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = state });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)key ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
        return id;
    }
}
