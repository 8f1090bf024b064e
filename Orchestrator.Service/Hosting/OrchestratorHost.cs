using System.Globalization;
using System.Net;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Orchestrator.Persistence;
using Orchestrator.Persistence.Outbox;
using Orchestrator.Service.Alerts;
using Orchestrator.Service.Claim;
using Orchestrator.Service.Delivery;
using Orchestrator.Service.Delivery.Webhooks;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Documents;
using MassTransit;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Http;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Nodes;
using Orchestrator.Service.Permit;
using Orchestrator.Service.Processes;
using Orchestrator.Service.Reaper;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Resilience;
using Orchestrator.Service.Run;
using Orchestrator.Service.Sweeps;

namespace Orchestrator.Service.Hosting;

/// <summary>The service, put together in the order of the journey.</summary>
public static class OrchestratorHost
{
    /// <summary>A builder with validated settings and every step of the journey; add handlers with <see cref="AddLane{THandler}"/>.</summary>
    /// <exception cref="BrokenSettingsException">The configuration breaks a rule.</exception>
    public static WebApplicationBuilder CreateBuilder(string[] arguments, Action<IConfigurationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = arguments, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddSettingsFile();
        configure?.Invoke(builder.Configuration);
        builder.AddSettings();

        var services = builder.Services;
        services.AddSingleton(TimeProvider.System);
        services.AddDatabase();
        services.AddJobs();
        services.AddDocuments();
        services.AddDelivery();
        builder.ListenOnLoopback();
        return builder;
    }

    /// <summary>"The jobs of this lane are done by this type."</summary>
    public static void AddLane<THandler>(this IServiceCollection services, string lane) where THandler : class, IJobHandler
    {
        services.AddScoped<THandler>();
        services.AddSingleton(new LaneHandler(lane, typeof(THandler)));
    }

    /// <summary>What a process needs that works: bus, dispatch, lease, sweeps, HTTP. Without it the process can only submit and look.</summary>
    public static void AddNode(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddHostedService(p => p.GetRequiredService<NodeLease>()); // first to start, last to stop
        services.AddHostedService<Observability>();
        services.AddHostedService<LaneRegistration>();
        services.AddHostedService(p => p.GetRequiredService<Sanitizer>());
        services.AddBus();
        services.AddAlerts();
        services.AddHostedService(p => p.GetRequiredService<Preflights>());
        services.AddHostedService(p => p.GetRequiredService<ProcessRuns>());
        services.AddHostedService<Dispatcher>();
        services.AddHostedService<HostProbe>();
        services.AddHostedService<StrandedRuns>();
        services.AddHostedService<Drain>();
        services.AddSweeps(Section<SweepOptions>(services), Section<ReaperOptions>(services), Section<BusOptions>(services), Section<DeliveryOptions>(services));
        services.AddHostedService(p => p.GetRequiredService<ProcessMemory>());
        services.Configure<HostOptions>(o => o.ShutdownTimeout = Section<NodeOptions>(services).Drain + TimeSpan.FromSeconds(30));
    }

    /// <summary>What a process needs that only submits: the bus is there for the lifecycle's sake and is never started.</summary>
    public static void AddClient(this WebApplicationBuilder builder) => builder.Services.AddBusOf(static bus => bus.UsingInMemory());

    /// <summary>The routes.</summary>
    public static void MapOrchestrator(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseMiddleware<Admission>();
        app.MapJobs();
        app.MapJobLog();
        app.MapResilience();
        app.MapQueue();
        app.MapLanes();
        app.MapSweeps();
        app.MapDocuments();
        app.MapDelivery();
        app.MapWebhooks();
        app.MapHealth();
        app.MapOpenApi();
    }

