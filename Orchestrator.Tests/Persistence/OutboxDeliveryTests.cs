using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orchestrator.Persistence.Outbox;

namespace Orchestrator.Tests.Persistence;

/// <summary>What happens when the ordinary way from the commit to the bus is cut.</summary>
public sealed class OutboxDeliveryTests
{
    [Fact]
    [Trait("Requirement", "PROT-6")]
    public async Task The_rows_of_a_dead_process_are_adopted_and_those_of_a_living_one_are_not()
    {
        var connectionString = await ChoreDb.CreateDatabaseAsync();
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using var living = await database.OpenConnectionAsync();
        const long Living = 17, Dead = 18;
        await ExecuteAsync(living, $"SELECT pg_advisory_lock({Living})");
        var (hers, orphan) = (NewId.NextGuid(), NewId.NextGuid());
        await AppendAsync(database, Row(hers, Living));
        await AppendAsync(database, Row(orphan, Dead));

        await using var host = await StartAsync(connectionString);
        await Soon.IsAsync(1, () => EffectsAsync(host, orphan));
        Assert.Equal(Living, await host.ScalarAsync<long>("SELECT owner_id FROM orchestrator.outbox"));

        await ExecuteAsync(living, $"SELECT pg_advisory_unlock({Living})");
        await Soon.IsAsync(1, () => EffectsAsync(host, hers));
        await Soon.IsAsync(0L, () => host.ScalarAsync<long>("SELECT count(*) FROM orchestrator.outbox"));
        Assert.Equal(1, await EffectsAsync(host, orphan));
    }

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public async Task A_committed_row_that_was_never_handed_over_is_found_by_the_sweep()
    {
        await using var host = await StartAsync();
        var id = NewId.NextGuid();
        var outbox = host.Outbox.Collect();
        var chore = new Chore { CorrelationId = id, State = "Running" };
        await host.Door.Raise(chore, new ChoreFinished(id), outbox);

        await AppendAsync(host.Database, outbox.Rows[0]); // and no HandOver

        await Soon.IsAsync(1, () => EffectsAsync(host, id));
        await Soon.IsAsync(0L, () => host.ScalarAsync<long>("SELECT count(*) FROM orchestrator.outbox"));
    }

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public async Task A_row_that_can_not_be_sent_is_tried_again_and_in_the_end_put_aside_with_the_reason()
    {
        await using var host = await StartAsync();
        var row = Row(NewId.NextGuid(), owner: 1);
        row.Destination = "nowhere://localhost/queue";

        await AppendAsync(host.Database, row);

        await Soon.IsAsync(1L, () => host.ScalarAsync<long>("SELECT count(*) FROM orchestrator.outbox_dead WHERE attempts = 3"));
        Assert.StartsWith("not sent to nowhere://localhost/queue after 3 further attempts: ", await host.ScalarAsync<string>("SELECT reason FROM orchestrator.outbox_dead"), StringComparison.Ordinal);
        Assert.Equal(0L, await host.ScalarAsync<long>("SELECT count(*) FROM orchestrator.outbox"));
    }

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public async Task A_row_that_was_taken_up_too_often_is_put_aside_and_not_sent()
    {
        var connectionString = await ChoreDb.CreateDatabaseAsync();
        await using var database = NpgsqlDataSource.Create(connectionString);
        var row = Row(NewId.NextGuid(), owner: 1);
        row.Attempts = 3;
        await AppendAsync(database, row);

        await using var host = await StartAsync(connectionString);

        await Soon.IsAsync(1L, () => host.ScalarAsync<long>("SELECT count(*) FROM orchestrator.outbox_dead WHERE attempts = 4"));
        Assert.Equal(0, await EffectsAsync(host, row.MessageId));
    }

    [Fact]
    public async Task An_adopted_row_that_has_expired_is_dropped()
    {
        var connectionString = await ChoreDb.CreateDatabaseAsync();
        await using var database = NpgsqlDataSource.Create(connectionString);
        var (expired, lasting) = (Row(NewId.NextGuid(), owner: 1), Row(NewId.NextGuid(), owner: 1));
        expired.ExpirationTime = expired.CreatedAt.AddMinutes(1);
        await AppendAsync(database, expired);
        await AppendAsync(database, lasting);

        await using var host = await StartAsync(connectionString);
        await Soon.IsAsync(1, () => EffectsAsync(host, lasting.MessageId));
        await Soon.IsAsync(0L, () => host.ScalarAsync<long>("SELECT count(*) FROM orchestrator.outbox"));

        Assert.Equal(0, await EffectsAsync(host, expired.MessageId));
        Assert.Equal(0L, await host.ScalarAsync<long>("SELECT count(*) FROM orchestrator.outbox_dead"));
    }

