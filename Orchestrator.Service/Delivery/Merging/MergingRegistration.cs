using Orchestrator.Service.Delivery.Git;
using Orchestrator.Service.Nodes;

namespace Orchestrator.Service.Delivery.Merging;

internal static class MergingRegistration
{
    /// <summary>Git, worktrees and merging. Needs an <see cref="IMergeForge"/> beside it.</summary>
    public static void AddMerging(this IServiceCollection services, DeliveryOptions options)
    {
        services.AddSingleton(options.Git);
        services.AddSingleton(options.Merging);
        services.AddSingleton<GitRunner>();
        services.AddSingleton<Repositories>();
        services.AddSingleton<Pushes>();
        services.AddSingleton<Changes>();
        services.AddSingleton<Worktrees>();
        services.AddSingleton<IMergeNode, ThisNode>();
        services.AddSingleton<MergeLeases>();
        services.AddSingleton<MergeProbe>();
        services.AddSingleton<Rebaser>();
        services.AddSingleton<Merger>();
    }

    private sealed class ThisNode(NodeLease lease) : IMergeNode
    {
        public Guid Id => lease.Node.Id;
    }
}
