using MassTransit;
using MassTransit.Transports;

namespace Orchestrator.AmazonSqs;

/// <summary>What one receive endpoint works with.</summary>
internal sealed class SqsReceiveEndpointContext : BaseReceiveEndpointContext
{
    private readonly AmazonSqsHostConfiguration _host;

    public SqsReceiveEndpointContext(AmazonSqsHostConfiguration host, AmazonSqsReceiveEndpointConfiguration configuration, IReadOnlyList<SubscriptionSpec> subscriptions)
        : base(host, configuration)
    {
        _host = host;
        Queue = configuration.Queue;
        Settings = configuration.Settings;
        Subscriptions = subscriptions;
        // Two classes: payloads are found by assignability, and one class for both would send skipped messages to _error.
        IErrorTransport error = new SqsErrorTransport(this);
        IDeadLetterTransport skipped = new SqsSkippedTransport(this);
        GetOrAddPayload(() => error);
        GetOrAddPayload(() => skipped);
        GetOrAddPayload(() => host.Topology);
    }

    public QueueSpec Queue { get; }
    public ReceiveSettings Settings { get; }
    public IReadOnlyList<SubscriptionSpec> Subscriptions { get; }
    public Broker Broker => _host.Broker;
    public ISendTopology SendTopology => _host.Topologies.Send;

    public override void AddSendAgent(MassTransit.IAgent agent) => throw new NotSupportedException("Requests need no connection: there are no agents to supervise.");

    public override void AddConsumeAgent(MassTransit.IAgent agent) => throw new NotSupportedException("Requests need no connection: there are no agents to supervise.");

    public override Exception ConvertException(Exception exception, string message) => new ConnectionException(message, exception);

    protected override ISendTransportProvider CreateSendTransportProvider() => _provider ??= new SqsTransportProvider(_host, this);

    protected override IPublishTransportProvider CreatePublishTransportProvider() => _provider ??= new SqsTransportProvider(_host, this);

    private SqsTransportProvider? _provider;
}
