using MassTransit;
using MassTransit.Configuration;

namespace Orchestrator.AmazonSqs;

/// <summary>An endpoint's configuration with the topologies of this transport.</summary>
internal class AmazonSqsEndpointConfiguration : EndpointConfiguration
{
    protected AmazonSqsEndpointConfiguration(Topologies topologies) : base(topologies) => Topologies = topologies;

    AmazonSqsEndpointConfiguration(IEndpointConfiguration parent, Topologies topologies, bool isBusEndpoint)
        : base(parent, topologies, isBusEndpoint) => Topologies = topologies;

    public Topologies Topologies { get; }

    public AmazonSqsEndpointConfiguration CreateChild(bool isBusEndpoint = false) => new(this, new Topologies(Topologies), isBusEndpoint);
}
