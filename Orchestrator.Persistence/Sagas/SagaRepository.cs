using System.Data;
using MassTransit;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;

namespace Orchestrator.Persistence.Sagas;

/// <summary>Runs an event, a query event or a read of <typeparamref name="TSaga"/> on the context of the current scope.</summary>
internal sealed class SagaRepository<TSaga, TDb>(TDb db, ISagaConsumeContextFactory<DbContext, TSaga> contexts) :
    ISagaRepositoryContextFactory<TSaga>,
    IQuerySagaRepositoryContextFactory<TSaga>,
    ILoadSagaRepositoryContextFactory<TSaga>
    where TSaga : class, ISaga
    where TDb : DbContext
{
    public Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<TSaga, T>> next)
        where T : class =>
        InTransactionAsync(context, next.Send);

    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<TSaga> query, IPipe<SagaRepositoryQueryContext<TSaga, T>> next)
        where T : class =>
        InTransactionAsync(context, async repository =>
            await next.Send(new LoadedSagaRepositoryQueryContext<TSaga, T>(repository, await repository.LoadAsync(query))));

    public Task<T> Execute<T>(Func<QuerySagaRepositoryContext<TSaga>, Task<T>> asyncMethod, CancellationToken cancellationToken)
        where T : class =>
        asyncMethod(new ReadingSagaContext<TSaga>(db, cancellationToken));

    public Task<T> Execute<T>(Func<LoadSagaRepositoryContext<TSaga>, Task<T>> asyncMethod, CancellationToken cancellationToken)
        where T : class =>
        asyncMethod(new ReadingSagaContext<TSaga>(db, cancellationToken));

    public void Probe(ProbeContext context) => context.CreateScope("postgres").Set(new { Db = typeof(TDb).Name });

    private async Task InTransactionAsync<T>(ConsumeContext<T> context, Func<LockingSagaContext<TSaga, T>, Task> work)
        where T : class
    {
        var repository = new LockingSagaContext<TSaga, T>(db, context, contexts);
        try
        {
            await InTransactionAsync(() => work(repository), context.CancellationToken);
        }
        catch
        {
            repository.DropHandedOut();
            throw;
        }
    }

    private async Task InTransactionAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        // Whatever fails rolls the whole transaction back, so a savepoint per save would only cost two round trips.
        db.Database.AutoSavepointsEnabled = false;
        if (db.Database.CurrentTransaction is not null)
        {
            await work();
            return;
        }

        // Repeatable read would turn every wait for a row lock into a serialization failure.
        await using var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
        await work();
        await transaction.CommitAsync(cancellationToken);
    }
}
