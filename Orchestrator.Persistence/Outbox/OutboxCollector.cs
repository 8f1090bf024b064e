using MassTransit;
using MassTransit.Context;
using MassTransit.Middleware;
using MassTransit.Middleware.Outbox;

namespace Orchestrator.Persistence.Outbox;

/// <summary>
/// Catches what a saga publishes and sends while events are raised in memory. The caller writes <see cref="Rows"/> in its own transaction
/// (<see cref="OutboxWriter"/>). For one batch and one thread at a time; nothing is allocated for rows until there is one.
/// </summary>
public sealed class OutboxCollector : OutboxSendContext
{
    private readonly IBus _bus;
    private readonly OutboxOwner _owner;
    private readonly TimeProvider _time;
    private readonly IServiceProvider _services;
    private readonly OutboxSendEndpointProvider _send;
    private readonly OutboxPublishEndpointProvider _publish;
    private List<OutboxRow>? _rows;

    internal OutboxCollector(IBus bus, OutboxOwner owner, TimeProvider time, IServiceProvider services)
    {
        (_bus, _owner, _time, _services) = (bus, owner, time, services);
        _send = new OutboxSendEndpointProvider(this, bus);
        _publish = new OutboxPublishEndpointProvider(this, bus);
    }

    /// <summary>What was published and sent so far, in order.</summary>
    public IReadOnlyList<OutboxRow> Rows => _rows ?? (IReadOnlyList<OutboxRow>)[];

    Task OutboxSendContext.AddSend<T>(SendContext<T> context)
    {
        (_rows ??= []).Add(OutboxRow.Of(context, _owner, _time.GetUtcNow()));
        return Task.CompletedTask;
    }

    object? IServiceProvider.GetService(Type serviceType) => _services.GetService(serviceType);

    /// <summary>A consume context for a message that came from nowhere, whose publishes and sends end here.</summary>
    internal ConsumeContext<T> Receive<T>(T message, CancellationToken cancellationToken)
        where T : class =>
        InProcessMessage.Receive(new MessageSendContext<T>(message, cancellationToken), _send, _publish, _bus);

    /// <summary>Forgets the rows of an event that failed half-way.</summary>
    internal void TruncateTo(int count) => _rows?.RemoveRange(count, _rows.Count - count);
}
