using MassTransit;
using Orchestrator.AmazonSqs;
using Orchestrator.Persistence;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Outbox;
using Orchestrator.Persistence.Sagas;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery;
using Orchestrator.Service.Delivery.Tasks;
using Orchestrator.Service.Documents.Acquisition;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Receive;

namespace Orchestrator.Service.Hosting;

/// <summary>The one explicit list of endpoints.</summary>
internal static class Bus
{
    public static void AddBus(this IServiceCollection services)
    {
        var options = OrchestratorHost.Section<BusOptions>(services);
        var delivery = OrchestratorHost.Section<DeliveryOptions>(services);
        services.AddBusOf(bus =>
        {
            bus.AddConsumer<JobCommandsConsumer>();
            if (delivery.Enabled)
                bus.AddConsumer<TaskConsumer>();
            if (options.Transport == BusTransport.InMemory)
                bus.UsingInMemory((context, cfg) =>
                {
                    cfg.AcknowledgeOutbox(context);
                    Endpoints(context, cfg, options, static (_, _) => { });
                });
            else
                bus.UsingAmazonSqs((context, cfg) =>
                {
                    cfg.Host(HostOf(options));
                    cfg.OverrideDefaultBusEndpointQueueName($"{options.Prefix}bus-{Guid.NewGuid():N}"); // under our prefix, where the janitor looks
                    Endpoints(context, cfg, options, (endpoint, lane) => Protect(endpoint, lane, options));
                    cfg.ReceiveNotifications(context, options);
                });
        }, options.Transport == BusTransport.InMemory ? OutboxAcknowledgement.OnConsume : OutboxAcknowledgement.OnSend);
        services.Configure<MassTransitHostOptions>(o => o.WaitUntilStarted = true);
    }

    /// <summary>A bus with the lifecycle's door and the outbox, whatever the transport.</summary>
    public static void AddBusOf(
        this IServiceCollection services, Action<IBusRegistrationConfigurator> configure, OutboxAcknowledgement acknowledge = OutboxAcknowledgement.OnSend)
    {
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry(); // it tells its makers how the service is built; what leaves this host is the operator's choice
            bus.AddSagaStateMachine<JobLifecycle, Job>().PostgresRepository<Job, OrchestratorDb>(); // for the queries; its events come through the door
            bus.AddSagaStateMachine<TaskLifecycle, DeliveryTask>().PostgresRepository<DeliveryTask, OrchestratorDb>();
            bus.AddOutbox<OrchestratorDb>(outbox => outbox.Acknowledge = acknowledge);
            configure(bus);
        });
        services.AddSingleton<SagaDoor<JobLifecycle, Job>>();
        services.AddSingleton<SagaDoor<TaskLifecycle, DeliveryTask>>();
    }

    /// <summary>Where SQS and SNS are, for the bus and for whoever looks after its queues.</summary>
    public static AmazonSqsHostSettings HostOf(BusOptions options)
    {
        var host = new AmazonSqsHostSettings(options.Region);
        if (options.ServiceUrl is { } url)
            host.ServiceUrl(url);
        host.Scope(options.Prefix.TrimEnd('-', '_'), scopeTopics: true);
        host.TopologyMode(Enum.Parse<TopologyMode>(options.Topology.ToString()));
        return host;
    }

    // | queue      | consumer            | at once          | retry               | dead letters after |
    // | lanes      | WakeUpConsumer      | permits+prefetch | the job's own       | MaxReceiveCount    |
    // | jobs       | JobCommandsConsumer | 16               | 3 x, then _error    | 5                  |
    // | tasks      | TaskConsumer        | 16               | 3 x, then _error    | 5                  |
    // | acquisition| AcquisitionConsumer | Prefetch         | by visibility, if S3 or the database fails; else _error | MaxReceiveCount |
    private static void Endpoints<T>(
        IBusRegistrationContext context, IBusFactoryConfigurator<T> cfg, BusOptions options, Action<T, Lane?> protect) where T : class, IReceiveEndpointConfigurator
    {
        var stopping = context.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var journey = new Lazy<IPipe<JobContext>>(() => Pipeline.Journey(context)); // its steps use the bus that is being made here
        foreach (var lane in context.GetRequiredService<Lanes>().Enabled)
        {
            cfg.ReceiveEndpoint(options.Prefix + lane.Name, endpoint =>
            {
                endpoint.ConfigureConsumeTopology = false;
                endpoint.PrefetchCount = lane.Options.Permits + lane.Options.Prefetch;
                endpoint.ConcurrentMessageLimit = endpoint.PrefetchCount;
                protect(endpoint, lane);
                Pipeline.Receive(endpoint);
                endpoint.Instance(new WakeUpConsumer(lane, journey, stopping));
            });
        }

        cfg.ReceiveEndpoint(options.Prefix + "jobs", endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.PrefetchCount = 16;
            protect(endpoint, null);
            Pipeline.Receive(endpoint);
            endpoint.UseMessageRetry(r => r.Intervals(100, 500, 2000));
            endpoint.ConfigureConsumer<JobCommandsConsumer>(context);
        });

        if (!context.GetRequiredService<DeliveryOptions>().Enabled)
            return;
        cfg.ReceiveEndpoint(options.Prefix + "tasks", endpoint =>
        {
            endpoint.PrefetchCount = 16;
            protect(endpoint, null);
            Pipeline.Receive(endpoint);
            endpoint.UseMessageRetry(r => r.Intervals(100, 500, 2000));
            endpoint.ConfigureConsumer<TaskConsumer>(context); // hears of ended jobs
        });
    }

    private static void Protect(IAmazonSqsReceiveEndpointConfigurator endpoint, Lane? lane, BusOptions bus)
    {
        endpoint.ProtectiveVisibility = lane?.Options.Visibility ?? TimeSpan.FromMinutes(2);
        endpoint.PollGate = lane?.Gate;
        endpoint.WaitTimeSeconds = bus.LongPollSeconds;
        endpoint.DeadLetter(lane?.Options.MaxReceiveCount ?? 5);
    }
}
