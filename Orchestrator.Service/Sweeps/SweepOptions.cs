using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Sweeps;

/// <summary>What looks after what nobody else looks after any more. Each sweep runs on one node at a time over the cluster.</summary>
public sealed class SweepOptions : IChecked
{
    /// <summary>Do sweeps run on this node? At least one node must have them.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Are leases of nodes looked at? Without it nobody takes back the runs of a dead node of another host. Each switch should be the same on all nodes.</summary>
    public bool NodeEnabled { get; set; } = true;

    /// <summary>How often leases of nodes are looked at; two stale looks in a row make a node dead; 100 ms to 5 min.</summary>
    public TimeSpan NodeInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Are lost wake-ups looked for?</summary>
    public bool WakeUpEnabled { get; set; } = true;

    /// <summary>How often lost wake-ups are looked for; 1 s to 1 h.</summary>
    public TimeSpan WakeUpInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Age at which an unclaimed wake-up counts as lost; 1 s to 12 h. Too short only sends it twice.</summary>
    public TimeSpan WakeUpLostAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Are old entries of the inbox removed?</summary>
    public bool InboxEnabled { get; set; } = true;

    /// <summary>How often old entries of the inbox are removed; 1 min to 1 day.</summary>
    public TimeSpan InboxInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the inbox remembers a message; 1 h to 90 days. Longer than any message can be on its way.</summary>
    public TimeSpan InboxRetention { get; set; } = TimeSpan.FromDays(15);

    /// <summary>Are leaked temporary queues looked for?</summary>
    public bool JanitorEnabled { get; set; } = true;

    /// <summary>How often leaked temporary queues are looked for; 1 min to 1 day.</summary>
    public TimeSpan JanitorInterval { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Are queues of dead letters looked at? Without it nobody is told of messages that no consumer could handle.</summary>
    public bool DeadLetterEnabled { get; set; } = true;

    /// <summary>How often queues of dead letters are looked at, with a request for each; 1 s to 1 day.</summary>
    public TimeSpan DeadLetterInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Are ended jobs moved out of the hot table, and dropped in the end?</summary>
    public bool RetentionEnabled { get; set; } = true;

    /// <summary>How often ended jobs are moved; 1 s to 1 day.</summary>
    public TimeSpan RetentionInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long an ended job stays in the hot table; 0 to 7 days. It is found either way.</summary>
    public TimeSpan MoveEndedAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long ended jobs and their dedupe keys are kept at least; 1 to 3,650 days. They go by whole months of their end (UTC), so up to 31 days later.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(90);

    public IEnumerable<Broken> Check()
    {
        foreach (var (key, value, min, max) in new[]
                 {
                     (nameof(NodeInterval), NodeInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)),
                     (nameof(WakeUpInterval), WakeUpInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
                     (nameof(WakeUpLostAfter), WakeUpLostAfter, TimeSpan.FromSeconds(1), TimeSpan.FromHours(12)),
                     (nameof(InboxInterval), InboxInterval, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)),
                     (nameof(InboxRetention), InboxRetention, TimeSpan.FromHours(1), TimeSpan.FromDays(90)),
                     (nameof(JanitorInterval), JanitorInterval, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)),
                     (nameof(DeadLetterInterval), DeadLetterInterval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
                     (nameof(RetentionInterval), RetentionInterval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
                     (nameof(MoveEndedAfter), MoveEndedAfter, TimeSpan.Zero, TimeSpan.FromDays(7)),
                     (nameof(Retention), Retention, TimeSpan.FromDays(1), TimeSpan.FromDays(3650)),
                 })
        {
            if (value < min || value > max)
                yield return new(key, $"must be {min} to {max}", value);
        }
    }
}
