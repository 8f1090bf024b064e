using System.Globalization;
using Orchestrator.Persistence.Runs;

namespace Orchestrator.Service.Reaper;

/// <summary>What is to become of a run.</summary>
internal enum Verdict
{
    /// <summary>Nothing.</summary>
    Leave,

    /// <summary>Tier 1: its process was seen dead, look after look, and left no exit code.</summary>
    ProcessLost,

    /// <summary>Tier 2: its exit code is known for long, and nobody has made an outcome of it.</summary>
    FinalizeFromExit,

    /// <summary>Tier 3: it is older than any run may be.</summary>
    Overdue,

    /// <summary>The hard cap: a monitor that finalizes for too long is told to give up. The run stays its own until its deadline is stale.</summary>
    StopMonitor,
}

/// <param name="Verdict">What is to become of it.</param>
/// <param name="Why">For people.</param>
internal readonly record struct Judgement(Verdict Verdict, string Why);

/// <summary>Pure: the time, a run and its evidence give a verdict. From the database's state alone, so that every node judges alike.</summary>
internal static class ReaperDecision
{
    public static Judgement Decide(DateTimeOffset now, Suspect run, ReaperOptions options)
    {
        if (!run.NodeHoldsLease)
            return new(Verdict.Leave, "Its node does not hold its lease: that decides, not what a process looks like.");

        var monitored = run.FinalizingUntil > now;
        if (run.ExitSeenAt is { } exited)
        {
            var known = now - exited;
            return monitored && known >= options.MonitorCap && run.StopMonitorAt is null ? new(Verdict.StopMonitor, $"Its exit code {run.ExitCode} is known for {Text(known)}, and its monitor still finalizes.")
                : monitored ? new(Verdict.Leave, "A live monitor finalizes it.")
                : known >= options.FinalizeGrace ? new(Verdict.FinalizeFromExit, $"Its exit code {run.ExitCode} is known for {Text(known)}, and nobody finalizes it.")
                : new(Verdict.Leave, "Its owner has time to finalize it.");
        }

        if (run.DeadTicks >= options.DeadTicks)
            return new(Verdict.ProcessLost, $"Its process was found dead {run.DeadTicks} times in a row and left no exit code.");

        var age = now - run.StartedAt;
        return age < options.MaxRunning ? new(Verdict.Leave, "Nothing is known against it.")
            : !monitored ? new(Verdict.Overdue, $"It runs for {Text(age)}, longer than any run may ({Text(options.MaxRunning)}).")
            : age >= options.MaxRunning + options.MonitorCap && run.StopMonitorAt is null ? new(Verdict.StopMonitor, $"It runs for {Text(age)}, and its monitor still finalizes.")
            : new(Verdict.Leave, "A live monitor finalizes it.");
    }

    private static string Text(TimeSpan time) => TimeSpan.FromSeconds(Math.Round(time.TotalSeconds)).ToString("c", CultureInfo.InvariantCulture);
}
