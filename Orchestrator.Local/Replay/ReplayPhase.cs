using System.Security.Cryptography;
using Orchestrator.Local.Nodes;
using Orchestrator.Local.Wire;

namespace Orchestrator.Local.Replay;

/// <summary>
/// One run of the incident: a node with so many permits, a database, queues and a bucket of its own, and one file dropped into the
/// bucket. The node holds all messages at once, so that the last ones wait for a permit longer than their visibility lasts.
/// </summary>
public sealed class ReplayPhase : IAsyncDisposable
{
    /// <summary>The lane of the heavy step.</summary>
    internal const string HeavyLane = "ingestion";

    private readonly LocalEnvironment _environment;
    private readonly int _permits;
    private readonly ReplayPace _pace;
    private readonly string _prefix = $"r{RandomNumberGenerator.GetHexString(8, lowercase: true)}-";
    private readonly string _database;
    private readonly WireTap _wire;
    private readonly EmulatorSqs _queues;
    private readonly List<ServiceProcess> _nodes = [];

    private ReplayPhase(LocalEnvironment environment, int permits, ReplayPace pace, string database, WireTap wire)
    {
        (_environment, _permits, _pace, _database, _wire) = (environment, permits, pace, database, wire);
        _queues = new EmulatorSqs(environment.ServiceUrl);
    }

    /// <summary>Permits of each node.</summary>
    public int Permits => _permits;

    /// <summary>The node that was started last.</summary>
    public ServiceProcess Node => _nodes[^1];

    private string Bucket => $"{_prefix}documents";

    /// <summary>Makes what the phase needs and starts its first node.</summary>
    public static async Task<ReplayPhase> StartAsync(LocalEnvironment environment, int permits, ReplayPace pace, CancellationToken ct)
    {
        var wire = await WireTap.StartAsync(environment.ServiceUrl, ct);
        var database = await environment.CreateDatabaseAsync($"replay-{permits}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}");
        var phase = new ReplayPhase(environment, permits, pace, database, wire);
        try
        {
            using (var bucket = phase.Notifier())
                await bucket.CreateBucketAsync(ct);
            await phase.StartNodeAsync(ct);
            return phase;
        }
        catch
        {
            await phase.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a node, the first or one more, on the same database and queues.</summary>
    public async Task<ServiceProcess> StartNodeAsync(CancellationToken ct)
    {
        var node = await ServiceProcess.StartAsync(ReplaySettings.Of(_permits, _pace, _database, _prefix, Bucket, _wire.Url, _environment.ServiceUrl), ct);
        _nodes.Add(node);
        return node;
    }

    /// <summary>Stores a file in the bucket and tells the service, as S3 does. Orders in <c>purchase-orders.csv</c> beside it are known by then.</summary>
    public async Task DropAsync(string pdf, CancellationToken ct)
    {
        var orders = Path.Combine(Path.GetDirectoryName(pdf)!, "purchase-orders.csv");
        if (File.Exists(orders))
            await Node.ImportOrdersAsync(orders, ct);
        _wire.Reset(); // what the start asked for is no message's cost
        using var bucket = Notifier();
        await using var content = File.OpenRead(pdf);
        await bucket.PutAsync($"inbox/{Path.GetFileName(pdf)}", content, ct);
    }

    /// <summary>Watches the file's jobs until the last of the heavy ones has ended, or the patience is over.</summary>
    /// <param name="show">Gets the counts by state several times a second.</param>
    /// <param name="ct">Ends the watch.</param>
    public async Task<ReplayRun> FollowAsync(Action<ReplayProgress> show, CancellationToken ct)
    {
        var started = TimeProvider.System.GetTimestamp();
        var took = TimeSpan.Zero;
        var ended = false;
        while (!ended && took < _pace.Patience)
        {
            var queue = await Node.QueueAsync(ct);
            var states = queue.Lanes.GetValueOrDefault(HeavyLane, []);
            took = TimeProvider.System.GetElapsedTime(started);
            show(new ReplayProgress(took, states, queue.Permits.Lanes[HeavyLane]));
            ended = states.Values.Sum() > 0 && !ReplayProgress.Open.Any(states.ContainsKey);
            if (!ended)
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, ct);
        }
        await QuietAsync(ct);
        return await ReadAsync(took, ct);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_nodes.Select(node => node.DisposeAsync().AsTask()));
        await _wire.DisposeAsync();
        _queues.Dispose();
    }

    private S3Notifier Notifier() => new(_environment.ServiceUrl, Bucket, _prefix + "acquisition", TimeProvider.System);

    /// <summary>What follows the heavy step gets a while to end, and deletes that are under way arrive; what waits for an order stays.</summary>
    private async Task QuietAsync(CancellationToken ct)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(15))
        {
            var queue = await Node.QueueAsync(ct);
            var left = await _queues.DepthsAsync(_prefix, ct);
            if (queue.Lanes.Values.All(states => !ReplayProgress.Open.Any(states.ContainsKey)) && left.All(depth => depth.Value == 0))
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, ct);
        }
    }

    private async Task<ReplayRun> ReadAsync(TimeSpan took, CancellationToken ct)
    {
        var queue = await Node.QueueAsync(ct);
        var (parent, children) = await StoredDocuments.ReadAsync(Node, ct);
        return new ReplayRun
        {
            Permits = _permits,
            Pace = _pace,
            Took = took,
            Parent = parent,
            Children = children,
            LanePermits = queue.Permits.Lanes[HeavyLane],
            ProcessPermits = queue.Permits.Process,
            Deliveries = queue.Deliveries[HeavyLane].Use,
            Left = await _queues.DepthsAsync(_prefix, ct),
            Memory = queue.Memory,
            Requests = new SortedDictionary<string, int>(_wire.Counts.ToDictionary(), StringComparer.Ordinal),
            Messages = 1 + queue.Deliveries.Values.Sum(lane => lane.ByReceiveCount.Values.Sum()),
        };
    }
}
