using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Dispatch;

/// <summary>How due jobs become wake-ups.</summary>
public sealed class DispatchOptions : IChecked
{
    /// <summary>How long to wait at most when nobody signals work; 50 ms to 5 min.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Jobs sent in one transaction; 1 to 1,000.</summary>
    public int BatchSize { get; set; } = 100;

    public IEnumerable<Broken> Check()
    {
        if (PollInterval < TimeSpan.FromMilliseconds(50) || PollInterval > TimeSpan.FromMinutes(5))
            yield return new("PollInterval", "must be 50 ms to 5 min", PollInterval);
        if (BatchSize is < 1 or > 1000)
            yield return new("BatchSize", "must be 1 to 1,000", BatchSize);
    }
}
