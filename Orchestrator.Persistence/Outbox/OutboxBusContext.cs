using MassTransit;
using MassTransit.Clients;
using MassTransit.DependencyInjection;
using MassTransit.Middleware.Outbox;
using MassTransit.Transports;

namespace Orchestrator.Persistence.Outbox;

/// <summary>
/// What <see cref="IPublishEndpoint"/> and <see cref="ISendEndpointProvider"/> of a scope lead to: in a consumer to the consumer's context, elsewhere
/// to the outbox of the scope.
/// </summary>
internal sealed class OutboxBusContextProvider(
    IBus bus, OutboxSession session, Bind<IBus, IClientFactory> clients, Bind<IBus, IScopedConsumeContextProvider> busConsumeContext,
    IScopedConsumeContextProvider consumeContext, IServiceProvider services) : IScopedBusContextProvider<IBus>
{
    public ScopedBusContext Context { get; } =
        busConsumeContext.Value.HasContext ? new ConsumeContextScopedBusContext(busConsumeContext.Value.GetContext(), clients.Value)
        : consumeContext.HasContext ? new ConsumeContextScopedBusContext<IBus>(bus, consumeContext.GetContext(), clients.Value, services)
        : new OutboxBusContext(bus, session, clients.Value, services);
}

/// <summary>Publishes and sends become rows of the scope's context; requests go straight to the bus, for nobody would wait for a commit.</summary>
internal sealed class OutboxBusContext(IBus bus, OutboxSession session, IClientFactory clients, IServiceProvider services) : ScopedBusContext
{
    public ISendEndpointProvider SendEndpointProvider { get; } = new OutboxSendEndpointProvider(session, bus);

    public IPublishEndpoint PublishEndpoint { get; } = new PublishEndpoint(new OutboxPublishEndpointProvider(session, bus));

    public IScopedClientFactory ClientFactory => new ScopedClientFactory(new ClientFactory(new ScopedClientFactoryContext(clients, services)), null);
}
