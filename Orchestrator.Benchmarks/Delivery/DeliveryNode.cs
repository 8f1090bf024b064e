using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orchestrator.Contracts;
using Orchestrator.Local;
using Orchestrator.Local.Storm;
using Orchestrator.Persistence.Migrations;
using Orchestrator.Service.Delivery.Tasks;
using Orchestrator.Service.Hosting;

namespace Orchestrator.Benchmarks.Delivery;

/// <summary>A node of the delivery pipeline in this process, with all settings at their defaults except those that say where things are.</summary>
internal sealed class DeliveryNode : IAsyncDisposable
{
    private static int _databases;
    private readonly WebApplication _app;

    private DeliveryNode(WebApplication app) => _app = app;

    public NpgsqlDataSource Database => _app.Services.GetRequiredService<NpgsqlDataSource>();

    public ITaskClient Tasks => _app.Services.GetRequiredService<ITaskClient>();

    public Uri Url => new(_app.Urls.First());

    /// <summary>How often <see cref="DeliverAsync"/> has looked at a task.</summary>
    public int Looks { get; private set; }

    public static async Task<DeliveryNode> StartAsync(LocalEnvironment environment, BusTransport transport, IReadOnlyDictionary<string, string> settings)
    {
        var name = $"delivery{Interlocked.Increment(ref _databases)}";
        var values = settings.ToDictionary(setting => "Orchestrator:" + setting.Key, setting => (string?)setting.Value);
        values["Orchestrator:Database:ConnectionString"] = await environment.CreateDatabaseAsync(name);
        values["Orchestrator:Bus:Transport"] = transport.ToString();
        values["Orchestrator:Bus:ServiceUrl"] = environment.ServiceUrl.ToString();
        values["Orchestrator:Bus:Prefix"] = name + "-";
        values["Orchestrator:Bus:LongPollSeconds"] = "5"; // a stop waits for the poll that is under way
        values["Orchestrator:Http:Url"] = "http://127.0.0.1:0";
        var builder = BenchNode.Builder(values);
        builder.AddNode();
        var app = builder.Build();
        await Migrator.ApplyAsync(app.Services.GetRequiredService<NpgsqlDataSource>());
        app.MapOrchestrator();
        await app.StartAsync();
        return new DeliveryNode(app);
    }

    /// <summary>Takes one change from its request to the end of its last stage.</summary>
    public async Task DeliverAsync(DeliveryYard yard, int change)
    {
        var id = (await Tasks.OpenAsync(new OpenTask { Repository = yard.RepositoryOfChange(change), Title = DeliveryYard.TitleOf(change), ExternalKey = DeliveryYard.KeyOf(change) })).TaskId;
        while (await Tasks.GetAsync(id) is { } task && task.State != "Done")
        {
            Looks++;
            if (task.State is "Held" or "Failed")
                throw new InvalidOperationException($"Change {change} is {task.State} at {task.Stage}: {task.Reason}");
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
