using System.Collections.Concurrent;
using System.Collections.Frozen;
using MassTransit;
using MassTransit.Configuration;
using MassTransit.Context;
using MassTransit.DependencyInjection;
using MassTransit.Middleware.Outbox;
using MassTransit.Transports;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Persistence.Outbox;

namespace Orchestrator.Persistence.Sagas;

/// <summary>
/// The way to a saga from inside the process, without the bus: the same state machine, and whatever it publishes or sends goes through the
/// outbox. Register it as a singleton.
/// </summary>
public sealed class SagaDoor<TMachine, TSaga>
    where TMachine : class, SagaStateMachine<TSaga>
    where TSaga : class, SagaStateMachineInstance
{
    private readonly StateMachine<TSaga> _machine;
    private readonly IBus _bus;
    private readonly IServiceScopeFactory _scopes;
    private readonly Lazy<IConsumePipe> _pipe;
    private readonly FrozenDictionary<string, FrozenSet<Event>> _named;
    private readonly ConcurrentDictionary<Type, Event> _events = new();

    /// <summary>Made by the container.</summary>
    public SagaDoor(TMachine machine, IBus bus, IBusRegistrationContext registration, IServiceScopeFactory scopes)
    {
        (_machine, _bus, _scopes) = (machine, bus, scopes);
        _named = machine.States.Cast<State<TSaga>>().ToFrozenDictionary(state => state.Name, state => state.Events.ToFrozenSet());
        _pipe = new Lazy<IConsumePipe>(() =>
        {
            var pipe = new ConsumePipeSpecification().BuildConsumePipe();
            pipe.ConnectStateMachineSaga(machine, new DependencyInjectionSagaRepository<TSaga>(registration));
            return pipe;
        });
    }

    /// <summary>
    /// Applies one event to an instance that the caller has loaded and locked, in memory; about a microsecond. The caller writes the instance
    /// and the collector's rows, in the transaction that holds the lock. An event that the state does not name changes nothing.
    /// </summary>
    /// <exception cref="InvalidOperationException">The machine has no event, or more than one, for <typeparamref name="T"/>.</exception>
    /// <remarks>
    /// If a step of the machine throws, the instance may be half-changed and must be dropped; its rows are not collected. There is no
    /// correlation and no removal of completed instances here: the caller chose the instance.
    /// </remarks>
    public async ValueTask<Transition> Raise<T>(TSaga instance, T message, OutboxCollector outbox, CancellationToken cancellationToken = default)
        where T : class
    {
        var raised = EventFor<T>();
        var context = new DefaultSagaConsumeContext<TSaga, T>(outbox.Receive(message, cancellationToken), instance);
        var behavior = new MassTransitStateMachine<TSaga>.BehaviorContextProxy<T>(_machine, context, context, raised);
        var from = (await _machine.Accessor.Get(behavior)).Name;

        // Asking first is ten times cheaper than the exception that the machine would throw.
        if (!_named[from].Contains(raised))
            return new Transition(RaiseOutcome.NotAccepted, from, from);

        var collected = outbox.Rows.Count;
        try
        {
            await _machine.RaiseEvent(behavior);
        }
        catch
        {
            outbox.TruncateTo(collected);
            throw;
        }
        return new Transition(RaiseOutcome.Accepted, from, (await _machine.Accessor.Get(behavior)).Name);
    }

    /// <summary>Applies one event through the repository in a scope and a short transaction of its own: load or insert, change, outbox, commit.</summary>
    public async Task<Raised<TSaga>> RaiseAsync<T>(T message, CancellationToken cancellationToken = default)
        where T : class
    {
        await using var scope = _scopes.CreateAsyncScope();
        return await RaiseAsync(scope.ServiceProvider, message, cancellationToken);
    }

    /// <summary>
    /// Applies one event through the repository, in the caller's scope. If its context has a transaction, the event joins it and the caller
    /// commits; inside a consumer with the outbox it becomes part of what the consumer commits.
    /// </summary>
    /// <param name="scope">The services of a request, of a consumer, or of a scope made for this.</param>
    /// <param name="message">The event; the machine's own correlation finds the instance.</param>
    /// <param name="cancellationToken">Ends the call; its transaction is then rolled back.</param>
    public async Task<Raised<TSaga>> RaiseAsync<T>(IServiceProvider scope, T message, CancellationToken cancellationToken = default)
        where T : class
    {
        var raised = new RaisedInstance<TSaga>();
        var session = scope.GetRequiredService<OutboxSession>();
        var collected = session.Count;
        try
        {
            await _pipe.Value.Send(Receive(scope, session, message, raised, cancellationToken));
        }
        catch (NotAcceptedStateMachineException)
        {
            return new Raised<TSaga>(RaiseOutcome.NotAccepted, raised.Saga);
        }
        catch
        {
            session.TruncateTo(collected);
            throw;
        }
        return new Raised<TSaga>(raised.Saga is null ? RaiseOutcome.NoInstance : RaiseOutcome.Accepted, raised.Saga);
    }

    private ConsumeContextScope<T> Receive<T>(
        IServiceProvider scope, OutboxSession session, T message, RaisedInstance<TSaga> raised, CancellationToken cancellationToken)
        where T : class
    {
        var current = scope.GetRequiredService<IScopedConsumeContextProvider>();
        var outer = current.HasContext ? current.GetContext() : null;
        var send = new MessageSendContext<T>(message, cancellationToken)
        {
            ConversationId = outer?.ConversationId,
            InitiatorId = outer?.CorrelationId,
        };
        var received = InProcessMessage.Receive(
            send, new OutboxSendEndpointProvider(session, _bus), new OutboxPublishEndpointProvider(session, _bus), _bus);

        // The repository looks for a scope in the message and makes a new one, with another context and transaction, if there is none.
        var payloads = new List<object> { raised, scope, new CallersScope(scope) };
        if (outer is not null && outer.TryGetPayload<IDeferredFlush>(out var flush))
            payloads.Add(flush);
        return new ConsumeContextScope<T>(received, [.. payloads]);
    }

    private Event<T> EventFor<T>()
        where T : class =>
        (Event<T>)_events.GetOrAdd(typeof(T), static (type, machine) => FindEvent(type, machine), _machine);

    private static Event FindEvent(Type messageType, StateMachine machine)
    {
        var wanted = typeof(Event<>).MakeGenericType(messageType);
        var found = machine.Events.Where(candidate => candidate.GetType().GetInterfaces().Contains(wanted)).ToList();
        return found.Count == 1
            ? found[0]
            : throw new InvalidOperationException($"{machine.Name} has {found.Count} events for {messageType.Name}; the door needs exactly one. Declare it, or raise another message.");
    }

    /// <summary>The caller's scope, lent: whoever made it disposes of it.</summary>
    private sealed class CallersScope(IServiceProvider services) : IServiceScope
    {
        public IServiceProvider ServiceProvider => services;

        public void Dispose()
        {
        }
    }
}
