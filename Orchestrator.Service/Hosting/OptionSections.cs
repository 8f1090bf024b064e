using Orchestrator.Service.Alerts;
using Orchestrator.Service.Delivery;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Tracker;
using Orchestrator.Service.Delivery.Webhooks;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Documents;
using Orchestrator.Service.Http;
using Orchestrator.Service.Nodes;
using Orchestrator.Service.Processes;
using Orchestrator.Service.Reaper;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Resilience;
using Orchestrator.Service.Sweeps;

namespace Orchestrator.Service.Hosting;

/// <summary>Every section of the configuration, in one list: bound, validated and documented from here.</summary>
public static class OptionSections
{
    /// <summary>The section that holds all others: environment keys begin with <c>Orchestrator__</c>.</summary>
    public const string Root = "Orchestrator";

    public static IReadOnlyList<OptionSection> All { get; } =
    [
        new("Database", typeof(DatabaseOptions)),
        new("Bus", typeof(BusOptions)),
        new("Http", typeof(HttpOptions)),
        new("Node", typeof(NodeOptions)),
        new("Dispatch", typeof(DispatchOptions)),
        new("Work", typeof(WorkOptions)),
        new("Lanes", typeof(LanesOptions)),
        new("Commands", typeof(CommandsOptions)),
        new("Processes", typeof(ProcessOptions)),
        new("Preflight", typeof(PreflightOptions)),
        new("Alerts", typeof(AlertOptions)),
        new("Reaper", typeof(ReaperOptions)),
        new("Sweeps", typeof(SweepOptions)),
        new("Documents", typeof(DocumentsOptions)),
        new("Delivery", typeof(DeliveryOptions)),
        new("Webhooks", typeof(WebhookOptions)),
        new("Forge", typeof(ForgeOptions)),
        new("Tracker", typeof(TrackerOptions)),
    ];
}

/// <param name="Name">Key below <see cref="OptionSections.Root"/>.</param>
/// <param name="Type">The options class.</param>
public sealed record OptionSection(string Name, Type Type)
{
    public string Path => $"{OptionSections.Root}:{Name}";
}

/// <summary>An options class that knows its own rules.</summary>
public interface IChecked
{
    /// <summary>One sentence per broken rule: the key (relative to the section), the rule, the value found and the remedy.</summary>
    IEnumerable<Broken> Check();
}

/// <param name="Key">Key relative to the section.</param>
/// <param name="Rule">What must hold, and what to do, as a sentence.</param>
/// <param name="Found">The value found; never a secret.</param>
public sealed record Broken(string Key, string Rule, object? Found);
