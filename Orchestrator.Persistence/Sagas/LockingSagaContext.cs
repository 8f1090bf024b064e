using MassTransit;
using MassTransit.Context;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;

namespace Orchestrator.Persistence.Sagas;

/// <summary>What MassTransit asks of a repository while it handles one message, on rows that stay locked until the commit.</summary>
internal sealed class LockingSagaContext<TSaga, TMessage>(
    DbContext db, ConsumeContext<TMessage> context, ISagaConsumeContextFactory<DbContext, TSaga> contexts) :
    ConsumeContextScope<TMessage>(context), SagaRepositoryContext<TSaga, TMessage>
    where TSaga : class, ISaga
    where TMessage : class
{
    private readonly SagaTable<TSaga> _table = SagaTable<TSaga>.Of(db);
    private readonly List<TSaga> _handedOut = [];

    public Task<SagaConsumeContext<TSaga, T>> CreateSagaConsumeContext<T>(ConsumeContext<T> consumeContext, TSaga instance, SagaConsumeContextMode mode)
        where T : class
    {
        _handedOut.Add(instance);
        if (consumeContext.TryGetPayload<RaisedInstance<TSaga>>(out var raised))
            raised.Saga = instance;
        return contexts.CreateSagaConsumeContext(db, consumeContext, instance, mode);
    }

    public Task<SagaConsumeContext<TSaga, TMessage>> Add(TSaga instance) => CreateSagaConsumeContext(this, instance, SagaConsumeContextMode.Add);

    /// <summary>Null if the row is already there, or was put there by somebody whose commit this call has waited for.</summary>
    public async Task<SagaConsumeContext<TSaga, TMessage>?> Insert(TSaga instance)
    {
        var inserted = await _table.InsertIfAbsentAsync(db, instance, CancellationToken);
        if (!inserted)
            return null;

        Forget(instance.CorrelationId);
        db.Entry(instance).State = EntityState.Unchanged;
        return await CreateSagaConsumeContext(this, instance, SagaConsumeContextMode.Insert);
    }

    public async Task<SagaConsumeContext<TSaga, TMessage>?> Load(Guid correlationId)
    {
        var tracked = db.Set<TSaga>().Local.FindEntry(correlationId)?.Entity;
        var state = tracked is null ? EntityState.Detached : db.Entry(tracked).State;
        if (state == EntityState.Deleted)
            return null;
        if (state == EntityState.Added)
            return await CreateSagaConsumeContext(this, tracked!, SagaConsumeContextMode.Load);

        // A query never overwrites what is already tracked: an instance read before the lock would keep its old state, and be
        // claimed a second time. Changes that this very transaction has not saved yet are kept.
        if (state == EntityState.Unchanged)
            db.Entry(tracked!).State = EntityState.Detached;

        var instance = await _table.LockAsync(db, correlationId, CancellationToken);
        return instance is null ? null : await CreateSagaConsumeContext(this, instance, SagaConsumeContextMode.Load);
    }

    /// <summary>Locks in the order of the keys, so that two query events never wait for each other.</summary>
    public async Task<IReadOnlyList<TSaga>> LoadAsync(ISagaQuery<TSaga> query)
    {
        var ids = await db.Set<TSaga>().Where(query.FilterExpression).Select(saga => saga.CorrelationId).ToArrayAsync(CancellationToken);
        if (ids.Length == 0)
            return [];

        foreach (var id in ids)
            ForgetUnchanged(id);
        return await _table.LockAsync(db, ids, query.FilterExpression, CancellationToken);
    }

    public Task Save(SagaConsumeContext<TSaga> context)
    {
        db.Add(context.Saga);
        return FlushAsync();
    }

    public Task Update(SagaConsumeContext<TSaga> context) => FlushAsync();

    public Task Delete(SagaConsumeContext<TSaga> context)
    {
        db.Remove(context.Saga);
        return FlushAsync();
    }

    public Task Discard(SagaConsumeContext<TSaga> context)
    {
        db.Entry(context.Saga).State = EntityState.Detached;
        return Task.CompletedTask;
    }

    public Task Undo(SagaConsumeContext<TSaga> context)
    {
        // Said outright: that the state alone gives the values back depends on the context's having detected the changes by now.
        var entry = db.Entry(context.Saga);
        entry.CurrentValues.SetValues(entry.OriginalValues);
        entry.State = EntityState.Unchanged;
        return Task.CompletedTask;
    }

    /// <summary>After a failure: a later save of the same context must not write what a step of the machine changed before another one threw.</summary>
    public void DropHandedOut()
    {
        foreach (var instance in _handedOut)
            db.Entry(instance).State = EntityState.Detached;
    }

    private Task FlushAsync() => TryGetPayload<IDeferredFlush>(out _) ? Task.CompletedTask : db.SaveChangesAsync(CancellationToken);

    private void Forget(Guid correlationId)
    {
        if (db.Set<TSaga>().Local.FindEntry(correlationId) is { } stale)
            stale.State = EntityState.Detached;
    }

    private void ForgetUnchanged(Guid correlationId)
    {
        if (db.Set<TSaga>().Local.FindEntry(correlationId) is { } stale && db.Entry(stale.Entity).State == EntityState.Unchanged)
            stale.State = EntityState.Detached;
    }
}
