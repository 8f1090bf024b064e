using Orchestrator.Service.Hosting;
using Orchestrator.Service.Nodes;
using Orchestrator.Service.Permit;
using Orchestrator.Service.Processes;

namespace Orchestrator.Service.Receive;

/// <summary>The lanes of this process: configured, and with a handler.</summary>
internal sealed class Lanes
{
    private readonly Dictionary<string, Lane> _lanes;
    private readonly Func<string, LaneOptions, Type?, Lane> _make;

    public Lanes(LanesOptions options, CommandsOptions commands, IEnumerable<LaneHandler> handlers, NodeLease lease, IHostApplicationLifetime lifetime, TimeProvider time)
    {
        // The last that was registered counts, as with every service.
        var known = handlers.GroupBy(h => h.Lane, StringComparer.Ordinal).ToDictionary(lane => lane.Key, lane => lane.Last().Type, StringComparer.Ordinal);
        var missing = options.Where(lane => lane.Value is { Enabled: true, IsProcess: false } && !known.ContainsKey(lane.Key)).Select(lane => lane.Key).ToList();
        if (missing.Count > 0)
            throw new BrokenSettingsException([.. missing.Select(lane =>
                $"Orchestrator:Lanes:{lane}: the enabled lane has no handler. Set its Enabled to false on this node, register a handler, or name the lane's Commands. Handlers: {string.Join(", ", known.Keys)}.")]);
        var unknown = options.Where(lane => lane.Value.Enabled).SelectMany(lane => lane.Value.Commands.Where(command => !commands.ContainsKey(command)).Select(command => $"{command} (lane {lane.Key})")).ToList();
        if (unknown.Count > 0)
            throw new InvalidOperationException($"No such command(s): {string.Join(", ", unknown)}. Declare them under Orchestrator:Commands, or correct the lanes' Commands. Commands: {string.Join(", ", commands.Keys)}.");
        _make = (name, lane, handler) => new Lane(name, handler, lane, new Permits(lane.Permits, time), new LaneGate(() => lease.IsHeld && !lifetime.ApplicationStopping.IsCancellationRequested, time));
        _lanes = options.ToDictionary(lane => lane.Key, lane => _make(lane.Key, lane.Value, lane.Value.IsProcess ? null : known.GetValueOrDefault(lane.Key)), StringComparer.Ordinal);
        Enabled = [.. _lanes.Values.Where(lane => lane.Options.Enabled)];
    }

    /// <summary>Those that this node works in.</summary>
    public IReadOnlyCollection<Lane> Enabled { get; }

    public Lane this[string name] => _lanes[name];

    /// <summary>The lane as it is configured here; one with the usual settings if it is not. For whoever ends runs that are not this node's.</summary>
    public Lane Of(string name) => _lanes.TryGetValue(name, out var lane) ? lane : _make(name, new LaneOptions(), null);

    /// <summary>Is a run of the lane an external process?</summary>
    public bool IsProcess(string name) => _lanes.TryGetValue(name, out var lane) && lane.Options.IsProcess;

    /// <summary>Notes whether a breaker of the lane wants to hear of successes.</summary>
    public void Watch(string name, bool watched)
    {
        if (_lanes.TryGetValue(name, out var lane))
            lane.Watched = watched;
    }
}

/// <summary>"The jobs of this lane are done by this type."</summary>
/// <param name="Lane">Name of the lane.</param>
/// <param name="Type">An <see cref="Run.IJobHandler"/>.</param>
public sealed record LaneHandler(string Lane, Type Type);
