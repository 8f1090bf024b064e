using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Nodes;

/// <summary>The lease by which others judge whether this node lives.</summary>
public sealed class NodeOptions : IChecked
{
    /// <summary>Name for people; the machine's name if empty.</summary>
    public string Name { get; set; } = "";

    /// <summary>How often the lease is renewed; 100 ms to 1 min.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a renewal counts; at least three heartbeats, at most 1 h. A process that stalls for less than this minus a heartbeat loses nothing.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long running work may go on after a stop was asked for, before it is handed back; 0 to 12 hours.</summary>
    public TimeSpan Drain { get; set; } = TimeSpan.FromSeconds(30);

    public IEnumerable<Broken> Check()
    {
        if (Heartbeat < TimeSpan.FromMilliseconds(100) || Heartbeat > TimeSpan.FromMinutes(1))
            yield return new("Heartbeat", "must be 100 ms to 1 min", Heartbeat);
        if (Lease < 3 * Heartbeat)
            yield return new("Lease", $"must be at least three heartbeats ({3 * Heartbeat})", Lease);
        if (Lease > TimeSpan.FromHours(1))
            yield return new("Lease", "must be at most 1 h: so long the runs of a dead node wait", Lease);
        if (Name.Length > 200 || Name.Any(char.IsControl))
            yield return new("Name", "must be at most 200 characters without control characters, or empty for the machine's name", Name.Length);
        if (Drain < TimeSpan.Zero || Drain > TimeSpan.FromHours(12))
            yield return new("Drain", "must be 0 to 12 hours", Drain);
    }
}