    [Fact]
    public async Task The_sweep_survives_the_loss_of_its_connection_and_takes_its_lock_again()
    {
        await using var host = await StartAsync();
        await Soon.IsAsync(1L, () => LocksAsync(host));

        await host.ScalarAsync<long>("SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
        var orphan = NewId.NextGuid();
        await AppendAsync(host.Database, Row(orphan, owner: 18));

        await Soon.IsAsync(1, () => EffectsAsync(host, orphan));
        await Soon.IsAsync(1L, () => LocksAsync(host));
    }

    [Fact]
    public async Task A_process_that_stops_leaves_no_lock_on_its_pooled_connection()
    {
        var host = await StartAsync();
        await Soon.IsAsync(1L, () => LocksAsync(host));
        await using var observer = NpgsqlDataSource.Create(host.ConnectionString);

        await host.DisposeAsync();

        await using var command = observer.CreateCommand("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
        Assert.Equal(0L, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task On_a_bus_that_keeps_messages_rows_go_when_they_are_sent()
    {
        await using var host = await StartAsync(outbox: options => options.Acknowledge = OutboxAcknowledgement.OnSend);
        var ids = Enumerable.Range(0, 300).Select(_ => NewId.NextGuid()).ToList();

        await host.InScopeAsync(async (scope, db) =>
        {
            foreach (var id in ids)
                await scope.GetRequiredService<IPublishEndpoint>().Publish(new ChoreDone(id));
            return await db.SaveChangesAsync();
        });

        await Soon.IsAsync(0L, () => host.ScalarAsync<long>("SELECT count(*) FROM orchestrator.outbox"));
        await Soon.IsAsync(300, () => host.InScopeAsync((_, db) => db.Effects.Select(effect => effect.ChoreId).Distinct().CountAsync()));
    }

    [Fact]
    public async Task The_inbox_forgets_what_is_old_in_chunks_and_keeps_the_rest()
    {
        await using var database = NpgsqlDataSource.Create(await ChoreDb.CreateDatabaseAsync());
        await using (var insert = database.CreateCommand(
            """
            INSERT INTO orchestrator.inbox (message_id, consumer_id, received_at)
            SELECT gen_random_uuid(), gen_random_uuid(), now() - CASE WHEN n <= 25 THEN interval '31 days' ELSE interval '29 days' END FROM generate_series(1, 40) n
            """))
            await insert.ExecuteNonQueryAsync();

        var purged = await Inbox.PurgeAsync(database, TimeSpan.FromDays(30), chunk: 10);

        Assert.Equal(25, purged);
        await using var left = database.CreateCommand("SELECT count(*) FROM orchestrator.inbox");
        Assert.Equal(15L, await left.ExecuteScalarAsync());
    }

    private static Task<ChoreHost> StartAsync(string? connectionString = null, Action<OutboxOptions>? outbox = null) =>
        ChoreHost.StartAsync(
            connectionString,
            bus: x => x.AddConsumer<ChoreDoneConsumer>(),
            outbox: options =>
            {
                options.SweepInterval = TimeSpan.FromSeconds(0.1);
                options.ForgottenAfter = TimeSpan.FromSeconds(1);
                options.RetryDelay = TimeSpan.FromSeconds(0.1);
                options.MaxAttempts = 3;
                outbox?.Invoke(options);
            });

    /// <summary>A published <see cref="ChoreDone"/> about its own message id, made an hour ago.</summary>
    private static OutboxRow Row(Guid id, long owner) => new()
    {
        MessageId = id,
        OwnerId = owner,
        CreatedAt = TimeProvider.System.GetUtcNow().AddHours(-1),
        DueAt = TimeProvider.System.GetUtcNow().AddHours(-1),
        Destination = $"loopback://localhost/{MessageUrn.ForTypeString<ChoreDone>()}",
        ContentType = "application/vnd.masstransit+json",
        MessageType = MessageUrn.ForTypeString<ChoreDone>(),
        Body = $$$"""{"messageId":"{{{id}}}","messageType":["{{{MessageUrn.ForTypeString<ChoreDone>()}}}"],"message":{"choreId":"{{{id}}}"}}""",
        SentTime = TimeProvider.System.GetUtcNow().AddHours(-1),
    };

    private static async Task AppendAsync(NpgsqlDataSource database, OutboxRow row)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await OutboxWriter.AppendAsync(transaction, [row]);
        await transaction.CommitAsync();
    }

    private static Task<int> EffectsAsync(ChoreHost host, Guid id) => host.InScopeAsync((_, db) => db.Effects.CountAsync(effect => effect.ChoreId == id));

    private static Task<long> LocksAsync(ChoreHost host) =>
        host.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
