using MassTransit;
using MassTransit.Configuration;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;

namespace Orchestrator.Persistence.Sagas;

/// <summary>Puts sagas into PostgreSQL.</summary>
public static class SagaRegistration
{
    /// <summary>
    /// Keeps the instances of this saga in the table that <typeparamref name="TDb"/> maps <typeparamref name="TSaga"/> to, one row lock per
    /// event, READ COMMITTED. The key of the table is <c>CorrelationId</c>. An event joins the transaction of its scope's context if there is one.
    /// <see cref="ISagaRepository{TSaga}"/>, <see cref="ILoadSagaRepository{TSaga}"/> and <see cref="IQuerySagaRepository{TSaga}"/> are registered with it.
    /// </summary>
    public static ISagaRegistrationConfigurator<TSaga> PostgresRepository<TSaga, TDb>(this ISagaRegistrationConfigurator<TSaga> saga)
        where TSaga : class, ISaga
        where TDb : DbContext =>
        saga.Repository(repository =>
        {
            repository.RegisterLoadSagaRepository<TSaga, SagaRepository<TSaga, TDb>>();
            repository.RegisterQuerySagaRepository<TSaga, SagaRepository<TSaga, TDb>>();
            repository.RegisterSagaRepository<TSaga, DbContext, SagaConsumeContextFactory<DbContext, TSaga>, SagaRepository<TSaga, TDb>>();
        });
}
