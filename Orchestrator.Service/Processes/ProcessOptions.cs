using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Processes;

/// <summary>How external processes are kept.</summary>
public sealed class ProcessOptions : IChecked
{
    /// <summary>Where the folders of runs are, one for each; an absolute path on a local disk that survives a restart. Below the user's state folder if empty.</summary>
    public string Folder { get; set; } = "";

    /// <summary>How often a run is looked at; 50 ms to 2 s.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a process may take to be there after its start; 1 s to 5 min.</summary>
    public TimeSpan StartGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the runs of a node that was stopped in good order wait for a node of the same host, before they are taken for lost; 0 to 1 day.</summary>
    public TimeSpan ReturnWithin { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long folders of ended runs are kept; 0 to 365 days.</summary>
    public TimeSpan KeepFolders { get; set; } = TimeSpan.FromDays(7);

    internal string Root => Folder.Length > 0 ? Folder : Path.Combine(
        Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state ? state : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state"),
        "orchestrator", "runs");

    public IEnumerable<Broken> Check()
    {
        if (Folder.Length > 0 && !Path.IsPathRooted(Folder))
            yield return new("Folder", "must be an absolute path, or empty for the user's state folder", Folder);
        foreach (var (key, value, min, max) in new[]
                 {
                     (nameof(ProbeInterval), ProbeInterval, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2)),
                     (nameof(StartGrace), StartGrace, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)),
                     (nameof(ReturnWithin), ReturnWithin, TimeSpan.Zero, TimeSpan.FromDays(1)),
                     (nameof(KeepFolders), KeepFolders, TimeSpan.Zero, TimeSpan.FromDays(365)),
                 })
        {
            if (value < min || value > max)
                yield return new(key, $"must be {min} to {max}", value);
        }
    }
}
