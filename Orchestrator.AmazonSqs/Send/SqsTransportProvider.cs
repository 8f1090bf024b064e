using System.Collections.Concurrent;
using MassTransit;
using MassTransit.Transports;

namespace Orchestrator.AmazonSqs;

/// <summary>Finds the transport for an address: a queue for a send, a topic for a publish. One transport per address is kept.</summary>
internal sealed class SqsTransportProvider(AmazonSqsHostConfiguration host, ReceiveEndpointContext endpoint) : ISendTransportProvider, IPublishTransportProvider
{
    private readonly ConcurrentDictionary<Uri, ISendTransport> _transports = new();

    public Uri NormalizeAddress(Uri address) => Parse(address).ToUri();

    public Task<ISendTransport> GetSendTransport(Uri address) => Task.FromResult(Transport(address, Plain));

    public Task<ISendTransport> GetPublishTransport<T>(Uri? publishAddress)
        where T : class =>
        Task.FromResult(Transport(publishAddress ?? throw new ArgumentException($"{typeof(T)} has no topic to be published to."), address => host.Topologies.Publish.SpecOf<T>(address.Name)));

    private ISendTransport Transport(Uri uri, Func<AmazonSqsAddress, TopicSpec> topic) => _transports.GetOrAdd(uri, key =>
    {
        var address = Parse(key);
        return new SendTransport<PipeContext>(address.IsTopic
            ? new TopicSendTransportContext(host, endpoint.Serialization, host.Broker, topic(address), host.Settings.AllowTransportHeader)
            : new QueueSendTransportContext(host, endpoint.Serialization, host.Broker, Spec(address), host.Settings.AllowTransportHeader));
    });

    /// <summary>Attributes that were configured for a published type hold for a send to its topic as well.</summary>
    private TopicSpec Plain(AmazonSqsAddress address) => host.Topologies.Publish.SpecOf(address.Name) ?? TopicSpec.Plain(address.Name);

    /// <summary>A send to a queue that this bus receives from makes it as that endpoint wants it.</summary>
    private QueueSpec Spec(AmazonSqsAddress address) =>
        host.QueueSpecOf(address.Name) ?? new QueueSpec(address.Name) { Durable = address.Durable, AutoDelete = address.AutoDelete };

    private AmazonSqsAddress Parse(Uri address) => host.Parse(address);
}
