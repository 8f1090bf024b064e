using System.Collections.Concurrent;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Persistence.Outbox;

namespace Orchestrator.Tests.Persistence;

/// <summary>From the scope to the consumer, on the in-memory bus.</summary>
public sealed class OutboxTests(ChoreHostFixture fixture) : IClassFixture<ChoreHostFixture>
{
    private readonly ChoreHost _host = fixture.Host;

    [Fact]
    [Trait("Requirement", "JOB-3")]
    public async Task What_a_scope_publishes_is_delivered_after_SaveChanges_and_not_before()
    {
        var id = NewId.NextGuid();

        await _host.InScopeAsync(async (scope, db) =>
        {
            await scope.GetRequiredService<IPublishEndpoint>().Publish(new ChoreDone(id));
            await EverythingSentSoFarIsConsumedAsync();
            Assert.Equal(0, await EffectsAsync(id));

            await db.SaveChangesAsync();
            return true;
        });

        await Soon.IsAsync(1, () => EffectsAsync(id));
        await Soon.IsAsync(0, () => RowsAsync(id));
    }

    [Fact]
    public async Task What_a_scope_sends_is_delivered_after_SaveChanges()
    {
        var id = NewId.NextGuid();

        await _host.InScopeAsync(async (scope, db) =>
        {
            var endpoint = await scope.GetRequiredService<ISendEndpointProvider>().GetSendEndpoint(new Uri("queue:chore-done"));
            await endpoint.Send(new ChoreDone(id));
            return await db.SaveChangesAsync();
        });

        await Soon.IsAsync(1, () => EffectsAsync(id));
        await Soon.IsAsync(0, () => RowsAsync(id));
    }

    [Fact]
    public async Task A_scope_that_never_saves_publishes_nothing()
    {
        var id = NewId.NextGuid();

        await _host.InScopeAsync(async (scope, _) =>
        {
            await scope.GetRequiredService<IPublishEndpoint>().Publish(new ChoreDone(id));
            return true;
        });
        await EverythingSentSoFarIsConsumedAsync();

        Assert.Equal((0, 0), (await RowsAsync(id), await EffectsAsync(id)));
    }

    [Theory]
    [Trait("Requirement", "JOB-3")]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task What_is_saved_in_a_transaction_is_delivered_if_it_commits(bool commit, int effects)
    {
        var id = NewId.NextGuid();

        await _host.InScopeAsync(async (scope, db) =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            await scope.GetRequiredService<IPublishEndpoint>().Publish(new ChoreDone(id));
            await db.SaveChangesAsync();
            await EverythingSentSoFarIsConsumedAsync();
            Assert.Equal(0, await EffectsAsync(id));
            await (commit ? transaction.CommitAsync() : transaction.RollbackAsync());
            return true;
        });

