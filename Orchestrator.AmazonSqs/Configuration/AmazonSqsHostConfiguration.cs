using MassTransit;
using MassTransit.Configuration;
using MassTransit.Transports;
using Microsoft.Extensions.Logging.Abstractions;

namespace Orchestrator.AmazonSqs;

/// <summary>The configuration of the bus's connection to AWS and of its endpoints.</summary>
internal sealed class AmazonSqsHostConfiguration : BaseHostConfiguration<AmazonSqsReceiveEndpointConfiguration, IAmazonSqsReceiveEndpointConfigurator>
{
    private readonly AmazonSqsBusConfiguration _bus;
    private readonly Dictionary<string, QueueSpec> _queues = [];
    private readonly Lazy<Broker> _broker;
    private AmazonSqsHostSettings _settings = new("us-east-1");

    public AmazonSqsHostConfiguration(AmazonSqsBusConfiguration bus, Topologies topologies) : base(bus)
    {
        _bus = bus;
        Topologies = topologies;
        Topology = new SqsBusTopology(this, topologies);
        _broker = new Lazy<Broker>(CreateBroker);
    }

    public Topologies Topologies { get; }
    public RequestCounter Requests { get; set; } = new();
    public TimeProvider Time { get; set; } = TimeProvider.System;

    public AmazonSqsHostSettings Settings
    {
        get => _settings;
        set
        {
            _settings = value;
            if (value is { ScopeTopics: true, ScopeName: { } scope })
                Topologies.Message.SetEntityNameFormatter(new PrefixEntityNameFormatter(Topologies.Message.EntityNameFormatter, scope + "_"));
        }
    }

    public Broker Broker => _broker.Value;

    public override Uri HostAddress => _settings.HostAddress;
    public override IBusTopology Topology { get; }

    /// <summary>Receiving retries by itself, for as long as it takes.</summary>
    public override IRetryPolicy ReceiveTransportRetryPolicy => Retry.None;

    public AmazonSqsAddress Parse(Uri address)
    {
        var parsed = AmazonSqsAddress.Parse(HostAddress, address);
        return address.Scheme == "topic" && _settings is { ScopeTopics: true, ScopeName: { } scope } ? parsed with { Name = $"{scope}_{parsed.Name}" } : parsed;
    }

    public QueueSpec? QueueSpecOf(string name)
    {
        lock (_queues)
            return _queues.GetValueOrDefault(name);
    }

    public AmazonSqsReceiveEndpointConfiguration CreateEndpoint(
        QueueSpec queue, AmazonSqsEndpointConfiguration endpoint, Action<IAmazonSqsReceiveEndpointConfigurator>? configure)
    {
        var configuration = new AmazonSqsReceiveEndpointConfiguration(this, queue, endpoint);
        configure?.Invoke(configuration);
        Observers.EndpointConfigured(configuration);
        Add(configuration);
        lock (_queues)
            _queues[queue.Name] = queue;
        return configuration;
    }

    public AmazonSqsReceiveEndpointConfiguration CreateEndpoint(string queueName, Action<IAmazonSqsReceiveEndpointConfigurator>? configure) =>
        CreateEndpoint(new QueueSpec(queueName), _bus.CreateChild(), configure);

    public override IReceiveEndpointConfiguration CreateReceiveEndpointConfiguration(string queueName, Action<IReceiveEndpointConfigurator>? configure = null) =>
        CreateEndpoint(queueName, configure);

    public override void ReceiveEndpoint(string queueName, Action<IAmazonSqsReceiveEndpointConfigurator> configureEndpoint) => CreateEndpoint(queueName, configureEndpoint);

    public override void ReceiveEndpoint(
        IEndpointDefinition definition, IEndpointNameFormatter? endpointNameFormatter, Action<IAmazonSqsReceiveEndpointConfigurator>? configureEndpoint = null) =>
        CreateEndpoint(definition, endpointNameFormatter, configureEndpoint);

    public AmazonSqsReceiveEndpointConfiguration CreateEndpoint(
        IEndpointDefinition definition, IEndpointNameFormatter? names, Action<IAmazonSqsReceiveEndpointConfigurator>? configure) =>
        CreateEndpoint(definition.GetEndpointName(names ?? DefaultEndpointNameFormatter.Instance), endpoint =>
        {
            if (definition.IsTemporary)
            {
                endpoint.AutoDelete = true;
                endpoint.Durable = false;
            }
            ApplyEndpointDefinition(endpoint, definition);
            configure?.Invoke(endpoint);
        });

    public override IHost Build()
    {
        var host = new AmazonSqsHost(this, Topology);
        foreach (var endpoint in GetConfiguredEndpoints())
            endpoint.Build(host);
        return host;
    }

    public override IEnumerable<ValidationResult> Validate() => [.. base.Validate(), .. _settings.Validate(this)];

    private Broker CreateBroker()
    {
        var (sqs, sns) = _settings.CreateClients(Requests);
        return new Broker(sqs, sns, _settings.ToBrokerOptions(), Time, LogContext?.Logger ?? NullLogger.Instance);
    }
}
