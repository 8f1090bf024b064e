using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orchestrator.Local;
using Orchestrator.Persistence.Migrations;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Run;

namespace Orchestrator.Benchmarks.Own;

/// <summary>One node on a database of its own. Notes when each job began to run.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private static int _databases;

    private readonly ConcurrentDictionary<Guid, long> _starts = new();
    private readonly WebApplication _node;
    private TaskCompletionSource _enough = new();
    private long _started, _wanted = long.MaxValue;

    private Bench(IReadOnlyDictionary<string, string?> settings, BusTransport transport)
    {
        Transport = transport;
        _node = BenchNode.Worker(settings, RunAsync);
    }

    public BusTransport Transport { get; }

    /// <summary>What a run does; nothing at first.</summary>
    public Func<CancellationToken, Task> Work { get; set; } = static _ => Task.CompletedTask;

    public IServiceProvider Services => _node.Services;

    public IJobClient Jobs => Services.GetRequiredService<IJobClient>();

    public NpgsqlDataSource Database => Services.GetRequiredService<NpgsqlDataSource>();

    public IReadOnlyDictionary<Guid, long> Starts => _starts;

    public static async Task<Bench> StartAsync(LocalEnvironment environment, BusTransport transport, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var number = Interlocked.Increment(ref _databases);
        var values = BenchNode.Settings(await environment.CreateDatabaseAsync($"bench{number}"), transport, environment.ServiceUrl.ToString(), concurrency: 10);
        values["Orchestrator:Bus:Prefix"] = $"bench{number}-";
        foreach (var (key, value) in settings ?? new Dictionary<string, string?>())
            values[key] = value;
        await Migrator.ApplyAsync(values["Orchestrator:Database:ConnectionString"]!);
        var bench = new Bench(values, transport);
        await bench._node.StartAsync();
        return bench;
    }

    /// <summary>Completes when so many more runs have begun.</summary>
    public Task StartedAsync(int runs)
    {
        _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _wanted, Volatile.Read(ref _started) + runs);
        return _enough.Task;
    }

    /// <summary>Completes when no job waits or runs that is due.</summary>
    public async Task QuietAsync()
    {
        while (await ScalarAsync("SELECT count(*) FROM orchestrator.job WHERE state IN ('Running', 'Finalizing') OR state = 'Queued' AND available_at <= now()") > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
    }

    public async Task<long> ScalarAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        command.CommandTimeout = 600;
        return await command.ExecuteScalarAsync() is long value ? value : 0;
    }

    public async Task<string?> TextAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (string?)await command.ExecuteScalarAsync();
    }

    /// <summary>Lets the lane's dispatch go on or stop; a paused lane gathers a queue.</summary>
    public Task PauseAsync(bool paused) =>
        ScalarAsync($"UPDATE orchestrator.lane SET paused_at = {(paused ? "now()" : "NULL")} WHERE name = '{BenchNode.Lane}'");

    public async ValueTask DisposeAsync()
    {
        await _node.StopAsync();
        await _node.DisposeAsync();
    }

    private async Task<JobOutcome> RunAsync(JobRun run, CancellationToken cancellation)
    {
        _starts[run.JobId] = Stopwatch.GetTimestamp();
        if (Interlocked.Increment(ref _started) == Volatile.Read(ref _wanted))
            _enough.TrySetResult();
        await Work(cancellation);
        return JobOutcome.Done();
    }
}
