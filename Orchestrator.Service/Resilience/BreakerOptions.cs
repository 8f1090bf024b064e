using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Resilience;

/// <summary>When a lane's breaker, and its account's, opens and for how long.</summary>
public sealed class BreakerOptions
{
    /// <summary>Off: failures are counted against the job's budgets only.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Transient failures in a row that open it; 1 to 1,000. A rate limit, a refused account or a broken environment opens it at once.</summary>
    public int OpensAfter { get; set; } = 3;

    /// <summary>First pause, where the other side states none; doubles with each opening in a row; 100 ms to 1 day.</summary>
    public TimeSpan Pause { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Longest pause where none is stated; at least the first, at most 7 days.</summary>
    public TimeSpan MaxPause { get; set; } = TimeSpan.FromMinutes(30);

    internal IEnumerable<Broken> Check(string path)
    {
        if (OpensAfter is < 1 or > 1000)
            yield return new($"{path}:OpensAfter", "must be 1 to 1,000", OpensAfter);
        if (Pause < TimeSpan.FromMilliseconds(100) || Pause > TimeSpan.FromDays(1))
            yield return new($"{path}:Pause", "must be 100 ms to 1 day", Pause);
        if (MaxPause < Pause || MaxPause > TimeSpan.FromDays(7))
            yield return new($"{path}:MaxPause", $"must be at least the first pause ({Pause}) and at most 7 days", MaxPause);
    }
}
