using Orchestrator.Service.Permit;

namespace Orchestrator.Local.Replay;

/// <summary>How far the heavy lane is.</summary>
/// <param name="Elapsed">Since the file was dropped.</param>
/// <param name="States">Jobs by state.</param>
/// <param name="Permits">The lane's.</param>
public sealed record ReplayProgress(TimeSpan Elapsed, IReadOnlyDictionary<string, int> States, PermitUse Permits)
{
    /// <summary>States from which a job still moves by itself.</summary>
    internal static readonly IReadOnlyList<string> Open = ["Queued", "Running", "Finalizing"];
}
