using MassTransit;

namespace Orchestrator.Persistence.Outbox;

/// <summary>Watches how the endpoints of a bus are configured: notes who consumes what, and puts the <see cref="AcknowledgeFilter"/> around each.</summary>
internal sealed class AcknowledgeConfiguration(OutboxQueue queue, ConsumeRoutes routes) : IEndpointConfigurationObserver
{
    public void EndpointConfigured<T>(T configurator)
        where T : IReceiveEndpointConfigurator
    {
        var consumers = new Consumers(routes, configurator.InputAddress);
        configurator.ConnectConsumerConfigurationObserver(consumers);
        configurator.ConnectSagaConfigurationObserver(consumers);
        configurator.ConnectHandlerConfigurationObserver(consumers);
        configurator.ConfigureReceive(receive => receive.UseFilter(new AcknowledgeFilter(queue, configurator.InputAddress)));
        configurator.UseFilter(new AttemptFilter());
        routes.AddEndpoint(configurator.InputAddress);
    }

    private sealed class Consumers(ConsumeRoutes routes, Uri endpoint) : IConsumerConfigurationObserver, ISagaConfigurationObserver, IHandlerConfigurationObserver
    {
        public void ConsumerConfigured<TConsumer>(IConsumerConfigurator<TConsumer> configurator)
            where TConsumer : class
        {
        }

        public void ConsumerMessageConfigured<TConsumer, TMessage>(IConsumerMessageConfigurator<TConsumer, TMessage> configurator)
            where TConsumer : class
            where TMessage : class =>
            routes.Add(endpoint, typeof(TMessage));

        public void SagaConfigured<TSaga>(ISagaConfigurator<TSaga> configurator)
            where TSaga : class, ISaga
        {
        }

        public void StateMachineSagaConfigured<TInstance>(ISagaConfigurator<TInstance> configurator, SagaStateMachine<TInstance> stateMachine)
            where TInstance : class, ISaga, SagaStateMachineInstance
        {
        }

        public void SagaMessageConfigured<TSaga, TMessage>(ISagaMessageConfigurator<TSaga, TMessage> configurator)
            where TSaga : class, ISaga
            where TMessage : class =>
            routes.Add(endpoint, typeof(TMessage));

        public void HandlerConfigured<TMessage>(IHandlerConfigurator<TMessage> configurator)
            where TMessage : class =>
            routes.Add(endpoint, typeof(TMessage));
    }
}
