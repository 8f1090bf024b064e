using Orchestrator.Service.Delivery.Git;
using Orchestrator.Service.Delivery.Merging;
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

    /// <summary>Where repositories are: an absolute path, an https or ssh address, or user@host:path, with <c>{repository}</c> for owner/name. May be empty where each has its own.</summary>
    public string Remote { get; set; } = "";

    /// <summary>The branch that tasks go into.</summary>
    public string Base { get; set; } = "main";

    /// <summary>Repositories that differ from that, by owner/name.</summary>
    public Dictionary<string, RepositoryOptions> Repositories { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How git is run.</summary>
    public GitOptions Git { get; set; } = new();

    /// <summary>How tasks are merged.</summary>
    public MergingOptions Merging { get; set; } = new();

    /// <summary>How often tasks are looked for that nobody has driven; 1 s to 1 h.</summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Are tasks looked for that nobody has driven? Without it a lost message leaves a task where it is.</summary>
    public bool SweepEnabled { get; set; } = true;

    /// <summary>One task of a repository at a time.</summary>
    public SerialGateOptions SerialGate { get; } = new();

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
        var withToken = Git.TokenVariable.Length > 0;
        if (Remote.Length > 0 && !Remote.Contains("{repository}", StringComparison.Ordinal))
            yield return new(nameof(Remote), "must hold {repository}, which stands for owner/name; one repository's own address belongs to Repositories", RemoteRule.Shown(Remote));
        else if (Remote.Length > 0 && RemoteRule.Broken(Remote.Replace("{repository}", "owner/name", StringComparison.Ordinal), withToken) is { } rule)
            yield return new(nameof(Remote), rule, RemoteRule.Shown(Remote));
        if (!BranchName.IsOne(Base))
            yield return new(nameof(Base), "must be the name of a branch", Base);
        foreach (var (name, repository) in Repositories)
        {
            if (RepositoryName.Of(name) is null)
                yield return new(nameof(Repositories), "must be named owner/name, of letters, digits, dots, dashes and underscores", name);
            foreach (var broken in repository.Check(withToken))
                yield return broken with { Key = $"{nameof(Repositories)}:{name}:{broken.Key}" };
        }

        foreach (var broken in Git.Check())
            yield return broken with { Key = $"{nameof(Git)}:{broken.Key}" };
        foreach (var broken in Merging.Check())
            yield return broken with { Key = $"{nameof(Merging)}:{broken.Key}" };
        foreach (var broken in Runners.Check())
            yield return broken with { Key = $"{nameof(Runners)}:{broken.Key}" };
    }
}

/// <summary>The serial gate.</summary>
public sealed class SerialGateOptions
{
    /// <summary>Is there a gate? Without it all tasks of a repository work at once; pauses and freezes hold all the same.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Does a held task keep the gate, so that nobody passes it? One fault then stops its repository.</summary>
    public bool HeldKeepGate { get; set; }
}
