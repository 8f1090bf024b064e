using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Alerts;

/// <summary>What is told to people, and how often.</summary>
public sealed class AlertOptions : IChecked
{
    /// <summary>Are alerts raised?</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The same kind about the same subject is told once in this time; 0 to 7 days.</summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(15);

    public IEnumerable<Broken> Check()
    {
        if (Window < TimeSpan.Zero || Window > TimeSpan.FromDays(7))
            yield return new("Window", "must be 0 to 7 days", Window);
    }
}
