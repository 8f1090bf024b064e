using Orchestrator.Service.Claim;
using Orchestrator.Service.Permit;

namespace Orchestrator.Service.Receive;

/// <summary>A lane that this node works in.</summary>
internal sealed class Lane(string name, Type? handler, LaneOptions options, Permits permits, LaneGate gate)
{
    public string Name { get; } = name;

    /// <summary>The type of its handler; null in a lane of commands, and where this node does not work in it.</summary>
    public Type? Handler { get; } = handler;

    public LaneOptions Options { get; } = options;

    /// <summary>The lane's permits in this process.</summary>
    public Permits Permits { get; } = permits;

    /// <summary>Who waits for a permit of the lane in this process.</summary>
    public WaitingLine Line { get; } = new();

    /// <summary>What the lane's messages went through in this process.</summary>
    public Deliveries Deliveries { get; } = new();

    /// <summary>Holds the polling of the lane's queue.</summary>
    public LaneGate Gate { get; } = gate;

    /// <summary>
    /// Wake-ups that this node may keep sent and unclaimed. Of a lane of commands as many as permits are free: a process keeps its permit for hours, and a wake-up that
    /// waits behind it would keep its job from other nodes.
    /// </summary>
    public int Room => Options.IsProcess ? Math.Min(Options.Ahead, Permits.Size - Permits.Use.InUse) : Options.Ahead;

    /// <summary>A breaker of the lane or its account has seen failures, so that it wants to hear of successes, too: as of the last claim or dispatch.</summary>
    public bool Watched
    {
        get => Volatile.Read(ref _watched);
        set => Volatile.Write(ref _watched, value);
    }

    /// <summary>A run here has just been told that the others will be refused too, and the breaker does not know it yet: nothing is claimed before it does.</summary>
    public bool IsForewarned => Volatile.Read(ref _warnings) > 0;

    public void Forewarn() => Interlocked.Increment(ref _warnings);

    public void WarningStored() => Interlocked.Decrement(ref _warnings);

    private bool _watched;
    private int _warnings;
}
