using MassTransit;
using MassTransit.Configuration;

namespace Orchestrator.AmazonSqs;

/// <summary>The configuration of a whole bus.</summary>
internal sealed class AmazonSqsBusConfiguration : AmazonSqsEndpointConfiguration, IBusConfiguration
{
    private readonly MassTransit.Observables.BusObservable _observers = new();

    public AmazonSqsBusConfiguration(Topologies topologies) : base(topologies)
    {
        HostConfiguration = new AmazonSqsHostConfiguration(this, topologies);
        BusEndpointConfiguration = CreateChild(isBusEndpoint: true);
    }

    public AmazonSqsHostConfiguration HostConfiguration { get; }
    public AmazonSqsEndpointConfiguration BusEndpointConfiguration { get; }

    IHostConfiguration IBusConfiguration.HostConfiguration => HostConfiguration;
    IEndpointConfiguration IBusConfiguration.BusEndpointConfiguration => BusEndpointConfiguration;
    IBusObserver IBusConfiguration.BusObservers => _observers;

    public ConnectHandle ConnectBusObserver(IBusObserver observer) => _observers.Connect(observer);

    public ConnectHandle ConnectEndpointConfigurationObserver(IEndpointConfigurationObserver observer) =>
        HostConfiguration.ConnectEndpointConfigurationObserver(observer);
}
