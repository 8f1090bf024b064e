using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orchestrator.Persistence.Migrations;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Run;

namespace Orchestrator.Benchmarks;

/// <summary>The real service with one lane, put together for a measurement.</summary>
internal static class BenchNode
{
    public const string Lane = "bench";

    /// <summary>The settings that the measurements state with their figures; whatever is not named here is a default of the service.</summary>
    /// <param name="concurrency">Runs at once.</param>
    public static Dictionary<string, string?> Settings(string connectionString, BusTransport transport, string serviceUrl, int concurrency) => new()
    {
        ["Orchestrator:Database:ConnectionString"] = connectionString,
        ["Orchestrator:Bus:Transport"] = transport.ToString(),
        ["Orchestrator:Bus:ServiceUrl"] = serviceUrl,
        ["Orchestrator:Bus:LongPollSeconds"] = "5",
        ["Orchestrator:Http:Url"] = "http://127.0.0.1:0",
        ["Orchestrator:Work:Permits"] = $"{concurrency}",
        [$"Orchestrator:Lanes:{Lane}:Permits"] = $"{concurrency}",
        [$"Orchestrator:Lanes:{Lane}:Prefetch"] = "390",
        [$"Orchestrator:Lanes:{Lane}:ClaimQuickAlong"] = "true",
        [$"Orchestrator:Lanes:{Lane}:Visibility"] = "00:00:10", // how long a message is hidden that was on its way to a killed node
        ["Orchestrator:Dispatch:BatchSize"] = "200",
    };

    /// <summary>A node that works, with the lane's handler made by the caller.</summary>
    public static WebApplication Worker(IReadOnlyDictionary<string, string?> settings, Func<JobRun, CancellationToken, Task<JobOutcome>> work)
    {
        var builder = Builder(settings);
        builder.Services.AddSingleton(new Work(work));
        builder.Services.AddLane<WorkHandler>(Lane);
        builder.AddNode();
        var app = builder.Build();
        app.MapOrchestrator();
        return app;
    }

    /// <summary>A process that only submits.</summary>
    public static WebApplication Client(IReadOnlyDictionary<string, string?> settings)
    {
        var builder = Builder(settings);
        builder.AddClient();
        return builder.Build();
    }

    /// <summary>Drops everything of ours and makes it anew.</summary>
    public static async Task ResetAsync(string connectionString)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using (var drop = database.CreateCommand("SET client_min_messages = warning; DROP SCHEMA IF EXISTS orchestrator, quartz CASCADE"))
            await drop.ExecuteNonQueryAsync();
        await Migrator.ApplyAsync(database);
    }

    /// <summary>The service with these settings and no others.</summary>
    public static WebApplicationBuilder Builder(IReadOnlyDictionary<string, string?> settings)
    {
        var builder = OrchestratorHost.CreateBuilder([], configuration =>
        {
            configuration.Sources.Clear();
            configuration.AddInMemoryCollection(settings);
        });
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace); // standard output speaks JSON
        return builder;
    }

    private sealed record Work(Func<JobRun, CancellationToken, Task<JobOutcome>> Run);

    private sealed class WorkHandler(Work work) : IJobHandler
    {
        public Task<JobOutcome> RunAsync(JobRun run, CancellationToken cancellation) => work.Run(run, cancellation);
    }
}
