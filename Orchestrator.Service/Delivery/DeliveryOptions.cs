using Orchestrator.Service.Delivery.Runners;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Delivery;

/// <summary>The delivery pipeline: tasks that agents, runners and reserved jobs move from stage to stage.</summary>
public sealed class DeliveryOptions : IChecked
{
    /// <summary>Does this node know tasks? It then needs the lanes agents, delivery and deliveries.</summary>
    public bool Enabled { get; set; }

    /// <summary>The file that lists the stages; the pipeline that comes with the service if empty.</summary>
    public string Pipeline { get; set; } = "";

    /// <summary>Where worktrees and mirrors of repositories are: an absolute path, the same on all nodes. Needed where delivery is enabled.</summary>
    public string Folder { get; set; } = "";

    /// <summary>A folder with templates of prompts that go before those of the service; none if empty.</summary>
    public string Prompts { get; set; } = "";

    /// <summary>The tracker's projects whose work items become tasks, by their ids.</summary>
    public Dictionary<string, ProjectOptions> Projects { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How often tasks are looked for that nobody has driven; 1 s to 1 h.</summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Are tasks looked for that nobody has driven? Without it a lost message leaves a task where it is.</summary>
    public bool SweepEnabled { get; set; } = true;

    /// <summary>One task of a repository at a time.</summary>
    public SerialGateOptions SerialGate { get; set; } = new();

    /// <summary>Runners that take stages over from agents.</summary>
    public RunnersOptions Runners { get; set; } = new();

    /// <summary>The suite of a runner for a repository; null where an agent does the stage.</summary>
    internal SuiteOptions? SuiteOf(RunnerKind kind, string repository) => (kind == RunnerKind.Tests ? Runners.Tests : Runners.Staging).SuiteOf(repository);

    public IEnumerable<Broken> Check()
    {
        if (SweepInterval < TimeSpan.FromSeconds(1) || SweepInterval > TimeSpan.FromHours(1))
            yield return new(nameof(SweepInterval), $"must be {TimeSpan.FromSeconds(1)} to {TimeSpan.FromHours(1)}", SweepInterval);
        if (Enabled && !Path.IsPathRooted(Folder))
            yield return new(nameof(Folder), "must be an absolute path where delivery is enabled", Folder);
        foreach (var (id, project) in Projects)
        {
            if (!Guid.TryParse(id, out _))
                yield return new($"{nameof(Projects)}:{id}", "must be the id of a project", id);
            if (project.Repository.Split('/') is not [{ Length: > 0 }, { Length: > 0 }])
                yield return new($"{nameof(Projects)}:{id}:Repository", "must be owner/name", project.Repository);
            if (project.Begin.Length == 0)
                yield return new($"{nameof(Projects)}:{id}:Begin", "must name a state", project.Begin);
        }

        foreach (var broken in Runners.Check())
            yield return broken with { Key = $"{nameof(Runners)}:{broken.Key}" };
    }
}

/// <summary>A project of the tracker.</summary>
public sealed class ProjectOptions
{
    /// <summary>The repository of its tasks: owner/name.</summary>
    public string Repository { get; set; } = "";

    /// <summary>The state in which a work item becomes a task: its name, in any case, or its id.</summary>
    public string Begin { get; set; } = "Todo";
}

/// <summary>The serial gate.</summary>
public sealed class SerialGateOptions
{
    /// <summary>Is there a gate? Without it all tasks of a repository work at once; pauses and freezes hold all the same.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Does a held task keep the gate, so that nobody passes it? One fault then stops its repository.</summary>
    public bool HeldKeepGate { get; set; }
}