        await Soon.IsAsync(effects, () => EffectsAsync(id));
        await EverythingSentSoFarIsConsumedAsync();
        Assert.Equal(effects, await EffectsAsync(id));
    }

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public async Task The_messages_of_a_transaction_that_was_only_disposed_do_not_go_out_with_the_next_one()
    {
        var (dropped, kept) = (NewId.NextGuid(), NewId.NextGuid());

        await _host.InScopeAsync(async (scope, db) =>
        {
            var publish = scope.GetRequiredService<IPublishEndpoint>();
            await db.Database.OpenConnectionAsync(); // one connection, where the driver uses its transaction object again
            await using (await db.Database.BeginTransactionAsync())
            {
                await publish.Publish(new ChoreDone(dropped));
                await publish.Publish(new ChoreDone(dropped));
                await db.SaveChangesAsync();
            }
            await using (var empty = await db.Database.BeginTransactionAsync())
                await empty.CommitAsync();
            await using var third = await db.Database.BeginTransactionAsync();
            await publish.Publish(new ChoreDone(kept));
            await db.SaveChangesAsync();
            await publish.Publish(new ChoreDone(kept));
            await db.SaveChangesAsync();
            await third.CommitAsync();
            return true;
        });

        await Soon.IsAsync(2, () => EffectsAsync(kept));
        await EverythingSentSoFarIsConsumedAsync();
        Assert.Equal(0, await EffectsAsync(dropped));
    }

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public async Task A_second_delivery_of_a_message_has_no_effect_and_counts_as_delivered()
    {
        var id = NewId.NextGuid();
        var messageId = NewId.NextGuid();
        var receives = new Receives(messageId);
        using var connected = _host.Services.GetRequiredService<IBusControl>().ConnectReceiveObserver(receives);

        for (var delivery = 0; delivery < 3; delivery++)
            await _host.Services.GetRequiredService<IBus>().Publish(new ChoreDone(id), context => context.MessageId = messageId);
        await Soon.IsAsync(3, () => Task.FromResult(receives.Delivered.Count));

        Assert.Equal(1, await EffectsAsync(id));
        Assert.All(receives.Delivered, Assert.True); // a message that nobody delivers is moved to _skipped
    }

    [Fact]
    public async Task A_message_that_nobody_listens_to_leaves_the_table()
    {
        var id = NewId.NextGuid();

        await _host.InScopeAsync(async (scope, db) =>
        {
            await scope.GetRequiredService<IPublishEndpoint>().Publish(new NobodyListens(id));
            return await db.SaveChangesAsync();
        });

        await Soon.IsAsync(0, () => RowsAsync(id));
    }

    [Fact]
    public async Task A_message_to_a_queue_that_is_not_there_leaves_the_table_although_others_consume_its_type()
    {
        var id = NewId.NextGuid();

        await _host.InScopeAsync(async (scope, db) =>
        {
            var endpoint = await scope.GetRequiredService<ISendEndpointProvider>().GetSendEndpoint(new Uri("queue:nowhere"));
            await endpoint.Send(new ChoreDone(id));
            return await db.SaveChangesAsync();
        });

        await Soon.IsAsync(0, () => RowsAsync(id));
        Assert.Equal(0, await EffectsAsync(id));
    }

    [Fact]
    public async Task A_delay_is_kept_and_the_message_comes_after_it()
    {
        var id = NewId.NextGuid();
        var row = await _host.InScopeAsync(async (scope, db) =>
        {
            await scope.GetRequiredService<IPublishEndpoint>().Publish(new ChoreDone(id), context => context.Delay = TimeSpan.FromHours(1));
            var row = db.ChangeTracker.Entries<OutboxRow>().Single().Entity;
            await db.SaveChangesAsync();
            return row;
        });

        Assert.Equal((TimeSpan.FromHours(1), null), (row.DueAt - row.CreatedAt, row.Properties)); // the transport must not wait again
        await EverythingSentSoFarIsConsumedAsync();
        Assert.Equal((1, 0), (await RowsAsync(id), await EffectsAsync(id)));

        // The hour is over.
        await _host.ScalarAsync<Guid>($"UPDATE orchestrator.outbox SET created_at = created_at - interval '1 hour', due_at = due_at - interval '1 hour' WHERE message_id = '{row.MessageId}' RETURNING message_id");
        await Soon.IsAsync(1, () => EffectsAsync(id));
        await Soon.IsAsync(0, () => RowsAsync(id));
    }

    [Fact]
    public async Task An_expired_message_is_dropped()
    {
        var id = NewId.NextGuid();

        await _host.InScopeAsync(async (scope, db) =>
        {
            await scope.GetRequiredService<IPublishEndpoint>().Publish(new ChoreDone(id), context =>
            {
                context.Delay = TimeSpan.FromSeconds(1);
                context.TimeToLive = TimeSpan.FromSeconds(0.1);
            });
            return await db.SaveChangesAsync();
        });

        await Soon.IsAsync(0, () => RowsAsync(id));
        await EverythingSentSoFarIsConsumedAsync();
        Assert.Equal(0, await EffectsAsync(id));
    }

    [Fact]
    public async Task Headers_and_correlation_survive_the_table()
    {
        var id = NewId.NextGuid();
        var conversation = NewId.NextGuid();

        await _host.InScopeAsync(async (scope, db) =>
        {
            await scope.GetRequiredService<IPublishEndpoint>().Publish(new ChoreDone(id), context =>
            {
                context.CorrelationId = id;
                context.ConversationId = conversation;
                context.Headers.Set("colour", "blue");
                context.Headers.Set("count", 3);
            });
            return await db.SaveChangesAsync();
        });

        await Soon.IsAsync(1, () => EffectsAsync(id));
        var headers = _host.Services.GetRequiredService<Arrivals>().Of[id];
        Assert.Equal((id, conversation, "blue", 3), (headers.CorrelationId, headers.ConversationId, headers.Colour, headers.Count));
    }

    private Task<int> EffectsAsync(Guid id) => _host.InScopeAsync((_, db) => db.Effects.CountAsync(effect => effect.ChoreId == id));

    private async Task<int> RowsAsync(Guid id) => (int)await _host.ScalarAsync<long>($"SELECT count(*) FROM orchestrator.outbox WHERE body LIKE '%{id}%'");

    /// <summary>The in-memory bus and the sender keep the order, so what was let through before this is consumed before it.</summary>
    private async Task EverythingSentSoFarIsConsumedAsync()
    {
        var fence = NewId.NextGuid();
        await _host.InScopeAsync(async (scope, db) =>
        {
            await scope.GetRequiredService<IPublishEndpoint>().Publish(new ChoreDone(fence));
            return await db.SaveChangesAsync();
        });
        await Soon.IsAsync(1, () => EffectsAsync(fence));
    }

    private sealed class Receives(Guid messageId) : IReceiveObserver
    {
        public ConcurrentBag<bool> Delivered { get; } = [];

        public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

        public Task PostReceive(ReceiveContext context)
        {
            if (context.GetMessageId() == messageId)
                Delivered.Add(context.IsDelivered);
            return Task.CompletedTask;
        }

        public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
            where T : class => Task.CompletedTask;

        public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
            where T : class => Task.CompletedTask;

        public Task ReceiveFault(ReceiveContext context, Exception exception) => Task.CompletedTask;
    }
}

public sealed record NobodyListens(Guid ChoreId);
