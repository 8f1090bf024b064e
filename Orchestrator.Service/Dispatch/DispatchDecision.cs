using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Receive;

namespace Orchestrator.Service.Dispatch;

/// <summary>Pure: how many jobs of a lane may be sent now.</summary>
internal static class DispatchDecision
{
    /// <param name="load">How full the lane is.</param>
    /// <param name="lane">Its settings on this node.</param>
    /// <param name="batchSize">Most in one transaction.</param>
    /// <param name="nodeMayDispatch">The node holds its lease.</param>
    public static int Allowed(LaneLoad load, LaneOptions lane, int batchSize, bool nodeMayDispatch)
    {
        if (!nodeMayDispatch || load.Paused)
            return 0;

        // Priority and order bind at dispatch: what is sent early can't be overtaken, so no more is sent than can soon be claimed.
        var mine = lane.Ahead - load.DispatchedByMe;
        var all = load.MaxRunning is { } limit ? limit - load.Running - load.Dispatched : int.MaxValue;
        return Math.Clamp(Math.Min(mine, all), 0, batchSize);
    }
}
