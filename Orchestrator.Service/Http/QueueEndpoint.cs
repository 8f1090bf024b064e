using System.Diagnostics;
using Npgsql;
using Orchestrator.Service.Documents.Processes;

namespace Orchestrator.Service.Http;

/// <summary>What waits, what runs, and how full this process is.</summary>
internal static class QueueEndpoint
{
    public static void MapQueue(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/queue", (QueueReport report, CancellationToken cancellation) => report.ReadAsync(cancellation))
            .WithTags("Queue").WithSummary("Counts by lane and state, recent jobs, nodes, sweeps; permits and memory of the answering node; a block that can't be read says so in its place");
}

/// <summary>All blocks at once, each with a time of its own.</summary>
internal sealed class QueueReport(IEnumerable<IQueueBlock> blocks, TimeProvider time, ILogger<QueueReport> log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<IReadOnlyDictionary<string, object?>> ReadAsync(CancellationToken cancellation)
    {
        var values = await Task.WhenAll(blocks.Select(async block => (block.Name, Value: await ReadAsync(block, cancellation))));
        return new OrderedDictionary<string, object?>(values.Select(value => KeyValuePair.Create(value.Name, value.Value)));
    }

    private async Task<object?> ReadAsync(IQueueBlock block, CancellationToken cancellation)
    {
        var soon = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            // On the pool, and left behind if it does not obey: nothing that a block does can keep the others.
            return await Task.Run(() => block.ReadAsync(soon.Token), CancellationToken.None).WaitAsync(Patience, time, cancellation);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            log.BlockFailed(block.Name, exception);
            return new BlockError(exception switch
            {
                TimeoutException => $"No answer within {Patience.TotalSeconds:0} s.",
                PostgresException { SqlState: var state } => $"The database refuses (SQLSTATE {state}); the log says why.",
                NpgsqlException => "The database can't be reached; the log says why.", // its own words name hosts and users
                _ => exception.Message,
            });
        }
        finally
        {
            // Ends its statement in the server, too. Not waited for: a server that answers nothing answers no request to cancel either.
            _ = soon.CancelAsync().ContinueWith(_ => soon.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }
}

/// <param name="Error">Why the block is not there.</param>
internal sealed record BlockError(string Error);

/// <summary>Bytes.</summary>
/// <param name="HeapLimit">What the runtime may use.</param>
/// <param name="Heap">Used by live and not yet collected objects.</param>
/// <param name="HeapPeak">Most seen at once since the start.</param>
/// <param name="HeapAfterGc">Left after the last collection.</param>
/// <param name="WorkingSet">Resident memory of the process.</param>
/// <param name="ToolsPeak">Resident memory of the tools that it started, summed, at the worst moment since the start.</param>
internal sealed record MemoryView(long HeapLimit, long Heap, long HeapPeak, long HeapAfterGc, long WorkingSet, long ToolsPeak);

/// <summary>Samples the heap, because its peak is asked for after the fact.</summary>
internal sealed class ProcessMemory(TimeProvider time, ChildMemory? tools = null) : BackgroundService
{
    private long _peak;

    public MemoryView Read()
    {
        var info = GC.GetGCMemoryInfo();
        using var process = Process.GetCurrentProcess();
        return new MemoryView(info.TotalAvailableMemoryBytes, GC.GetTotalMemory(false), Math.Max(Volatile.Read(ref _peak), GC.GetTotalMemory(false)), info.HeapSizeBytes, process.WorkingSet64, tools?.PeakSumBytes ?? 0);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                _peak = Math.Max(_peak, GC.GetTotalMemory(false));
        }
        catch (OperationCanceledException)
        {
        }
    }
}
