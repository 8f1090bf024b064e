using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Persistence.Sagas;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Persistence;

/// <summary>Saga, inbox and outbox together, over the bus.</summary>
public sealed class ChoreFlowTests
{
    [Fact]
    [Trait("Requirement", "JOB-3")]
    [Trait("Requirement", "PROT-6")]
    public async Task A_thousand_chores_whose_messages_all_come_twice_are_done_once_each()
    {
        const int Chores = 1000;
        await using var host = await ChoreHost.StartAsync(bus: x => x.AddConsumer<ChoreDoneConsumer>());
        var bus = host.Services.GetRequiredService<IBus>();
        var ids = Enumerable.Range(0, Chores).Select(_ => NewId.NextGuid()).ToArray();

        // Three submissions, two of them the same message; two claims that are the same message with another run; two finishes.
        await EachAsync(async id =>
        {
            var messageId = NewId.NextGuid();
            await bus.Publish(new ChoreRequested(id), context => context.MessageId = messageId);
            await bus.Publish(new ChoreRequested(id), context => context.MessageId = messageId);
            await bus.Publish(new ChoreRequested(id));
        });
        await Soon.IsAsync(Chores, () => CountAsync(host, "Queued"));
        await EachAsync(async id =>
        {
            var messageId = NewId.NextGuid();
            await bus.Publish(new ChoreClaimed(id, RunId: 1), context => context.MessageId = messageId);
            await bus.Publish(new ChoreClaimed(id, RunId: 2), context => context.MessageId = messageId);
        });
        await Soon.IsAsync(Chores, () => CountAsync(host, "Running"));
        await EachAsync(async id =>
        {
            await bus.Publish(new ChoreFinished(id));
            await bus.Publish(new ChoreFinished(id));
        });
        await Soon.IsAsync(Chores, () => CountAsync(host, "Done"));

        await Soon.IsAsync(Chores, () => host.InScopeAsync((_, db) => db.Effects.Select(effect => effect.ChoreId).Distinct().CountAsync()));
        await Soon.IsAsync(0L, () => host.ScalarAsync<long>("SELECT count(*) FROM orchestrator.outbox"));
        Assert.Equal(Chores, await host.InScopeAsync((_, db) => db.Effects.CountAsync()));
        Assert.Equal(Chores, await host.InScopeAsync((_, db) => db.Chores.SumAsync(chore => chore.Attempts)));
        Assert.Equal(0L, await host.ScalarAsync<long>("SELECT count(*) FROM orchestrator.outbox_dead"));

        Task EachAsync(Func<Guid, Task> act) => Task.WhenAll(ids.Select(act));
    }

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public async Task What_a_consumer_raises_and_writes_is_one_transaction_with_its_message()
    {
        await using var host = await ChoreHost.StartAsync(bus: x => x.AddConsumer<RaisingConsumer>());
        var (good, bad) = (NewId.NextGuid(), NewId.NextGuid());
        foreach (var id in new[] { good, bad })
        {
            await host.Door.RaiseAsync(new ChoreRequested(id));
            await host.Door.RaiseAsync(new ChoreClaimed(id, RunId: 1));
        }

        await host.InScopeAsync(async (scope, db) =>
        {
            await scope.GetRequiredService<IPublishEndpoint>().Publish(new PleaseFinish(bad, Fail: true));
            await scope.GetRequiredService<IPublishEndpoint>().Publish(new PleaseFinish(good, Fail: false));
            return await db.SaveChangesAsync();
        });

        await Soon.IsAsync("Done", async () => (await host.ReadAsync(good))!.State);
        await Soon.IsAsync(1L, () => host.ScalarAsync<long>("SELECT count(*) FROM orchestrator.outbox_dead"));
        Assert.Equal("Running", (await host.ReadAsync(bad))!.State);
        Assert.Equal([good], await host.InScopeAsync((_, db) => db.Effects.Select(effect => effect.ChoreId).ToListAsync()));
        Assert.Equal(1L, await host.ScalarAsync<long>("SELECT count(*) FROM orchestrator.inbox"));
    }

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public async Task A_message_that_fails_and_is_tried_again_is_not_among_the_dead()
    {
        var id = NewId.NextGuid();
        var tries = 0;
        await using var host = await ChoreHost.StartAsync(
            bus: x => x.AddConsumer<ChoreDoneConsumer>(),
            services: services => services.AddSingleton(new Arrivals
            {
                Consuming = () => Interlocked.Increment(ref tries) < 3 ? throw new InvalidDataException($"try {tries} fails on purpose") : Task.CompletedTask,
            }));

        await host.InScopeAsync(async (scope, db) =>
        {
            await scope.GetRequiredService<IPublishEndpoint>().Publish(new ChoreDone(id));
            return await db.SaveChangesAsync();
        });

        await Soon.IsAsync(0L, () => host.ScalarAsync<long>("SELECT count(*) FROM orchestrator.outbox"));
        Assert.Equal((3, 0L), (tries, await host.ScalarAsync<long>("SELECT count(*) FROM orchestrator.outbox_dead")));
        Assert.Equal([id], await host.InScopeAsync((_, db) => db.Effects.Select(effect => effect.ChoreId).ToListAsync()));
    }

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public async Task A_message_that_failed_for_one_of_its_types_is_dead_although_another_ended_well_later()
    {
        var id = NewId.NextGuid();
        await using var host = await ChoreHost.StartAsync(bus: x =>
        {
            x.AddConsumer<FailingConsumer>().Endpoint(endpoint => endpoint.Name = "both");
            x.AddConsumer<NewsConsumer>().Endpoint(endpoint => endpoint.Name = "both");
        });

        await host.InScopeAsync(async (scope, db) =>
        {
            await scope.GetRequiredService<IPublishEndpoint>().Publish(new ChoreDone(id));
            return await db.SaveChangesAsync();
        });

        await Soon.IsAsync(0L, () => host.ScalarAsync<long>("SELECT count(*) FROM orchestrator.outbox"));
        Assert.Equal("loopback://localhost/both: InvalidDataException: attempt 4 fails on purpose", await host.ScalarAsync<string>("SELECT reason FROM orchestrator.outbox_dead"));
    }

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public async Task A_message_that_fails_for_the_last_time_lies_among_the_dead_with_its_reason()
    {
        var id = NewId.NextGuid();
        await using var host = await ChoreHost.StartAsync(bus: x => x.AddConsumer<FailingConsumer>());

        await host.InScopeAsync(async (scope, db) =>
        {
            await scope.GetRequiredService<IPublishEndpoint>().Publish(new ChoreDone(id));
            return await db.SaveChangesAsync();
        });

        await Soon.IsAsync(1L, () => host.ScalarAsync<long>($"SELECT count(*) FROM orchestrator.outbox_dead WHERE body LIKE '%{id}%'"));
        Assert.Equal(4, host.Services.GetRequiredService<Arrivals>().Attempts[id]);
        Assert.Equal(
            "loopback://localhost/failing: InvalidDataException: attempt 4 fails on purpose",
            await host.ScalarAsync<string>("SELECT reason FROM orchestrator.outbox_dead"));
        Assert.Equal(0L, await host.ScalarAsync<long>("SELECT count(*) FROM orchestrator.outbox"));
    }

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public async Task A_published_message_stays_in_the_table_until_every_endpoint_has_consumed_it()
    {
        var id = NewId.NextGuid();
        var gate = new Gate();
        await using var host = await ChoreHost.StartAsync(
            bus: x =>
            {
                x.AddConsumer<ChoreDoneConsumer>();
                x.AddConsumer<GatedConsumer>();
            },
            services: services => services.AddSingleton(gate));

        await host.InScopeAsync(async (scope, db) =>
        {
            await scope.GetRequiredService<IPublishEndpoint>().Publish(new ChoreDone(id));
            return await db.SaveChangesAsync();
        });
        await Soon.IsAsync(1, () => host.InScopeAsync((_, db) => db.Effects.CountAsync()));
        await gate.Reached.Task;
        var rows = await host.ScalarAsync<long>("SELECT count(*) FROM orchestrator.outbox");
        gate.Open.SetResult();

        Assert.Equal(1L, rows);
        await Soon.IsAsync(0L, () => host.ScalarAsync<long>("SELECT count(*) FROM orchestrator.outbox"));
        Assert.Equal(2, await host.InScopeAsync((_, db) => db.Effects.CountAsync()));
    }

