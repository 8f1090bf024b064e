using Orchestrator.Local.StandIns;

namespace Orchestrator.Local.Demo;

/// <summary>The settings of the demo's node: the delivery pipeline as it comes, with short waits.</summary>
internal static class DemoSettings
{
    /// <summary>Signs what forge and tracker report.</summary>
    public const string HookSecret = "the-demo's-own";

    public static IReadOnlyDictionary<string, string> Of(Workshop workshop, GiteaStandIn forge, PlaneStandIn tracker, Uri shop, string database, Uri sqs)
    {
        var hooks = workshop.Secret("hooks", HookSecret);
        var project = $"Delivery:Projects:{tracker.Project}";
        return new Dictionary<string, string>
        {
            ["Database:ConnectionString"] = database,
            ["Bus:Transport"] = "AmazonSqs",
            ["Bus:ServiceUrl"] = sqs.ToString(),
            ["Bus:Prefix"] = "delivery-demo-",
            ["Bus:LongPollSeconds"] = "2", // a stop waits for the poll that is under way
            ["Node:Drain"] = "00:00:05",
            ["Dispatch:PollInterval"] = "00:00:00.500",

            ["Delivery:Enabled"] = "true",
            ["Delivery:Folder"] = workshop.Below("delivery"),
            ["Delivery:Remote"] = Path.Combine(workshop.Folder, "remotes", "{repository}.git"),
            [$"{project}:Repository"] = Workshop.Repository,
            [$"{project}:Begin"] = "Todo",

            // Any command line is an agent; this one is a script.
            ["Lanes:agents:Commands:0"] = "agent",
            ["Lanes:agents:Permits"] = "2",
            ["Processes:Folder"] = workshop.Below("runs"),
            ["Processes:ProbeInterval"] = "00:00:00.200",
            ["Commands:agent:Program"] = "/bin/bash",
            ["Commands:agent:Arguments:0"] = Workshop.Agent,
            ["Commands:agent:Arguments:1"] = "{stage}",
            ["Commands:agent:Parameters:stage:MaxLength"] = "100",
            ["Commands:agent:Folders:0"] = workshop.Below("delivery"),

            // Two stages need no agent: the suite decides, and the staging host.
            ["Delivery:Runners:Tests:Enabled"] = "true",
            ["Delivery:Runners:Tests:Suites:shop:Repositories:0"] = Workshop.Repository,
            ["Delivery:Runners:Tests:Suites:shop:Program"] = "node",
            ["Delivery:Runners:Tests:Suites:shop:Arguments:0"] = "--test",
            ["Delivery:Runners:Staging:Enabled"] = "true",
            ["Delivery:Runners:Staging:Suites:shop:Repositories:0"] = Workshop.Repository,
            ["Delivery:Runners:Staging:Suites:shop:Program"] = workshop.DeployStaging,
            ["Delivery:Runners:Staging:Suites:shop:Arguments:0"] = workshop.StagingHost,

            [$"Delivery:PostDeploy:{Workshop.Repository}:Smoke:shop:Url"] = shop.ToString(),
            [$"Delivery:PostDeploy:{Workshop.Repository}:Window"] = "00:00:01",
            [$"Delivery:PostDeploy:{Workshop.Repository}:Interval"] = "00:00:00.300",

            ["Forge:Url"] = forge.Url.ToString(),
            ["Forge:Token:File"] = workshop.Secret("forge", forge.Token),
            ["Tracker:Url"] = tracker.Url.ToString(),
            ["Tracker:Workspace"] = tracker.Workspace,
            ["Tracker:States:analysis"] = "In Progress",
            ["Tracker:States:Done"] = "Done",
            ["Tracker:Token:File"] = workshop.Secret("tracker", tracker.Key),
            ["Webhooks:Gitea:Secret:File"] = hooks,
            ["Webhooks:Gitea:Bot"] = forge.Login,
            ["Webhooks:Plane:Secret:File"] = hooks,
            ["Webhooks:Plane:Bot"] = tracker.Bot.ToString(),
        };
    }
}
