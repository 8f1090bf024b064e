namespace Orchestrator.Service.Delivery;

/// <summary>The lanes of the delivery pipeline.</summary>
internal static class DeliveryLanes
{
    /// <summary>Agents: external processes in worktrees.</summary>
    public const string Agents = "agents";

    /// <summary>Runners and the service's own jobs.</summary>
    public const string Work = "delivery";

    /// <summary>What forge and tracker reported.</summary>
    public const string Events = "deliveries";

    /// <summary>What forge and tracker are told.</summary>
    public const string Reports = "reports";
}
