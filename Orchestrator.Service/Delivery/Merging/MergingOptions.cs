using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Delivery.Merging;

/// <summary>How tasks are merged.</summary>
public sealed class MergingOptions
{
    /// <summary>Are pull requests opened and merged? Switched off, the stage that would do it is held until it is retried.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How long a merge keeps others out of its repository without being renewed; it is renewed every third of it. 10 s to 1 h.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How often leases of dead merges are looked for; 1 s to 1 h.</summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Are they looked for? Without it the next merge of the repository takes a stale one all the same.</summary>
    public bool SweepEnabled { get; set; } = true;

    /// <summary>Between two looks at a forge that is not ready to merge; 1 s to 10 min.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Looks at a forge that is not ready, until the task is held; 1 to 1000.</summary>
    public int Polls { get; set; } = 20;

    /// <summary>Before the first repetition of what may pass by itself; doubled each time, at most 15 min. 1 s to 15 min.</summary>
    public TimeSpan RetryWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Repetitions of what may pass by itself, until the task is held; 0 to 100.</summary>
    public int Retries { get; set; } = 6;

    /// <summary>Must the gates be passed again when a branch was rebased? Otherwise it is merged at once, and what lands was never tested as it is.</summary>
    public bool GatesAfterRebase { get; set; } = true;

    internal IEnumerable<Broken> Check()
    {
        if (Lease < TimeSpan.FromSeconds(10) || Lease > TimeSpan.FromHours(1))
            yield return new(nameof(Lease), "must be 10 s to 1 h", Lease);
        if (SweepInterval < TimeSpan.FromSeconds(1) || SweepInterval > TimeSpan.FromHours(1))
            yield return new(nameof(SweepInterval), "must be 1 s to 1 h", SweepInterval);
        if (PollInterval < TimeSpan.FromSeconds(1) || PollInterval > TimeSpan.FromMinutes(10))
            yield return new(nameof(PollInterval), "must be 1 s to 10 min", PollInterval);
        if (Polls is < 1 or > 1000)
            yield return new(nameof(Polls), "must be 1 to 1000", Polls);
        if (RetryWait < TimeSpan.FromSeconds(1) || RetryWait > TimeSpan.FromMinutes(15))
            yield return new(nameof(RetryWait), "must be 1 s to 15 min", RetryWait);
        if (Retries is < 0 or > 100)
            yield return new(nameof(Retries), "must be 0 to 100", Retries);
    }
}
