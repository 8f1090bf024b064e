using Orchestrator.Service.Receive;

namespace Orchestrator.Service.Claim;

/// <summary>Pure: how many jobs may be claimed before a permit is theirs?</summary>
internal static class ClaimAhead
{
    /// <summary>What is claimed ahead shall have its permit within this time; slower work is claimed when it has one.</summary>
    internal static readonly TimeSpan Horizon = TimeSpan.FromMilliseconds(20);

    /// <summary>A claim's transaction stays short.</summary>
    internal const int Most = 200;

    /// <summary>Jobs that one message may name: its protection, its retries and its place in the queue are theirs together.</summary>
    internal const int MostPerWakeUp = 10;

    /// <param name="lane">A lane with a limit over all nodes claims nothing ahead: a run that waits would count as one that works.</param>
    /// <param name="typicalRun">What the lane's runs take, judged by the slow ones.</param>
    public static int Allowed(LaneOptions lane, TimeSpan typicalRun) =>
        !lane.ClaimQuickAlong || lane.MaxRunning is not null || typicalRun > Horizon ? 0
        : (int)Math.Min(Most, lane.Permits * (Horizon / TimeSpan.FromTicks(Math.Max(1, typicalRun.Ticks))));
}
