using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Lifecycle;

namespace Orchestrator.Service.Claim;

/// <summary>What a claimer is told.</summary>
internal enum ClaimAnswer
{
    /// <summary>The run is yours.</summary>
    Won,

    /// <summary>The lane is shut or full: the job stays queued and will be sent again. Forget the message.</summary>
    Refused,

    /// <summary>Ended, held, not due, or running elsewhere: the message is old news. Forget it.</summary>
    NotThere,
}

/// <summary>Pure: may this locked row be claimed now?</summary>
internal static class ClaimDecision
{
    /// <param name="job">The row as it is, locked.</param>
    /// <param name="door">Its lane.</param>
    /// <param name="running">Runs of the lane, this transaction's own included; only counted where the lane has a limit.</param>
    /// <param name="nodeMayClaim">The node holds its lease.</param>
    /// <param name="now">The time.</param>
    public static ClaimAnswer Decide(Job job, LaneDoor door, int running, bool nodeMayClaim, DateTimeOffset now) =>
        job.State != nameof(JobLifecycle.Queued) || job.AvailableAt > now ? ClaimAnswer.NotThere
        : !nodeMayClaim || door.Paused || !door.LetsThrough(job.Id) || running >= door.MaxRunning ? ClaimAnswer.Refused
        : ClaimAnswer.Won;
}
