using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Persistence.Outbox;

namespace Orchestrator.Tests.Persistence;

/// <summary>The way of acquisition: work first, then one short transaction with inbox row, data and messages; the transport deletes after it.</summary>
public sealed class InboxTests(ChoreHostFixture fixture) : IClassFixture<ChoreHostFixture>
{
    private static readonly Guid Acquisition = new("6d3f7c1e-8a55-4c1b-9d6f-0f4f1a2b3c4d");
    private readonly ChoreHost _host = fixture.Host;

    [Fact]
    [Trait("Requirement", "DOC-2")]
    [Trait("Requirement", "PROT-6")]
    public async Task Of_many_deliveries_at_once_one_writes_data_and_messages_and_the_others_wait_and_do_nothing()
    {
        var (id, messageId) = (NewId.NextGuid(), NewId.NextGuid());

        var fresh = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AcquireAsync(id, messageId)));

        Assert.Single(fresh, true);
        Assert.NotNull(await _host.ReadAsync(id));
        await Soon.IsAsync(1, () => EffectsAsync(id));
        Assert.False(await AcquireAsync(id, messageId));
        Assert.Equal(1, await EffectsAsync(id));
    }

    [Fact]
    [Trait("Requirement", "DOC-2")]
    public async Task A_delivery_that_fails_before_its_commit_leaves_nothing_and_the_next_one_counts()
    {
        var (id, messageId) = (NewId.NextGuid(), NewId.NextGuid());

        await Assert.ThrowsAsync<InvalidDataException>(() => AcquireAsync(id, messageId, fail: true));
        Assert.Null(await _host.ReadAsync(id));

        Assert.True(await AcquireAsync(id, messageId));
        await Soon.IsAsync(1, () => EffectsAsync(id));
    }

    [Fact]
    public async Task Without_a_transaction_it_refuses_and_says_what_to_do()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => _host.InScopeAsync((_, db) => Inbox.EnterAsync(db, Guid.Empty, Acquisition)));

        Assert.Equal("The inbox row of message 00000000-0000-0000-0000-000000000000 needs the transaction of its effect. Call BeginTransactionAsync on the context first.", error.Message);
    }

    private Task<bool> AcquireAsync(Guid id, Guid messageId, bool fail = false) => _host.InScopeAsync(async (scope, db) =>
    {
        await using var transaction = await db.Database.BeginTransactionAsync();
        if (!await Inbox.EnterAsync(db, messageId, Acquisition))
            return false;

        db.Chores.Add(new Chore { CorrelationId = id, State = "Queued" });
        await scope.GetRequiredService<IPublishEndpoint>().Publish(new ChoreDone(id));
        await db.SaveChangesAsync();
        if (fail)
            throw new InvalidDataException("fails before the commit, on purpose");
        await transaction.CommitAsync();
        return true;
    });

    private Task<int> EffectsAsync(Guid id) => _host.InScopeAsync((_, db) => db.Effects.CountAsync(effect => effect.ChoreId == id));
}
