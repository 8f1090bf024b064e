using MassTransit;
using MassTransit.Configuration;
using MassTransit.DependencyInjection;
using MassTransit.Middleware;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Orchestrator.Persistence.Outbox;

/// <summary>Brings the outbox into a service.</summary>
public static class OutboxRegistration
{
    /// <summary>
    /// Registers the outbox and its delivery. Call it inside AddMassTransit, once. From then on a scope's <see cref="IPublishEndpoint"/> and
    /// <see cref="ISendEndpointProvider"/> write rows into <typeparamref name="TDb"/>, which SaveChanges commits; <see cref="IBus"/> goes around it.
    /// </summary>
    /// <remarks>
    /// Needs an <see cref="NpgsqlDataSource"/> and <typeparamref name="TDb"/> among the services, the latter with <see cref="AddOutboxCommits"/> in
    /// its options and <see cref="OutboxModel.AddOutbox"/> in its model.
    /// </remarks>
    public static void AddOutbox<TDb>(this IBusRegistrationConfigurator bus, Action<OutboxOptions>? configure = null)
        where TDb : DbContext
    {
        bus.AddOptions<OutboxOptions>().Configure(options => configure?.Invoke(options)).ValidateOnStart();
        bus.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<OutboxOptions>, OutboxOptionsValidation>());
        bus.TryAddSingleton(TimeProvider.System);
        bus.TryAddSingleton<OutboxOwner>();
        bus.TryAddSingleton<OutboxQueue>();
        bus.TryAddSingleton<ConsumeRoutes>();
        bus.TryAddSingleton<OutboxCommitInterceptor>();
        bus.TryAddSingleton<OutboxSender>();
        bus.TryAddSingleton<OutboxRemover>();
        bus.TryAddSingleton<OutboxSweeper>();
        bus.TryAddSingleton(services => new OutboxWriter(
            services.GetRequiredService<IBus>(), services.GetRequiredService<OutboxOwner>(), services.GetRequiredService<OutboxQueue>(),
            services.GetRequiredService<TimeProvider>(), services));
        bus.TryAddScoped(services => new OutboxSession(
            services.GetRequiredService<TDb>(), services.GetRequiredService<OutboxOwner>(), services.GetRequiredService<TimeProvider>(), services));
        bus.TryAddScoped<IOutboxContextFactory<TDb>, InboxContextFactory<TDb>>();
        bus.Replace(ServiceDescriptor.Scoped<IScopedBusContextProvider<IBus>, OutboxBusContextProvider>());
        bus.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, OutboxDelivery>());
    }

    /// <summary>Hands the context's outbox rows to the delivery when they are committed; without it they wait for the sweep.</summary>
    public static DbContextOptionsBuilder AddOutboxCommits(this DbContextOptionsBuilder options, IServiceProvider services) =>
        options.AddInterceptors(services.GetRequiredService<OutboxCommitInterceptor>());

    /// <summary>
    /// Runs every consumer and saga of this endpoint in one transaction with its inbox row and its outbox rows. For endpoints that only move
    /// state; work of seconds does not belong into a transaction. Retries are configured on the endpoint as usual and stand outside. Once per endpoint.
    /// </summary>
    public static void UseOutbox<TDb>(this IReceiveEndpointConfigurator endpoint, IRegistrationContext context)
        where TDb : DbContext
    {
        var observer = new OutboxConsumePipeSpecificationObserver<TDb>(endpoint, context);
        endpoint.ConnectConsumerConfigurationObserver(observer);
        endpoint.ConnectSagaConfigurationObserver(observer);
    }

    /// <summary>
    /// Tells the outbox what the endpoints of this bus have consumed; needed with <see cref="OutboxAcknowledgement.OnConsume"/>, useless without.
    /// Call it before the endpoints are configured. Delayed redelivery is not for such a bus: the waiting message would be memory only.
    /// </summary>
    public static void AcknowledgeOutbox(this IBusFactoryConfigurator bus, IRegistrationContext context)
    {
        var routes = context.GetRequiredService<ConsumeRoutes>();
        routes.Connected = true;
        bus.ConnectEndpointConfigurationObserver(new AcknowledgeConfiguration(context.GetRequiredService<OutboxQueue>(), routes));
    }
}
