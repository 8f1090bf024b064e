using System.Text.Json;
using Quartz;

namespace Orchestrator.Service.Sweeps;

/// <summary>A sweep as the configuration wants it.</summary>
/// <param name="Type">What does it.</param>
/// <param name="Interval">Between two turns.</param>
/// <param name="Off">Why it takes none: the setting that switches it off; null if it does.</param>
internal sealed record SweepEntry(Type Type, TimeSpan Interval, string? Off)
{
    /// <summary>As people and addresses say it: <c>WakeUpSweep</c> is <c>wake-up</c>.</summary>
    public string Name { get; } = JsonNamingPolicy.KebabCaseLower.ConvertName(Type.Name[..^nameof(Sweep).Length]);

    public JobKey Key => new(Type.Name, "sweeps");

    public static SweepEntry Of<T>(TimeSpan interval, bool enabled, string setting) where T : Sweep =>
        new(typeof(T), interval, enabled ? null : setting.Contains(':') ? $"Orchestrator:{setting}" : $"Orchestrator:Sweeps:{setting}");
}

/// <summary>All sweeps of this version, also those that are switched off.</summary>
/// <param name="Enabled">Does this node take turns at all?</param>
/// <param name="All">In the order of the registration.</param>
internal sealed record SweepList(bool Enabled, IReadOnlyList<SweepEntry> All)
{
    public SweepEntry? Find(string name) => All.FirstOrDefault(sweep => sweep.Name == name);

    /// <summary>The setting that keeps this node from carrying it out; null if none does.</summary>
    public string? Off(SweepEntry sweep) => Enabled ? sweep.Off : "Orchestrator:Sweeps:Enabled";
}
