using Orchestrator.Persistence.Tasks;

namespace Orchestrator.Service.Delivery.Agents;

/// <summary>Where a task is worked on.</summary>
internal static class Worktree
{
    /// <summary>Folder in the worktree for prompt, context and artifacts; git does not see it.</summary>
    public const string Notes = ".task";

    /// <summary>The same on every node: a task that goes on elsewhere finds its worktree there, or makes it from the pushed branch.</summary>
    public static string PathOf(DeliveryOptions options, DeliveryTask task) => Path.Combine(options.Folder, "worktrees", task.Id.ToString("N"));
}
