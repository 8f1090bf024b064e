using Orchestrator.Persistence.Jobs;

namespace Orchestrator.Service.Dispatch;

/// <summary>What may be sent now.</summary>
/// <param name="Jobs">At most so many.</param>
/// <param name="AsProbe">It is one job, and whether it may go is to be asked once more under the breaker's lock.</param>
internal readonly record struct Dispatchable(int Jobs, bool AsProbe);

/// <summary>Pure: how many jobs of a lane may be sent now.</summary>
internal static class DispatchDecision
{
    /// <param name="load">How full the lane is.</param>
    /// <param name="room">What the lane's queue may hold of this node.</param>
    /// <param name="batchSize">Most in one transaction.</param>
    /// <param name="nodeMayDispatch">The node holds its lease, and what the lane needs is there.</param>
    public static Dispatchable Allowed(LaneLoad load, int room, int batchSize, bool nodeMayDispatch)
    {
        if (!nodeMayDispatch || load.Paused || load.Breaker is BreakerGate.Shut or BreakerGate.Probing)
            return default;

        // Priority and order bind at dispatch: what is sent early can't be overtaken, so no more is sent than can soon be claimed.
        var mine = room - load.DispatchedByMe;
        var all = load.MaxRunning is { } limit ? limit - load.Running - load.Dispatched : int.MaxValue;
        var probe = load.Breaker == BreakerGate.MayProbe;
        return new Dispatchable(Math.Clamp(Math.Min(mine, all), 0, probe ? 1 : batchSize), probe);
    }
}
