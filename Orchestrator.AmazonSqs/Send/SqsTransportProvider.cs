using MassTransit;
using MassTransit.Transports;

namespace Orchestrator.AmazonSqs;

/// <summary>
/// Makes the transport for an address: a queue for a send, a topic for a publish. None is kept here: MassTransit keeps them, and
/// disposes those that it has not used for long.
/// </summary>
internal sealed class SqsTransportProvider(AmazonSqsHostConfiguration host, ReceiveEndpointContext endpoint) : ISendTransportProvider, IPublishTransportProvider
{
    public Uri NormalizeAddress(Uri address) => Parse(address).ToUri();

    public Task<ISendTransport> GetSendTransport(Uri address) => Task.FromResult<ISendTransport>(Transport(address, Plain));

    public Task<ISendTransport> GetPublishTransport<T>(Uri? publishAddress)
        where T : class =>
        Task.FromResult<ISendTransport>(Transport(publishAddress ?? throw new ArgumentException($"{typeof(T)} has no topic to be published to."), address => host.Topologies.Publish.SpecOf<T>(address.Name)));

    private SendTransport<PipeContext> Transport(Uri uri, Func<AmazonSqsAddress, TopicSpec> topic)
    {
        var address = Parse(uri);
        return new SendTransport<PipeContext>(address.IsTopic
            ? new TopicSendTransportContext(host, endpoint.Serialization, host.Broker, topic(address), host.Settings.AllowTransportHeader)
            : new QueueSendTransportContext(host, endpoint.Serialization, host.Broker, Spec(address), host.Settings.AllowTransportHeader));
    }

    /// <summary>Attributes that were configured for a published type hold for a send to its topic as well.</summary>
    private TopicSpec Plain(AmazonSqsAddress address) => host.Topologies.Publish.SpecOf(address.Name) ?? TopicSpec.Plain(address.Name);

    /// <summary>A send to a queue that this bus receives from makes it as that endpoint wants it.</summary>
    private QueueSpec Spec(AmazonSqsAddress address) =>
        host.QueueSpecOf(address.Name) ?? new QueueSpec(address.Name) { Durable = address.Durable, AutoDelete = address.AutoDelete };

    private AmazonSqsAddress Parse(Uri address) => host.Parse(address);
}
