using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orchestrator.Persistence.Outbox;
using Orchestrator.Persistence.Sagas;

namespace Orchestrator.Tests.Persistence;

/// <summary>A process of the tests: the in-memory bus with the chores' saga, outbox and inbox on a real database.</summary>
public sealed class ChoreHost : IAsyncDisposable
{
    private readonly IHost _host;

    private ChoreHost(IHost host, string connectionString) => (_host, ConnectionString) = (host, connectionString);

    public string ConnectionString { get; }

    public IServiceProvider Services => _host.Services;

    public NpgsqlDataSource Database => Services.GetRequiredService<NpgsqlDataSource>();

    public SagaDoor<ChoreMachine, Chore> Door => Services.GetRequiredService<SagaDoor<ChoreMachine, Chore>>();

    public OutboxWriter Outbox => Services.GetRequiredService<OutboxWriter>();

    /// <summary>Starts a host on this database, or on a new one.</summary>
    /// <param name="connectionString">An existing database of <see cref="ChoreDb"/>.</param>
    /// <param name="bus">Consumers besides the saga.</param>
    /// <param name="outbox">Settings of the outbox.</param>
    /// <param name="services">Services besides the bus; they come last.</param>
    /// <param name="configureBus">Settings of the bus before its endpoints.</param>
    public static async Task<ChoreHost> StartAsync(
        string? connectionString = null,
        Action<IBusRegistrationConfigurator>? bus = null,
        Action<OutboxOptions>? outbox = null,
        Action<IServiceCollection>? services = null,
        Action<IBusRegistrationContext, IInMemoryBusFactoryConfigurator>? configureBus = null)
    {
        connectionString ??= await ChoreDb.CreateDatabaseAsync();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton(NpgsqlDataSource.Create(connectionString));
        builder.Services.AddDbContextPool<ChoreDb>((provider, options) =>
            options.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>()).AddOutboxCommits(provider));
        builder.Services.AddSingleton<SagaDoor<ChoreMachine, Chore>>();
        builder.Services.AddSingleton<Arrivals>();
        services?.Invoke(builder.Services);
        builder.Services.AddMassTransit(x =>
        {
            x.AddOutbox<ChoreDb>(options =>
            {
                options.Acknowledge = OutboxAcknowledgement.OnConsume;
                outbox?.Invoke(options);
            });
            x.SetKebabCaseEndpointNameFormatter();
            x.AddSagaStateMachine<ChoreMachine, Chore>().PostgresRepository<Chore, ChoreDb>();
            bus?.Invoke(x);
            x.AddConfigureEndpointsCallback((context, _, endpoint) =>
            {
                endpoint.UseMessageRetry(retry => retry.Immediate(3));
                endpoint.UseOutbox<ChoreDb>(context);
            });
            x.UsingInMemory((context, cfg) =>
            {
                cfg.AcknowledgeOutbox(context);
                configureBus?.Invoke(context, cfg);
                cfg.ConfigureEndpoints(context);
            });
        });
        var host = builder.Build();
        await host.StartAsync();
        return new ChoreHost(host, connectionString);
    }

    /// <summary>Runs something with a context in a scope of its own.</summary>
    public async Task<T> InScopeAsync<T>(Func<IServiceProvider, ChoreDb, Task<T>> act)
    {
        await using var scope = Services.CreateAsyncScope();
        return await act(scope.ServiceProvider, scope.ServiceProvider.GetRequiredService<ChoreDb>());
    }

    /// <summary>The chore as the database has it.</summary>
    public Task<Chore?> ReadAsync(Guid id) => InScopeAsync((_, db) => db.Chores.AsNoTracking().SingleOrDefaultAsync(chore => chore.CorrelationId == id));

    /// <summary>One value from the database.</summary>
    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }
}
