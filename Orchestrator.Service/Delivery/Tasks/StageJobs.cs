using System.Text.Json.Serialization;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Agents;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Processes;

namespace Orchestrator.Service.Delivery.Tasks;

/// <summary>The payload of a runner's or reserved job: which step of which task it works on.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record StageWork(Guid Task, long Step, string Stage);

/// <summary>Makes the job of a stage.</summary>
internal sealed class StageJobs(CommandsOptions commands, DeliveryOptions options)
{
    /// <summary>The key binds the job to the step: however often a stage is entered by a repeated drive, it has one job.</summary>
    public JobRequest For(DeliveryTask task, Stage stage, long step) => (Agent(task, stage) is { } agent
        ? JobRequest.For(DeliveryLanes.Agents, AgentRun(task, stage, agent))
        : JobRequest.For(DeliveryLanes.Work, new StageWork(task.Id, step, stage.Name))) with
    {
        DedupeKey = $"{task.Id:N}:{step}",
        Announce = true,
        MaxAttempts = 1, // what has failed goes back by the pipeline's rule, with its reason
    };

    /// <summary>The agent that does the stage; null if a runner or the service does.</summary>
    public Worker.Agent? Agent(DeliveryTask task, Stage stage) => stage.Worker switch
    {
        Worker.Agent agent => agent,
        Worker.Runner runner when options.SuiteOf(runner.Kind, task.Repository) is null => runner.Instead
            ?? throw new InvalidOperationException($"The runner of stage {stage.Name} is switched off for {task.Repository}, and the pipeline names no agent in its place. Switch it on, or name one."),
        _ => null,
    };

    private ProcessRequest AgentRun(DeliveryTask task, Stage stage, Worker.Agent agent)
    {
        var worktree = Worktree.PathOf(options, task);
        var offered = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["task"] = task.Id.ToString(),
            ["stage"] = stage.Name,
            ["repository"] = task.Repository,
            ["branch"] = task.Branch,
            ["prompt"] = Path.Combine(worktree, Worktree.Notes, "prompt.md"),
        };
        // A command declares what it wants to be told.
        var arguments = commands.GetValueOrDefault(agent.Command)?.Parameters.Keys.Where(offered.ContainsKey).ToDictionary(name => name, name => offered[name]);
        return new ProcessRequest(agent.Command, arguments, Folder: worktree, TimeLimit: stage.TimeLimit);
    }
}
