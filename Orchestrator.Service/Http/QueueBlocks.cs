using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Nodes;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Permit;
using Orchestrator.Service.Reaper;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Run;
using Orchestrator.Service.Sweeps;

namespace Orchestrator.Service.Http;

/// <summary>The blocks that every node has, in the order of the answer.</summary>
internal static class QueueBlocks
{
    private const int Recent = 5;

    public static void AddQueueBlocks(this IServiceCollection services)
    {
        services.AddSingleton<QueueReport>();
        services.AddBlock<NpgsqlDataSource>("lanes", LanesAsync);
        services.AddBlock<NpgsqlDataSource>("recent", RecentAsync);
        services.AddBlock<NpgsqlDataSource>("nodes", async (database, cancellation) => await NodeLedger.AllAsync(database, cancellation));
        services.AddBlock<(Permits Process, Lanes Lanes)>("permits", p => (p.GetRequiredService<Permits>(), p.GetRequiredService<Lanes>()),
            (here, _) => Task.FromResult<object?>(new PermitsView(here.Process.Use, here.Lanes.Enabled.ToDictionary(l => l.Name, l => l.Permits.Use))));
        services.AddBlock<Lanes>("deliveries", (lanes, _) => Task.FromResult<object?>(lanes.Enabled.ToDictionary(l => l.Name, l => l.Deliveries.Use)));
        services.AddBlock<RunningJobs>("running", (running, _) => Task.FromResult<object?>(running.Count));
        services.AddBlock<ProcessMemory>("memory", (memory, _) => Task.FromResult<object?>(memory.Read()));
        services.AddSingleton<Why>();
        services.AddBlock<NpgsqlDataSource>("resilience", ResilienceEndpoints.ReadAsync);
        services.AddBlock<(NpgsqlDataSource Database, ReaperOptions Options)>("reaper", p => (p.GetRequiredService<NpgsqlDataSource>(), p.GetRequiredService<ReaperOptions>()),
            (here, cancellation) => ResilienceEndpoints.ReadReaperAsync(here.Database, here.Options, cancellation));
        services.AddBlock<(Sanitizer Sanitizer, ReaperOptions Options)>("sanitizer", p => (p.GetRequiredService<Sanitizer>(), p.GetRequiredService<ReaperOptions>()),
            (here, _) => Task.FromResult<object?>(ResilienceEndpoints.Read(here.Sanitizer, here.Options)));
        services.AddBlock<SweepControl>("sweeps", async (sweeps, cancellation) => await sweeps.ReadAsync(runs: 1, cancellation));
    }

    /// <summary>Jobs by lane and state.</summary>
    private static async Task<object?> LanesAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var counts = await JobLedger.CountsAsync(connection, cancellation);
        return counts.GroupBy(c => c.Lane).ToDictionary(g => g.Key, g => g.ToDictionary(c => c.State, c => c.Count));
    }

    private static async Task<object?> RecentAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return new RecentView(
            await EndedLedger.RecentAsync(connection, [nameof(JobLifecycle.Succeeded), nameof(JobLifecycle.Failed), nameof(JobLifecycle.Cancelled)], Recent, cancellation),
            await EndedLedger.RecentAsync(connection, [nameof(JobLifecycle.Failed)], Recent, cancellation));
    }

    private static void AddBlock<T>(this IServiceCollection services, string name, Func<T, CancellationToken, Task<object?>> read) where T : class =>
        services.AddBlock(name, p => p.GetRequiredService<T>(), read);

    private static void AddBlock<T>(this IServiceCollection services, string name, Func<IServiceProvider, T> source, Func<T, CancellationToken, Task<object?>> read) =>
        services.AddSingleton<IQueueBlock>(p => new Block(name, cancellation => read(source(p), cancellation)));

    private sealed class Block(string name, Func<CancellationToken, Task<object?>> read) : IQueueBlock
    {
        public string Name => name;

        public Task<object?> ReadAsync(CancellationToken cancellation) => read(cancellation);
    }
}

/// <param name="Process">Of the answering process.</param>
/// <param name="Lanes">Of its lanes.</param>
internal sealed record PermitsView(PermitUse Process, IReadOnlyDictionary<string, PermitUse> Lanes);

/// <param name="Ended">The jobs that ended last, newest first.</param>
/// <param name="Failed">Of those that failed, the last.</param>
internal sealed record RecentView(IReadOnlyList<RecentJob> Ended, IReadOnlyList<RecentJob> Failed);