    private static Task<int> CountAsync(ChoreHost host, string state) =>
        host.InScopeAsync((_, db) => db.Chores.CountAsync(chore => chore.State == state));
}

public sealed record PleaseFinish(Guid ChoreId, bool Fail);

public sealed class RaisingConsumer(SagaDoor<ChoreMachine, Chore> door, ChoreDb db, IServiceProvider scope) : IConsumer<PleaseFinish>
{
    public async Task Consume(ConsumeContext<PleaseFinish> context)
    {
        db.Effects.Add(new Effect { ChoreId = context.Message.ChoreId });
        var raised = await door.RaiseAsync(scope, new ChoreFinished(context.Message.ChoreId), context.CancellationToken);
        Assert.Equal((RaiseOutcome.Accepted, "Done"), (raised.Outcome, raised.Saga!.State));
        if (context.Message.Fail)
            throw new InvalidDataException("fails after the event, on purpose");
    }
}

public sealed class FailingConsumer(Arrivals arrivals) : IConsumer<ChoreDone>
{
    public Task Consume(ConsumeContext<ChoreDone> context) =>
        throw new InvalidDataException($"attempt {arrivals.Attempts.AddOrUpdate(context.Message.ChoreId, 1, (_, count) => count + 1)} fails on purpose");
}

/// <summary>Ends well, after <see cref="FailingConsumer"/> has failed for the last time.</summary>
public sealed class NewsConsumer(Arrivals arrivals) : IConsumer<IChoreNews>
{
    public Task Consume(ConsumeContext<IChoreNews> context) =>
        Eventually.IsTrueAsync(() => arrivals.Attempts.GetValueOrDefault(context.Message.ChoreId) == 4, "the other has failed");
}

public sealed class Gate
{
    public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Open { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

public sealed class GatedConsumer(ChoreDb db, Gate gate) : IConsumer<ChoreDone>
{
    public async Task Consume(ConsumeContext<ChoreDone> context)
    {
        gate.Reached.TrySetResult();
        await gate.Open.Task;
        db.Effects.Add(new Effect { ChoreId = context.Message.ChoreId });
    }
}
