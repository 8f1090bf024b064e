using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Reaper;

/// <summary>When a run is taken from its owner. Runs of other nodes are judged by their node's lease first; these rules are for owners that live.</summary>
public sealed class ReaperOptions : IChecked
{
    /// <summary>Off: runs stay with an owner that lives, whatever became of them.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How often the verdicts are found; 100 ms to 5 min.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Looks in a row, one a second, that must find a process dead before its run is lost; 1 to 100.</summary>
    public int DeadTicks { get; set; } = 5;

    /// <summary>How long an exit code may be known before a run that nobody finalizes is finalized from it; 1 s to 1 day.</summary>
    public TimeSpan FinalizeGrace { get; set; } = TimeSpan.FromSeconds(300);

    /// <summary>Age at which a run is taken from its owner, whatever it does; 1 s to 30 days. A backstop: lanes and commands have limits of their own.</summary>
    public TimeSpan MaxRunning { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long a live monitor may go on finalizing before it is told to give up; 1 s to 1 day.</summary>
    public TimeSpan MonitorCap { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long verdicts are remembered; 1 day to 10 years.</summary>
    public TimeSpan JournalRetention { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Off: queued jobs with an owner are looked for at the start only.</summary>
    public bool SanitizerEnabled { get; set; } = true;

    /// <summary>How often queued jobs with an owner are looked for; 1 s to 1 day.</summary>
    public TimeSpan SanitizerInterval { get; set; } = TimeSpan.FromSeconds(30);

    public IEnumerable<Broken> Check()
    {
        if (DeadTicks is < 1 or > 100)
            yield return new("DeadTicks", "must be 1 to 100", DeadTicks);
        foreach (var (key, value, min, max) in new[]
                 {
                     (nameof(Interval), Interval, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)),
                     (nameof(FinalizeGrace), FinalizeGrace, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
                     (nameof(MaxRunning), MaxRunning, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30)),
                     (nameof(MonitorCap), MonitorCap, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
                     (nameof(JournalRetention), JournalRetention, TimeSpan.FromDays(1), TimeSpan.FromDays(3650)),
                     (nameof(SanitizerInterval), SanitizerInterval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
                 })
        {
            if (value < min || value > max)
                yield return new(key, $"must be {min} to {max}", value);
        }
    }
}
