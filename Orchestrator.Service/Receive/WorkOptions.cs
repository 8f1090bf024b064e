using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Receive;

/// <summary>How much heavy work one process does at once.</summary>
public sealed class WorkOptions : IChecked
{
    /// <summary>Permits that all lanes of the process share, so that they bound its memory; 1 to 10,000.</summary>
    public int Permits { get; set; } = 3;

    public IEnumerable<Broken> Check()
    {
        if (Permits is < 1 or > 10_000)
            yield return new("Permits", "must be 1 to 10,000", Permits);
    }
}
