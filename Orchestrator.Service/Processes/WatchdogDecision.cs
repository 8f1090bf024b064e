namespace Orchestrator.Service.Processes;

/// <summary>Why a run that lives is ended.</summary>
internal enum Watchdog
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>It ran for its longest time.</summary>
    WallTime,

    /// <summary>Nothing was heard of it, and it did nothing, for its longest idle time.</summary>
    Idle,

    /// <summary>Its result is there, and it does not end.</summary>
    ResultSeen,

    /// <summary>Its log is too large.</summary>
    LogTooLarge,
}

/// <summary>What was observed of a run that lives. Times are spans of a clock that nobody sets.</summary>
/// <param name="Running">Since its start.</param>
/// <param name="Quiet">Since its log last grew or its processes last used the processor.</param>
/// <param name="SinceResult">Since its result was seen; null while there is none.</param>
/// <param name="LogBytes">Size of its log.</param>
internal readonly record struct Observation(TimeSpan Running, TimeSpan Quiet, TimeSpan? SinceResult, long LogBytes);

/// <summary>Pure: must a run that lives be ended?</summary>
internal static class WatchdogDecision
{
    public static Watchdog Decide(Observation seen, RunLimits limits) =>
        seen.SinceResult >= limits.ResultGrace ? Watchdog.ResultSeen
        : seen.Running >= limits.WallTime ? Watchdog.WallTime
        : seen.LogBytes >= limits.MaxLogBytes ? Watchdog.LogTooLarge
        : seen.Quiet >= limits.IdleTime && seen.SinceResult is null ? Watchdog.Idle
        : Watchdog.None;
}
