using MassTransit;
using MassTransit.Context;
using MassTransit.Mediator.Contexts;
using MassTransit.Observables;
using MassTransit.Serialization;

namespace Orchestrator.Persistence.Outbox;

/// <summary>Makes a message look received without a transport: no serialization, no queue.</summary>
internal static class InProcessMessage
{
    private static readonly ReceiveObservable NoObservers = new();

    public static ConsumeContext<T> Receive<T>(
        MessageSendContext<T> message, ISendEndpointProvider send, IPublishEndpointProvider publish, IBus bus)
        where T : class
    {
        var receive = new MediatorReceiveContext<T>(
            message, send, publish, bus.Topology.PublishTopology, NoObservers, SystemTextJsonMessageSerializer.Instance);
        return receive.TryGetPayload<ConsumeContext>(out var context) && context is ConsumeContext<T> typed
            ? typed
            : throw new InvalidOperationException($"MassTransit no longer hands out a consume context for {TypeCache<T>.ShortName} in process; this was built on 8.5.12.");
    }
}
