using MassTransit;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Persistence.Sagas;

namespace Orchestrator.Tests.Persistence;

public sealed class SagaRepositoryTests(ChoreHostFixture fixture) : IClassFixture<ChoreHostFixture>
{
    private readonly ChoreHost _host = fixture.Host;

    [Fact]
    [Trait("Requirement", "JOB-1")]
    public async Task Of_64_concurrent_inserts_of_one_id_one_makes_the_row_and_none_fails()
    {
        var id = NewId.NextGuid();

        var raised = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => _host.Door.RaiseAsync(new ChoreRequested(id))));

        Assert.All(raised, one => Assert.Equal((RaiseOutcome.Accepted, "Queued"), (one.Outcome, one.Saga!.State)));
        Assert.Equal(1L, await _host.ScalarAsync<long>($"SELECT count(*) FROM chores WHERE id = '{id}'"));
    }

    [Fact]
    [Trait("Requirement", "JOB-3")]
    public async Task A_step_that_throws_leaves_the_row_and_the_outbox_as_they_were()
    {
        var id = await QueuedAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => _host.Door.RaiseAsync(new ChoreBroken(id)));

        Assert.Equal(("Queued", 0), await StateAsync(id));
        Assert.Equal(0L, await _host.ScalarAsync<long>($"SELECT count(*) FROM orchestrator.outbox WHERE body LIKE '%{id}%'"));
    }

    [Fact]
    [Trait("Requirement", "JOB-3")]
    public async Task A_step_that_throws_leaves_nothing_for_a_later_save_of_the_same_scope_to_write()
    {
        var id = await QueuedAsync();

        await _host.InScopeAsync(async (scope, db) =>
        {
            await Assert.ThrowsAnyAsync<Exception>(() => _host.Door.RaiseAsync(scope, new ChoreBroken(id)));
            await scope.GetRequiredService<IPublishEndpoint>().Publish(new NobodyListens(id));
            return await db.SaveChangesAsync();
        });

        Assert.Equal(("Queued", 0), await StateAsync(id));
        Assert.Equal(0, await _host.InScopeAsync((_, db) => db.Effects.CountAsync(effect => effect.ChoreId == id)));
        Assert.Equal(0L, await _host.ScalarAsync<long>($"SELECT count(*) FROM orchestrator.outbox WHERE body LIKE '%{id}%' AND message_type LIKE '%ChoreDone%'"));
    }

    [Fact]
    [Trait("Requirement", "JOB-3")]
    public async Task An_instance_that_was_read_before_the_lock_is_read_again_under_it()
    {
        var id = await QueuedAsync();

        var second = await _host.InScopeAsync(async (scope, db) =>
        {
            await db.Chores.SingleAsync(chore => chore.CorrelationId == id); // tracked, and Queued
            await _host.Door.RaiseAsync(new ChoreClaimed(id, RunId: 1));     // somebody else claims it
            return await _host.Door.RaiseAsync(scope, new ChoreClaimed(id, RunId: 2));
        });

        Assert.Equal("Running", second.Saga!.State);
        Assert.Equal(1, (await _host.ReadAsync(id))!.RunId);
        Assert.Equal(("Running", 1), await StateAsync(id));
    }

    [Fact]
    public async Task Two_events_in_one_transaction_of_the_caller_build_on_each_other()
    {
        var id = await QueuedAsync();

        await _host.InScopeAsync(async (scope, db) =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            await _host.Door.RaiseAsync(scope, new ChoreClaimed(id, RunId: 1));
            await _host.Door.RaiseAsync(scope, new ChoreDropped(id));
            await _host.Door.RaiseAsync(scope, new ChoreClaimed(id, RunId: 2));
            Assert.Equal(("Queued", 0), await StateAsync(id));
            await transaction.CommitAsync();
            return true;
        });

        Assert.Equal(("Running", 2), await StateAsync(id));
    }

    [Fact]
    public async Task A_transaction_of_the_caller_that_is_rolled_back_takes_the_event_with_it()
    {
        var id = await QueuedAsync();

        await _host.InScopeAsync(async (scope, db) =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            Assert.Equal(RaiseOutcome.Accepted, (await _host.Door.RaiseAsync(scope, new ChoreClaimed(id, RunId: 1))).Outcome);
            await transaction.RollbackAsync();
            return true;
        });

        Assert.Equal(("Queued", 0), await StateAsync(id));
    }

    [Fact]
    [Trait("Requirement", "JOB-3")]
    public async Task Of_concurrent_claims_one_wins_and_the_others_come_late()
    {
        var id = await QueuedAsync();

        var claims = await Task.WhenAll(Enumerable.Range(1, 16).Select(run => _host.Door.RaiseAsync(new ChoreClaimed(id, run))));

        Assert.All(claims, claim => Assert.Equal(RaiseOutcome.Accepted, claim.Outcome));
        Assert.Single(claims.Select(claim => claim.Saga!.RunId).Distinct());
        Assert.Equal(("Running", 1), await StateAsync(id));
    }

    [Fact]
    [Trait("Requirement", "JOB-3")]
    public async Task A_claim_waits_for_the_row_and_decides_on_what_it_then_finds()
    {
        var id = await QueuedAsync();
        await using var other = await _host.Database.OpenConnectionAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using var claim = new Npgsql.NpgsqlCommand("UPDATE chores SET state = 'Running', run_id = 99, started_at = now(), attempts = 1 WHERE id = $1", other, transaction);
        claim.Parameters.Add(new Npgsql.NpgsqlParameter<Guid> { TypedValue = id });
        await claim.ExecuteNonQueryAsync();

        var late = _host.Door.RaiseAsync(new ChoreClaimed(id, RunId: 1));
        await SomebodyWaitsForALockAsync();
        await transaction.CommitAsync();

        Assert.Equal(99, (await late).Saga!.RunId);
        Assert.Equal(99, (await _host.ReadAsync(id))!.RunId);
    }

    [Fact]
    [Trait("Requirement", "JOB-3")]
    public async Task An_event_that_the_state_does_not_name_is_an_answer_and_changes_nothing()
    {
        var id = await QueuedAsync();

        var raised = await _host.Door.RaiseAsync(new ChoreDropped(id));

        Assert.Equal(RaiseOutcome.NotAccepted, raised.Outcome);
        Assert.Equal(("Queued", 0), await StateAsync(id));
    }

    [Fact]
    public async Task An_event_without_an_instance_says_so()
    {
        Assert.Equal(RaiseOutcome.NoInstance, (await _host.Door.RaiseAsync(new ChoreFinished(NewId.NextGuid()))).Outcome);
    }

    [Fact]
    public async Task A_read_only_event_leaves_no_change_for_a_later_save_to_write()
    {
        var id = await QueuedAsync();

        await _host.InScopeAsync(async (scope, db) =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            var looked = await _host.Door.RaiseAsync(scope, new ChoreLookedAt(id));
            Assert.Equal((RaiseOutcome.Accepted, 0), (looked.Outcome, looked.Saga!.Attempts));
            await db.SaveChangesAsync();
            await transaction.CommitAsync();
            return true;
        });

        Assert.Equal(("Queued", 0), await StateAsync(id));
    }

    [Fact]
    public async Task A_query_event_meets_every_instance_that_still_matches_under_its_lock()
    {
        var ids = new List<Guid>();
        for (var run = 1001; run <= 1020; run++)
        {
            var id = await QueuedAsync();
            await _host.Door.RaiseAsync(new ChoreClaimed(id, run));
            ids.Add(id);
        }

        await _host.Door.RaiseAsync(new EverythingDropped(FromRunId: 1006));

        Assert.Equal(5, await CountAsync("Running"));
        Assert.Equal(15, await CountAsync("Queued"));

        Task<int> CountAsync(string state) =>
            _host.InScopeAsync((_, db) => db.Chores.CountAsync(chore => ids.Contains(chore.CorrelationId) && chore.State == state));
    }

    [Fact]
    public async Task A_query_event_passes_over_a_row_that_left_the_filter_while_it_waited_for_the_lock()
    {
        var id = await QueuedAsync();
        await _host.Door.RaiseAsync(new ChoreClaimed(id, RunId: 2001));
        await using var holder = await _host.Database.OpenConnectionAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await using var finish = new Npgsql.NpgsqlCommand("UPDATE chores SET state = 'Done' WHERE id = $1", holder, transaction);
        finish.Parameters.Add(new Npgsql.NpgsqlParameter<Guid> { TypedValue = id });
        await finish.ExecuteNonQueryAsync();

        var dropped = _host.Door.RaiseAsync(new EverythingDropped(FromRunId: 2001));
        await SomebodyWaitsForALockAsync();
        await transaction.CommitAsync();

        Assert.Equal(RaiseOutcome.NoInstance, (await dropped).Outcome);

        Assert.Equal("Done", (await _host.ReadAsync(id))!.State);
    }

    [Fact]
    public async Task Users_can_load_and_query_instances_through_the_repository_interfaces()
    {
        var id = await QueuedAsync();
        await QueuedAsync();
        await _host.Door.RaiseAsync(new ChoreClaimed(id, RunId: 777));

        var (loaded, missing, found) = await _host.InScopeAsync(async (scope, _) =>
        {
            var load = scope.GetRequiredService<ILoadSagaRepository<Chore>>();
            var query = scope.GetRequiredService<IQuerySagaRepository<Chore>>();
            return (await load.Load(id), await load.Load(NewId.NextGuid()), await query.Find(new SagaQuery<Chore>(chore => chore.RunId == 777)));
        });

        Assert.Equal(777, loaded.RunId);
        Assert.Null(missing);
        Assert.Equal([id], found);
    }

    [Fact]
    [Trait("Requirement", "JOB-3")]
    public async Task The_table_refuses_what_the_machine_would_never_write()
    {
        var id = await QueuedAsync();

        var error = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => _host.ScalarAsync<int>($"UPDATE chores SET run_id = 1 WHERE id = '{id}' RETURNING 1"));

        Assert.Equal("23514", error.SqlState);
    }

    private Task SomebodyWaitsForALockAsync() =>
        Soon.IsAsync(true, () => _host.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"));

    private async Task<Guid> QueuedAsync()
    {
        var id = NewId.NextGuid();
        await _host.Door.RaiseAsync(new ChoreRequested(id));
        return id;
    }

    private async Task<(string State, int Attempts)> StateAsync(Guid id)
    {
        var chore = await _host.ReadAsync(id);
        return (chore!.State, chore.Attempts);
    }
}
