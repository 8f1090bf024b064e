using MassTransit;
using MassTransit.Configuration;
using MassTransit.Middleware;
using MassTransit.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

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
