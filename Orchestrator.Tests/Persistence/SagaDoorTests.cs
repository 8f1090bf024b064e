using System.Diagnostics;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Persistence.Outbox;
using Orchestrator.Persistence.Sagas;
using Xunit.Abstractions;

namespace Orchestrator.Tests.Persistence;

public sealed class SagaDoorTests(ChoreHostFixture fixture, ITestOutputHelper output) : IClassFixture<ChoreHostFixture>
{
    private readonly ChoreHost _host = fixture.Host;

    [Fact]
    [Trait("Requirement", "JOB-3")]
    public async Task An_event_in_memory_moves_the_instance_and_collects_what_the_machine_publishes()
    {
        var chore = Running();
        var outbox = _host.Outbox.Collect();

        var transition = await _host.Door.Raise(chore, new ChoreFinished(chore.CorrelationId), outbox);

        Assert.Equal(new Transition(RaiseOutcome.Accepted, "Running", "Done"), transition);
        Assert.Equal("Done", chore.State);
        var row = Assert.Single(outbox.Rows);
        Assert.Contains("ChoreDone", row.MessageType, StringComparison.Ordinal);
        Assert.Contains(chore.CorrelationId.ToString(), row.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_machine_does_on_entering_a_state_happens_in_memory_too()
    {
        var chore = Running();

        await _host.Door.Raise(chore, new ChoreDropped(chore.CorrelationId), _host.Outbox.Collect());

        Assert.Equal(("Queued", null, null), (chore.State, chore.RunId, chore.StartedAt));
    }

    [Fact]
    [Trait("Requirement", "JOB-3")]
    public async Task An_event_that_the_state_does_not_name_is_an_answer_and_changes_nothing()
    {
        var chore = Running();
        var outbox = _host.Outbox.Collect();

        var transition = await _host.Door.Raise(chore, new ChoreBroken(chore.CorrelationId), outbox);

        Assert.Equal(new Transition(RaiseOutcome.NotAccepted, "Running", "Running"), transition);
        Assert.Equal(1, chore.Attempts);
        Assert.Empty(outbox.Rows);
    }

    [Fact]
    public async Task A_late_event_is_accepted_and_moves_nothing()
    {
        var chore = Running();

        var transition = await _host.Door.Raise(chore, new ChoreClaimed(chore.CorrelationId, RunId: 2), _host.Outbox.Collect());

        Assert.Equal(new Transition(RaiseOutcome.Accepted, "Running", "Running"), transition);
        Assert.Equal(1, chore.RunId);
    }

    [Fact]
    public async Task The_messages_of_an_event_that_fails_half_way_are_not_collected()
    {
        var chore = new Chore { CorrelationId = NewId.NextGuid(), State = "Queued" };
        var outbox = _host.Outbox.Collect();
        var finished = Running();
        await _host.Door.Raise(finished, new ChoreFinished(finished.CorrelationId), outbox);

        var error = await Assert.ThrowsAsync<EventExecutionException>(async () => await _host.Door.Raise(chore, new ChoreBroken(chore.CorrelationId), outbox));

        Assert.IsType<InvalidDataException>(error.GetBaseException());
        Assert.Contains(finished.CorrelationId.ToString(), Assert.Single(outbox.Rows).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_the_machine_does_not_know_is_refused_by_name()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () => await _host.Door.Raise(Running(), new ChoreDone(Guid.Empty), _host.Outbox.Collect()));

        Assert.Equal("ChoreMachine has 0 events for ChoreDone; the door needs exactly one. Declare it, or raise another message.", error.Message);
    }

    [Fact]
    [Trait("Requirement", "JOB-3")]
    public async Task A_batch_of_rows_locked_by_SQL_goes_through_the_machine_and_back_with_its_messages()
    {
        var ids = new Guid[50];
        for (var index = 0; index < ids.Length; index++)
        {
            ids[index] = NewId.NextGuid();
            await _host.Door.RaiseAsync(new ChoreRequested(ids[index]));
        }

        await using var connection = await _host.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var chores = await LockAsync(connection, ids);
        var outbox = _host.Outbox.Collect();
        foreach (var chore in chores)
        {
            await _host.Door.Raise(chore, new ChoreClaimed(chore.CorrelationId, RunId: 1), outbox);
            await _host.Door.Raise(chore, new ChoreFinished(chore.CorrelationId), outbox);
        }
        await WriteAsync(connection, chores);
        await OutboxWriter.AppendAsync(transaction, outbox.Rows);
        await transaction.CommitAsync();
        _host.Outbox.HandOver(outbox.Rows);

        Assert.Equal(50, outbox.Rows.Count);
        Assert.Equal(50, await _host.InScopeAsync((_, db) => db.Chores.CountAsync(chore => ids.Contains(chore.CorrelationId) && chore.State == "Done")));
        await Soon.IsAsync(50, () => _host.InScopeAsync((_, db) => db.Effects.CountAsync(effect => ids.Contains(effect.ChoreId))));
        await Soon.IsAsync(0L, () => _host.ScalarAsync<long>("SELECT count(*) FROM orchestrator.outbox"));
    }

    [Fact]
    public async Task The_cost_of_a_transition_in_memory_is_printed()
    {
        const int Pairs = 20_000;
        var chore = new Chore { CorrelationId = NewId.NextGuid(), State = "Queued" };
        var outbox = _host.Outbox.Collect();
        var elapsed = TimeSpan.Zero;
        var allocated = 0L;
        for (var round = 0; round < 2; round++) // the first one warms up
        {
            var bytes = GC.GetAllocatedBytesForCurrentThread();
            var started = Stopwatch.GetTimestamp();
            for (var pair = 0; pair < Pairs; pair++)
            {
                await _host.Door.Raise(chore, new ChoreClaimed(chore.CorrelationId, pair), outbox);
                await _host.Door.Raise(chore, new ChoreDropped(chore.CorrelationId), outbox);
            }
            elapsed = Stopwatch.GetElapsedTime(started);
            allocated = GC.GetAllocatedBytesForCurrentThread() - bytes;
        }

        output.WriteLine($"{elapsed.TotalMicroseconds / Pairs / 2:F2} us and {allocated / Pairs / 2} bytes a transition");
        Assert.Equal(2 * Pairs, chore.Attempts);
        Assert.Empty(outbox.Rows);
    }

    private static Chore Running() => new()
    {
        CorrelationId = NewId.NextGuid(), State = "Running", RunId = 1, StartedAt = DateTimeOffset.UnixEpoch, Attempts = 1,
    };

    private static async Task<List<Chore>> LockAsync(Npgsql.NpgsqlConnection connection, Guid[] ids)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT id, state FROM chores WHERE id = ANY ($1) ORDER BY id FOR UPDATE";
        command.Parameters.Add(new Npgsql.NpgsqlParameter<Guid[]> { TypedValue = ids });
        await using var reader = await command.ExecuteReaderAsync();
        var chores = new List<Chore>();
        while (await reader.ReadAsync())
            chores.Add(new Chore { CorrelationId = reader.GetGuid(0), State = reader.GetString(1) });
        return chores;
    }

    private static async Task WriteAsync(Npgsql.NpgsqlConnection connection, List<Chore> chores)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "UPDATE chores SET state = new.state, run_id = 1, started_at = now() FROM unnest($1, $2) AS new (id, state) WHERE chores.id = new.id";
        command.Parameters.Add(new Npgsql.NpgsqlParameter<Guid[]> { TypedValue = [.. chores.Select(chore => chore.CorrelationId)] });
        command.Parameters.Add(new Npgsql.NpgsqlParameter<string[]> { TypedValue = [.. chores.Select(chore => chore.State)] });
        await command.ExecuteNonQueryAsync();
    }
}
