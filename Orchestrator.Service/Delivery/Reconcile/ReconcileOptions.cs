using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Delivery.Reconcile;

/// <summary>How forge and tracker are looked at for what no webhook told.</summary>
public sealed class ReconcileOptions
{
    /// <summary>Is it looked? Without it a lost webhook is heard of with the next one, or never.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How often; 10 s to 1 day. The tracker is asked twice for each project, and once for each of ItemsPerLook items.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Work items that changed within this time are looked at for ones to begin: longer than the service is ever away; 1 h to 90 days.</summary>
    public TimeSpan LookBack { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Work items of open tasks that did not change within that time are asked for one by one, because nobody reports a deletion: so many at a look, in turn; 1 to 1,000.</summary>
    public int ItemsPerLook { get; set; } = 10;

    internal IEnumerable<Broken> Check()
    {
        if (Interval < TimeSpan.FromSeconds(10) || Interval > TimeSpan.FromDays(1))
            yield return new(nameof(Interval), "must be 10 s to 1 day", Interval);
        if (LookBack < TimeSpan.FromHours(1) || LookBack > TimeSpan.FromDays(90))
            yield return new(nameof(LookBack), "must be 1 h to 90 days", LookBack);
        if (ItemsPerLook is < 1 or > 1000)
            yield return new(nameof(ItemsPerLook), "must be 1 to 1,000", ItemsPerLook);
    }
}
