using MassTransit;
using MassTransit.Configuration;
using MassTransit.Transports;

namespace Orchestrator.AmazonSqs;

/// <summary>The running host: makes and starts endpoints, also those connected later.</summary>
internal sealed class AmazonSqsHost(AmazonSqsHostConfiguration configuration, IBusTopology topology) : BaseHost(configuration, topology), IHost<IAmazonSqsReceiveEndpointConfigurator>
{
    public HostReceiveEndpointHandle ConnectReceiveEndpoint(
        IEndpointDefinition definition, IEndpointNameFormatter? endpointNameFormatter = null, Action<IAmazonSqsReceiveEndpointConfigurator>? configureEndpoint = null)
    {
        var name = definition.GetEndpointName(endpointNameFormatter ?? DefaultEndpointNameFormatter.Instance);
        return Start(name, configuration.CreateEndpoint(definition, endpointNameFormatter, configureEndpoint));
    }

    public HostReceiveEndpointHandle ConnectReceiveEndpoint(string queueName, Action<IAmazonSqsReceiveEndpointConfigurator>? configureEndpoint = null) =>
        Start(queueName, configuration.CreateEndpoint(queueName, configureEndpoint));

    public override HostReceiveEndpointHandle ConnectReceiveEndpoint(
        IEndpointDefinition definition, IEndpointNameFormatter? endpointNameFormatter, Action<IReceiveEndpointConfigurator>? configureEndpoint = null) =>
        ConnectReceiveEndpoint(definition, endpointNameFormatter, (Action<IAmazonSqsReceiveEndpointConfigurator>?)configureEndpoint);

    public override HostReceiveEndpointHandle ConnectReceiveEndpoint(string queueName, Action<IReceiveEndpointConfigurator>? configureEndpoint = null) =>
        ConnectReceiveEndpoint(queueName, (Action<IAmazonSqsReceiveEndpointConfigurator>?)configureEndpoint);

    protected override void Probe(ProbeContext context) => context.Set(new { Type = "AmazonSqs", configuration.Settings.Region, configuration.Settings.ScopeName, configuration.Settings.Mode });

    private HostReceiveEndpointHandle Start(string name, AmazonSqsReceiveEndpointConfiguration endpoint)
    {
        var results = endpoint.Validate().ToList();
        if (results.Exists(result => result.Disposition == ValidationResultDisposition.Failure))
            throw new ConfigurationException(results, $"The endpoint '{name}' can't be connected as it is configured: {string.Join("; ", results)}");
        endpoint.Build(this);
        return ReceiveEndpoints.Start(name);
    }
}
