using Orchestrator.Service.Delivery.Git;
using Orchestrator.Service.Delivery.Merging;
using Orchestrator.Service.Delivery.Reconcile;
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

    /// <summary>A folder with templates of prompts that go before those of the service; none if empty.</summary>
    public string Prompts { get; set; } = "";

    /// <summary>What is looked at after a delivery, by repository (owner/name); without an entry nothing is, and the stage passes.</summary>
    public Dictionary<string, PostDeployOptions> PostDeploy { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The tracker's projects whose work items become tasks, by their ids.</summary>
    public Dictionary<string, ProjectOptions> Projects { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How often tasks are looked for that nobody has driven; 1 s to 1 h.</summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Are tasks looked for that nobody has driven? Without it a lost message leaves a task where it is.</summary>
    public bool SweepEnabled { get; set; } = true;

    /// <summary>Looking at forge and tracker for what no webhook told.</summary>
    public ReconcileOptions Reconcile { get; set; } = new();

    /// <summary>Are forge and tracker told what becomes of tasks? Without it a pull request is opened when its merge begins.</summary>
    public bool ReportsEnabled { get; set; } = true;

    /// <summary>Are tasks removed that have ended long ago?</summary>
    public bool RetentionEnabled { get; set; } = true;

    /// <summary>How long a task is kept after its end, with its events and artifacts; 1 to 3,650 days. Its key stays taken for good: a work item becomes a task once.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(90);

    /// <summary>One task of a repository at a time.</summary>
    public SerialGateOptions SerialGate { get; set; } = new();

    /// <summary>Gates that are switched off, by name; those without an entry are asked.</summary>
    public Dictionary<string, GateOptions> Gates { get; } = new(StringComparer.Ordinal);

    /// <summary>Are worktrees of ended tasks removed from their hosts?</summary>
    public bool WorktreeKeeperEnabled { get; set; } = true;

    /// <summary>Runners that take stages over from agents.</summary>
    public RunnersOptions Runners { get; set; } = new();

    /// <summary>The branch that tasks of a repository go into.</summary>
    internal string BaseOf(string repository) => Repositories.GetValueOrDefault(repository)?.Base is { Length: > 0 } own ? own : Base;

    /// <summary>A repository as the settings spell it; as it is given where they don't name it.</summary>
    internal string Spelled(string repository) =>
        Repositories.Keys.Concat(PostDeploy.Keys).Concat(Projects.Values.Select(project => project.Repository)).Concat(Runners.Repositories)
            .FirstOrDefault(name => name.Equals(repository, StringComparison.OrdinalIgnoreCase)) ?? repository;

    /// <summary>The settings of a project, however its id is written there; null if it has none.</summary>
    internal ProjectOptions? ProjectOf(Guid project) => Projects.FirstOrDefault(entry => Guid.TryParse(entry.Key, out var id) && id == project).Value;

    /// <summary>The suite of a runner for a repository; null where an agent does the stage.</summary>
    internal SuiteOptions? SuiteOf(RunnerKind kind, string repository) => (kind == RunnerKind.Tests ? Runners.Tests : Runners.Staging).SuiteOf(repository);

    public IEnumerable<Broken> Check()
    {
        if (SweepInterval < TimeSpan.FromSeconds(1) || SweepInterval > TimeSpan.FromHours(1))
            yield return new(nameof(SweepInterval), $"must be {TimeSpan.FromSeconds(1)} to {TimeSpan.FromHours(1)}", SweepInterval);
        if (Retention < TimeSpan.FromDays(1) || Retention > TimeSpan.FromDays(3650))
            yield return new(nameof(Retention), $"must be {TimeSpan.FromDays(1)} to {TimeSpan.FromDays(3650)}", Retention);
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
        foreach (var broken in Reconcile.Check())
            yield return broken with { Key = $"{nameof(Reconcile)}:{broken.Key}" };
        foreach (var broken in Merging.Check())
            yield return broken with { Key = $"{nameof(Merging)}:{broken.Key}" };
        foreach (var (id, project) in Projects)
        {
            if (!Guid.TryParse(id, out _))
                yield return new($"{nameof(Projects)}:{id}", "must be the id of a project", id);
            if (RepositoryName.Of(project.Repository) is null)
                yield return new($"{nameof(Projects)}:{id}:Repository", "must be owner/name, of letters, digits, dots, dashes and underscores", project.Repository);
            if (project.Begin.Length == 0)
                yield return new($"{nameof(Projects)}:{id}:Begin", "must name a state", project.Begin);
        }

        foreach (var name in PostDeploy.Keys.Where(name => RepositoryName.Of(name) is null))
            yield return new(nameof(PostDeploy), "must be named owner/name, of letters, digits, dots, dashes and underscores", name);
        foreach (var broken in PostDeploy.SelectMany(entry => entry.Value.Check($"{nameof(PostDeploy)}:{entry.Key}")))
            yield return broken;
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

    /// <summary>Where a work item belongs, by the stage of its task or by the task's state (Held, Done, Failed, Cancelled): each a word of Orchestrator:Tracker:States. A stage or state that is a word there itself needs no entry; without a word the item stays where it is. An open task's must not be a cancelled state: that ends it.</summary>
    public Dictionary<string, string> States { get; } = new(StringComparer.Ordinal);

    internal bool Begins(Tracker.WorkItemState state) => state.Name.Equals(Begin, StringComparison.OrdinalIgnoreCase) || (Guid.TryParse(Begin, out var id) && state.Id == id);
}

/// <summary>A gate.</summary>
public sealed class GateOptions
{
    /// <summary>Is it asked? Switched off it passes whatever there is, and its answer says so.</summary>
    public bool Enabled { get; set; } = true;
}

/// <summary>How a delivery is looked after.</summary>
public sealed class PostDeployOptions
{
    /// <summary>Addresses that must answer.</summary>
    public Dictionary<string, SmokeOptions> Smoke { get; } = new(StringComparer.Ordinal);

    /// <summary>How long it is looked after; 1 s to 1 day.</summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Time between two looks; 100 ms to 1 h.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Looks in a row that must find something wrong before it counts; 1 to 100.</summary>
    public int Failures { get; set; } = 3;

    /// <summary>Is a task opened that rolls a delivery back that did not stay well? It is worked on like any other, in its turn.</summary>
    public bool Rollback { get; set; }

    internal IEnumerable<Broken> Check(string path)
    {
        if (Smoke.Count == 0)
            yield return new($"{path}:Smoke", "must name an address", null);
        foreach (var broken in Smoke.SelectMany(smoke => smoke.Value.Check($"{path}:Smoke:{smoke.Key}")))
            yield return broken;
        if (Window < TimeSpan.FromSeconds(1) || Window > TimeSpan.FromDays(1))
            yield return new($"{path}:Window", "must be 1 s to 1 day", Window);
        if (Interval < TimeSpan.FromMilliseconds(100) || Interval > TimeSpan.FromHours(1))
            yield return new($"{path}:Interval", "must be 100 ms to 1 h", Interval);
        if (Failures is < 1 or > 100)
            yield return new($"{path}:Failures", "must be 1 to 100", Failures);
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
