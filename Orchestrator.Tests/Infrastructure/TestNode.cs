using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orchestrator.Persistence.Migrations;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Run;

namespace Orchestrator.Tests.Infrastructure;

/// <summary>A real node in this process, on a database of its own (or a given one), with handlers of the test's making.</summary>
public sealed class TestNode : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestNode(WebApplication app, string connectionString) => (_app, ConnectionString) = (app, connectionString);

    public string ConnectionString { get; }

    public IServiceProvider Services => _app.Services;

    public IJobClient Jobs => Services.GetRequiredService<IJobClient>();

    public NpgsqlDataSource Database => Services.GetRequiredService<NpgsqlDataSource>();

    public Uri Url => new(_app.Urls.First());

    /// <param name="lanes">Handlers by lane, as functions.</param>
    /// <param name="settings">Settings below <c>Orchestrator:</c> that differ from the tests' defaults.</param>
    /// <param name="connectionString">Another node's database, to make a second node.</param>
    /// <param name="replace">Puts a service of the test in the place of one of the node's.</param>
    public static async Task<TestNode> StartAsync(
        IReadOnlyDictionary<string, Func<JobRun, CancellationToken, Task<JobOutcome>>> lanes,
        IReadOnlyDictionary<string, string?>? settings = null, string? connectionString = null, Action<IServiceCollection>? replace = null)
    {
        var environment = await Shared.Environment;
        var database = connectionString ?? await environment.CreateDatabaseAsync(Shared.Unique("node"));
        var values = new Dictionary<string, string?>
        {
            ["Orchestrator:Database:ConnectionString"] = database,
            ["Orchestrator:Database:MaxConnections"] = "20",
            ["Orchestrator:Bus:Transport"] = "InMemory",
            ["Orchestrator:Bus:ServiceUrl"] = environment.ServiceUrl.ToString(),
            ["Orchestrator:Http:Url"] = "http://127.0.0.1:0",
            ["Orchestrator:Dispatch:PollInterval"] = "00:00:00.500",
            ["Orchestrator:Node:Heartbeat"] = "00:00:00.500",
            ["Orchestrator:Node:Lease"] = "00:00:03",
            ["Orchestrator:Sweeps:Enabled"] = "false",
        };
        foreach (var lane in lanes.Keys)
        {
            values[$"Orchestrator:Lanes:{lane}:Permits"] = "3";
            values[$"Orchestrator:Lanes:{lane}:Backoff"] = "00:00:00.050";
        }

        foreach (var (key, value) in settings ?? new Dictionary<string, string?>())
            values["Orchestrator:" + key] = value;

        var builder = OrchestratorHost.CreateBuilder([], configuration =>
        {
            configuration.Sources.Clear();
            configuration.AddInMemoryCollection(values);
        });
        builder.Logging.ClearProviders();
        foreach (var (lane, work) in lanes)
        {
            builder.Services.AddSingleton(new LaneWork(lane, work));
            builder.Services.AddSingleton(new Service.Receive.LaneHandler(lane, typeof(FunctionHandler)));
        }

        builder.Services.AddScoped<FunctionHandler>();
        builder.AddNode();
        replace?.Invoke(builder.Services);
        var app = builder.Build();
        await Migrator.ApplyAsync(app.Services.GetRequiredService<NpgsqlDataSource>());
        app.MapOrchestrator();
        await app.StartAsync();
        return new TestNode(app, database);
    }

    /// <summary>One value of the database.</summary>
    public async Task<T> ScalarAsync<T>(string sql, params object[] parameters)
    {
        await using var command = Database.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private sealed record LaneWork(string Lane, Func<JobRun, CancellationToken, Task<JobOutcome>> Work);

    private sealed class FunctionHandler(IEnumerable<LaneWork> lanes) : IJobHandler
    {
        public Task<JobOutcome> RunAsync(JobRun run, CancellationToken cancellation) => lanes.Single(l => l.Lane == run.Lane).Work(run, cancellation);
    }
}
