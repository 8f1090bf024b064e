using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Contracts;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Tasks;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Delivery.Git;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Delivery;

/// <summary>Nodes that know tasks: agents are scripts, and what the service would do itself is the test's.</summary>
internal sealed class TaskScene : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Folder => _folder.Path;

    /// <summary>What an agent does; <c>$1</c> is the stage, the working folder the worktree.</summary>
    public string Script { get; set; } = "true";

    /// <summary>The pipeline file; the service's own if null.</summary>
    public string? Pipeline { get; set; }

    /// <summary>Puts services of the test in the place of the nodes'.</summary>
    public Action<IServiceCollection>? Replace { get; set; }

    /// <summary>A node that does its own work, as in production.</summary>
    public Task<TestNode> StartAsync(params (string Key, string Value)[] settings) => StartAsync(null, null, settings);

    public async Task<TestNode> StartAsync(Func<JobRun, StageWork, TestNode?, Task<JobOutcome>>? work, TestNode? beside = null, params (string Key, string Value)[] settings)
    {
        TestNode? node = null;
        MakeRepository("team/app");
        var all = new Dictionary<string, string?>
        {
            ["Delivery:Enabled"] = "true", ["Delivery:Folder"] = Folder, ["Delivery:Remote"] = Path.Combine(Folder, "remotes", "{repository}.git"),
            ["Lanes:agents:Commands:0"] = "agent", ["Lanes:agents:Permits"] = "3", ["Lanes:agents:TransientBackoff"] = "00:00:00.050", ["Lanes:agents:Breaker:Enabled"] = "false",
            ["Lanes:delivery:TransientBackoff"] = "00:00:00.050",
            ["Processes:Folder"] = Path.Combine(Folder, "runs"), ["Processes:ProbeInterval"] = "00:00:00.100", ["Dispatch:PollInterval"] = "00:00:00.200",
            ["Commands:agent:Program"] = "/bin/bash", ["Commands:agent:Arguments:0"] = "-c", ["Commands:agent:Arguments:1"] = Script.Replace("{", "{{").Replace("}", "}}"),
            ["Commands:agent:Arguments:2"] = "agent", ["Commands:agent:Arguments:3"] = "{stage}", ["Commands:agent:Parameters:stage:MaxLength"] = "100",
            ["Commands:agent:Folders:0"] = Folder, ["Commands:agent:StopGrace"] = "00:00:01",
        };
        if (Pipeline is not null)
        {
            all["Delivery:Pipeline"] = Path.Combine(Folder, "pipeline.yaml");
            await File.WriteAllTextAsync(all["Delivery:Pipeline"]!, Pipeline);
        }

        if (work is not null)
            all["Lanes:delivery:Breaker:Enabled"] = "false"; // it stands in for the service's own work, and does not say which faults are of one repository alone
        foreach (var (key, value) in settings)
            all[key] = value;
        node = await TestNode.StartAsync(
            work is null ? new Dictionary<string, Func<JobRun, CancellationToken, Task<JobOutcome>>>() : new Dictionary<string, Func<JobRun, CancellationToken, Task<JobOutcome>>> { ["delivery"] = (run, _) => work(run, run.Read<StageWork>(), node) }, all, beside?.ConnectionString, Replace);
        return node;
    }

    /// <summary>A bare repository with one commit on main.</summary>
    public string MakeRepository(string name)
    {
        var bare = Path.Combine(Folder, "remotes", name + ".git");
        if (Directory.Exists(bare))
            return bare;
        var work = Path.Combine(Folder, "first", name);
        Directory.CreateDirectory(work);
        GitScene.Run(Folder, "init", "--quiet", "--bare", "--initial-branch=main", bare);
        GitScene.Run(work, "init", "--quiet", "--initial-branch=main");
        File.WriteAllText(Path.Combine(work, "README.md"), "An app.\n");
        GitScene.Run(work, "add", "--all");
        GitScene.Run(work, "commit", "--quiet", "-m", "Begin");
        GitScene.Run(work, "push", "--quiet", bare, "main");
        return bare;
    }

    public static ITaskClient ClientOf(TestNode node) => node.Services.GetRequiredService<ITaskClient>();

    public static async Task<Guid> OpenAsync(TestNode node, string repository = "team/app", string title = "A task", string? key = null) =>
        (await ClientOf(node).OpenAsync(new OpenTask { Repository = repository, Title = title, ExternalKey = key })).TaskId;

    public static async Task<DeliveryTask> BecomesAsync(TestNode node, Guid task, string state) =>
        (await Eventually.IsAsync(() => ClientOf(node).GetAsync(task), row => row?.State == state, $"the task is {state}"))!;

    public static async Task<List<TaskEvent>> TimelineAsync(TestNode node, Guid task)
    {
        await using var connection = await node.Database.OpenConnectionAsync();
        return await TaskLedger.EventsAsync(connection, task, CancellationToken.None);
    }

    /// <summary>An outcome that leaves an artifact with it, as a runner does.</summary>
    public static JobOutcome Leaving(StageWork work, string name, string content) => JobOutcome.Done(async (scope, cancellation) =>
        Assert.True(await TaskLedger.StoreArtifactAsync(scope.Connection, work.Task, work.Step, name, content, scope.Now, cancellation)));

    /// <summary>There when the scene has ended: what its agents wait for will not come any more.</summary>
    public string Over => Path.Combine(Folder, "scene-is-over");

    /// <summary>Removes the folder when nobody works in it any more: a node's stop lets its agents go on, and their wrappers write how they ended. Waits half a minute at most.</summary>
    public void Dispose()
    {
        File.WriteAllText(Over, "");
        var started = TimeProvider.System.GetTimestamp();
        while (Command.LinesOfProcessesIn(Folder).Count > 0 && TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(30))
            Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None).GetAwaiter().GetResult();
        _folder.Dispose();
    }
}
