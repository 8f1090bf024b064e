using MassTransit;
using MassTransit.Configuration;
using MassTransit.Transports;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.AmazonSqs;

/// <summary>Makes the bus from the container's registrations.</summary>
internal sealed class AmazonSqsRegistrationBusFactory(
    AmazonSqsBusConfiguration bus, Action<IBusRegistrationContext, IAmazonSqsBusFactoryConfigurator>? configure)
    : TransportRegistrationBusFactory<IAmazonSqsReceiveEndpointConfigurator>(bus.HostConfiguration)
{
    public AmazonSqsRegistrationBusFactory(Action<IBusRegistrationContext, IAmazonSqsBusFactoryConfigurator>? configure)
        : this(new AmazonSqsBusConfiguration(new Topologies()), configure)
    {
    }

    public override IBusInstance CreateBus(IBusRegistrationContext context, IEnumerable<IBusInstanceSpecification> specifications, string busName)
    {
        bus.HostConfiguration.Time = context.GetService<TimeProvider>() ?? TimeProvider.System;
        bus.HostConfiguration.Requests = context.GetService<RequestCounter>() ?? new RequestCounter();
        return CreateBus(new AmazonSqsBusFactoryConfigurator(bus), context, configure, specifications);
    }
}
