using MassTransit;
using MassTransit.Configuration;

namespace Orchestrator.AmazonSqs;

/// <inheritdoc cref="IAmazonSqsBusFactoryConfigurator"/>
internal sealed class AmazonSqsBusFactoryConfigurator : BusFactoryConfigurator, IAmazonSqsBusFactoryConfigurator, IBusFactory
{
    private readonly AmazonSqsBusConfiguration _bus;
    private readonly QueueSpec _queue;

    public AmazonSqsBusFactoryConfigurator(AmazonSqsBusConfiguration bus) : base(bus)
    {
        _bus = bus;
        _queue = new QueueSpec(bus.Topologies.Consume.CreateTemporaryQueueName("bus")) { Durable = false, AutoDelete = true };
    }

    public RequestCounter Requests
    {
        set => _bus.HostConfiguration.Requests = value;
    }

    public void Host(AmazonSqsHostSettings settings) => _bus.HostConfiguration.Settings = settings;

    public void Publish<T>(Action<IAmazonSqsMessagePublishTopologyConfigurator<T>>? configureTopology)
        where T : class => configureTopology?.Invoke(_bus.Topologies.Publish.Of<T>());

    public void OverrideDefaultBusEndpointQueueName(string value) => _queue.Name = value;

    public void ReceiveEndpoint(
        IEndpointDefinition definition, IEndpointNameFormatter? endpointNameFormatter = null, Action<IAmazonSqsReceiveEndpointConfigurator>? configureEndpoint = null) =>
        _bus.HostConfiguration.CreateEndpoint(definition, endpointNameFormatter, configureEndpoint);

    public void ReceiveEndpoint(
        IEndpointDefinition definition, IEndpointNameFormatter? endpointNameFormatter = null, Action<IReceiveEndpointConfigurator>? configureEndpoint = null) =>
        _bus.HostConfiguration.CreateEndpoint(definition, endpointNameFormatter, configureEndpoint);

    public void ReceiveEndpoint(string queueName, Action<IAmazonSqsReceiveEndpointConfigurator> configureEndpoint) =>
        _bus.HostConfiguration.CreateEndpoint(queueName, configureEndpoint);

    public void ReceiveEndpoint(string queueName, Action<IReceiveEndpointConfigurator> configureEndpoint) =>
        _bus.HostConfiguration.CreateEndpoint(queueName, configureEndpoint);

    public IReceiveEndpointConfiguration CreateBusEndpointConfiguration(Action<IReceiveEndpointConfigurator> configure) =>
        _bus.HostConfiguration.CreateEndpoint(_queue, _bus.BusEndpointConfiguration, configure);
}
