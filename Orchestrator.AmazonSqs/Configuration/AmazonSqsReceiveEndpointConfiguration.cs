using MassTransit;
using MassTransit.Configuration;
using MassTransit.Transports;

namespace Orchestrator.AmazonSqs;

/// <inheritdoc cref="IAmazonSqsReceiveEndpointConfigurator"/>
internal sealed class AmazonSqsReceiveEndpointConfiguration : ReceiveEndpointConfiguration, IAmazonSqsReceiveEndpointConfigurator
{
    private readonly AmazonSqsHostConfiguration _host;
    private readonly AmazonSqsEndpointConfiguration _endpoint;
    private readonly Lazy<Uri> _inputAddress;

    public AmazonSqsReceiveEndpointConfiguration(AmazonSqsHostConfiguration host, QueueSpec queue, AmazonSqsEndpointConfiguration endpoint)
        : base(host, endpoint)
    {
        (_host, _endpoint, Queue) = (host, endpoint, queue);
        _inputAddress = new Lazy<Uri>(() =>
            new AmazonSqsAddress(host.Settings.Region, host.Settings.ScopeName, Queue.Name, Durable: Queue.Durable, AutoDelete: Queue.AutoDelete).ToUri());
    }

    public QueueSpec Queue { get; }
    public ReceiveSettings Settings { get; } = new();
    public SqsConsumeTopology ConsumeTopology => _endpoint.Topologies.Consume;

    public override Uri HostAddress => _host.HostAddress;
    public override Uri InputAddress => _inputAddress.Value;

    public IDictionary<string, object> QueueAttributes => Queue.Attributes;
    public IDictionary<string, object> QueueSubscriptionAttributes { get; } = new Dictionary<string, object>();
    public IDictionary<string, string> QueueTags => Queue.Tags;

    public bool Durable
    {
        set
        {
            Queue.Durable = value;
            Changed(nameof(Durable));
        }
    }

    public bool AutoDelete
    {
        set
        {
            Queue.AutoDelete = value;
            Changed(nameof(AutoDelete));
        }
    }

    public bool PurgeOnStartup
    {
        set => Settings.PurgeOnStartup = value;
    }

    public int WaitTimeSeconds
    {
        set => Settings.WaitTimeSeconds = value;
    }

    public TimeSpan? ProtectiveVisibility
    {
        set => Settings.ProtectiveVisibility = value;
    }

    public TimeSpan? HeartbeatInterval
    {
        set => Settings.HeartbeatInterval = value;
    }

    public TimeSpan MaxRedeliveryDelay
    {
        set => Settings.MaxRedeliveryDelay = value;
    }

    public IPollGate? PollGate
    {
        set => Settings.PollGate = value;
    }

    public void DeadLetter(int maxReceiveCount, string? queueName = null) => (Queue.MaxReceiveCount, Queue.DeadLetterQueue) = (maxReceiveCount, queueName);

    public void Subscribe(string topicName, Action<IAmazonSqsTopicSubscriptionConfigurator>? configure = null) => ConsumeTopology.Subscribe(topicName, configure);

    public void Subscribe<T>(Action<IAmazonSqsTopicSubscriptionConfigurator>? configure = null)
        where T : class => ConsumeTopology.Of<T>().Subscribe(configure);

    public void DisableMessageOrdering() => Settings.IsOrdered = false;

    public override ReceiveEndpointContext CreateReceiveEndpointContext() => CreateContext();

    public void Build(IHost host)
    {
        var context = CreateContext();
        var endpoint = new ReceiveEndpoint(new SqsReceiveTransport(context), context);
        host.AddReceiveEndpoint(Queue.Name, endpoint);
        ReceiveEndpoint = endpoint;
    }

    public override IEnumerable<ValidationResult> Validate()
    {
        if (EntityNames.QueueNameFault(Queue.Name) is { } fault)
            yield return this.Failure("Queue", Queue.Name, fault);
        if (PrefetchCount < 1)
            yield return this.Failure("PrefetchCount", $"must be 1 or more, found {PrefetchCount}");
        if (Settings.WaitTimeSeconds is < 0 or > ReceiveSettings.LongestWait)
            yield return this.Failure("WaitTimeSeconds", $"must be 0 to {ReceiveSettings.LongestWait}, found {Settings.WaitTimeSeconds}");
        if (Settings.ProtectiveVisibility is { } protection)
        {
            if (protection < TimeSpan.FromSeconds(1) || protection > ReceiveSettings.HoldCap || protection.Ticks % TimeSpan.TicksPerSecond != 0)
                yield return this.Failure("ProtectiveVisibility", $"must be whole seconds from 1 s to 12 h, found {protection}");
            if (Settings.Interval is { } interval && (interval <= TimeSpan.Zero || interval >= protection))
                yield return this.Failure("HeartbeatInterval", $"must be more than nothing and less than the protection of {protection}, found {interval}");
        }
        if (Settings.MaxRedeliveryDelay < TimeSpan.Zero || Settings.MaxRedeliveryDelay > ReceiveSettings.HoldCap)
            yield return this.Failure("MaxRedeliveryDelay", $"must be 0 to 12 h, found {Settings.MaxRedeliveryDelay}");
        if (Queue.MaxReceiveCount is < 1 or > 1000)
            yield return this.Failure("DeadLetter", $"maxReceiveCount must be 1 to 1000, found {Queue.MaxReceiveCount}");
        if (Settings.PurgeOnStartup)
            yield return this.Warning("PurgeOnStartup", $"the queue {Queue.Name} is emptied at each start");
        foreach (var result in base.Validate())
            yield return result.WithParentKey(Queue.Name);
    }

    protected override bool IsAlreadyConfigured() => _inputAddress.IsValueCreated || base.IsAlreadyConfigured();

    private SqsReceiveEndpointContext CreateContext()
    {
        var builder = new Builder(this);
        ApplySpecifications(builder);
        return new SqsReceiveEndpointContext(_host, this, ConsumeTopology.Subscriptions(QueueSubscriptionAttributes));
    }

    /// <summary>Subscribes the queue to the topic of each type that is consumed, where the consume topology wants it.</summary>
    private sealed class Builder(AmazonSqsReceiveEndpointConfiguration endpoint) : ReceiveEndpointBuilder(endpoint)
    {
        public override ConnectHandle ConnectConsumePipe<T>(IPipe<ConsumeContext<T>> pipe, ConnectPipeOptions options)
        {
            if (endpoint.ConfigureConsumeTopology && options.HasFlag(ConnectPipeOptions.ConfigureConsumeTopology))
            {
                var topology = endpoint.ConsumeTopology.Of<T>();
                if (topology.ConfigureConsumeTopology)
                    topology.Subscribe(null);
            }
            return base.ConnectConsumePipe(pipe, options);
        }
    }
}
