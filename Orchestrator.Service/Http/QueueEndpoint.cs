using System.Diagnostics;
using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Nodes;
using Orchestrator.Service.Documents.Processes;
using Orchestrator.Service.Permit;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Http;

/// <summary>What waits, what runs, and how full this process is.</summary>
internal static class QueueEndpoint
{
    public static void MapQueue(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/queue", (QueueReport report, CancellationToken cancellation) => report.ReadAsync(cancellation))
            .WithTags("Queue").WithSummary("Counts by lane and state, nodes, permits and memory of the answering node");
}

internal sealed class QueueReport(NpgsqlDataSource database, Lanes lanes, Permits process, RunningJobs running, ProcessMemory memory)
{
    public async Task<QueueView> ReadAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var counts = await JobLedger.CountsAsync(connection, cancellation);
        return new QueueView(
            counts.GroupBy(c => c.Lane).ToDictionary(g => g.Key, g => g.ToDictionary(c => c.State, c => c.Count)),
            await NodeLedger.AllAsync(database, cancellation),
            new PermitsView(process.Use, lanes.Enabled.ToDictionary(l => l.Name, l => l.Permits.Use)),
            lanes.Enabled.ToDictionary(l => l.Name, l => l.Deliveries.Use), running.Count, memory.Read());
    }
}

/// <param name="Lanes">Jobs by lane and state.</param>
/// <param name="Nodes">Live nodes, and those that died within the hour.</param>
/// <param name="Permits">Permits of the answering process.</param>
/// <param name="Deliveries">Messages of the answering process, by lane.</param>
/// <param name="Running">Runs that the answering process carries out.</param>
/// <param name="Memory">Memory of the answering process.</param>
internal sealed record QueueView(
    IReadOnlyDictionary<string, Dictionary<string, long>> Lanes, IReadOnlyList<NodeRow> Nodes, PermitsView Permits,
    IReadOnlyDictionary<string, DeliveryUse> Deliveries, int Running, MemoryView Memory);

internal sealed record PermitsView(PermitUse Process, IReadOnlyDictionary<string, PermitUse> Lanes);

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