    private static void AddDatabase(this IServiceCollection services)
    {
        var options = Section<DatabaseOptions>(services);
        var connection = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            MaxPoolSize = options.MaxConnections,
            MaxAutoPrepare = 100,
            NoResetOnClose = true,
            Timezone = "UTC",
            ApplicationName = "orchestrator",
        };
        // A node that stalls or vanishes inside a transaction keeps its row locks, and nobody can take its jobs: the server ends it.
        connection.Options = string.Create(CultureInfo.InvariantCulture,
            $"{connection.Options} -c idle_in_transaction_session_timeout={options.StalledTransaction.TotalMilliseconds:0} -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3").Trim();
        services.AddSingleton(_ => NpgsqlDataSource.Create(connection));
        services.AddSingleton<System.Data.Common.DbDataSource>(p => p.GetRequiredService<NpgsqlDataSource>()); // Quartz asks for this type
        services.AddDbContextPool<OrchestratorDb>((p, db) => db.UseNpgsql(p.GetRequiredService<NpgsqlDataSource>()).AddOutboxCommits(p));
    }

    private static void AddJobs(this IServiceCollection services)
    {
        var work = Section<WorkOptions>(services);
        services.AddSingleton<Transitions>();
        services.AddSingleton<Intake>();
        services.AddSingleton<IJobClient, JobClient>();
        services.AddSingleton<WorkSignal>();
        services.AddSingleton<RunningJobs>();
        services.AddSingleton<NodeLease>();
        services.AddSingleton<DeadNodes>();
        services.AddSingleton<Lanes>();
        services.AddSingleton(p => new Permits(work.Permits, p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IWakeUps, BusWakeUps>();
        services.AddSingleton<Obstacles>();
        services.AddSingleton<Preflights>();
        services.AddSingleton<Breakers>();
        services.AddSingleton<Holds>();
        services.AddSingleton<Alerts.Alerts>();
        services.AddSingleton<OutcomeGates>();
        services.AddSingleton<RunMonitor>();
        services.AddSingleton<CommandBook>();
        services.AddSingleton<Launcher>();
        services.AddSingleton<RunFolders>();
        services.AddSingleton<ProcessRuns>();
        foreach (var (lane, command) in Section<LanesOptions>(services).SelectMany(lane => lane.Value.Commands.Select(command => (lane.Key, command))))
            services.AddSingleton<IPreflight>(p => new CommandPreflight(lane, command, p.GetRequiredService<CommandsOptions>(), p.GetRequiredService<PreflightOptions>()));
        services.AddSingleton<Sanitizer>();
        services.AddSingleton<Persistent>();
        services.AddSingleton<Claims>();
        services.AddSingleton<ClaimMetrics>();
        services.AddSingleton<QueuedJobs>();
        services.AddSingleton<Finalizer>();
        services.AddSingleton<HandBack>();
        services.AddSingleton<OldNewsFilter>();
        services.AddSingleton<WaitingLineFilter>();
        services.AddSingleton<ConcurrencyLimitFilter>();
        services.AddSingleton<ClaimFilter>();
        services.AddSingleton<RunFilter>();
        services.AddSingleton<FinalizeFilter>();
        services.AddSingleton<ProcessMemory>();
        services.AddQueueBlocks();
    }

    private static void ListenOnLoopback(this WebApplicationBuilder builder)
    {
        var url = Section<HttpOptions>(builder.Services).Url;
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 4 * 1024 * 1024;
            kestrel.Listen(url.Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(url.Host.Trim('[', ']')), url.Port);
        });
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<Problems>();
        builder.Services.AddOpenApi();
        builder.Services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true); // so that Problems can say what is wrong
        builder.Services.ConfigureHttpJsonOptions(o =>
        {
            o.SerializerOptions.Converters.Add(new JsonStringEnumConverter());
            o.SerializerOptions.MaxDepth = 128; // what a handler returned nests up to 64 deep, and lists hold it some levels down
        });
    }

    internal static T Section<T>(IServiceCollection services) where T : class =>
        (T)services.Single(s => s.ServiceType == typeof(T)).ImplementationInstance!;
}
