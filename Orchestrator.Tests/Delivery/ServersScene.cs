using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Local.StandIns;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Reports;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Sweeps;
using Orchestrator.Tests.Delivery.Forge;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Delivery;

/// <summary>A node, a forge and a tracker that report to it or not, and agents that are scripts. The tracker's words: work is In Progress, over is Done, stuck is Backlog, again is Todo.</summary>
internal sealed class ServersScene : IAsyncDisposable
{
    public const string App = "team/app";
    public const string Secret = "a secret of both";
    public static readonly Guid Person = Guid.NewGuid();

    public TaskScene Tasks { get; } = new();

    public GiteaStandIn Forge { get; private set; } = null!;

    public PlaneStandIn Tracker { get; private set; } = null!;

    public string Bare { get; private set; } = "";

    /// <param name="clock">The tracker's; the system's if null.</param>
    public static async Task<ServersScene> StartAsync(TimeProvider? clock = null)
    {
        var scene = new ServersScene { Forge = await GiteaStandIn.StartAsync(TimeProvider.System), Tracker = await PlaneStandIn.StartAsync(clock ?? TimeProvider.System) };
        scene.Bare = scene.Tasks.MakeRepository(App);
        scene.Forge.Serve(App, scene.Bare);
        await File.WriteAllTextAsync(scene.PathOf("forge"), scene.Forge.Token);
        await File.WriteAllTextAsync(scene.PathOf("tracker"), scene.Tracker.Key);
        await File.WriteAllTextAsync(scene.PathOf("secret"), Secret);
        return scene;
    }

    public string PathOf(string name) => Path.Combine(Tasks.Folder, name);

    /// <summary>A shell line that waits until the test makes the file, or has ended.</summary>
    public string Until(string file) => $"while [ -d {Tasks.Folder} ] && [ ! -e {Tasks.Over} ] && [ ! -e {PathOf(file)} ]; do sleep 0.05; done";

    public Task LetAsync(string file) => File.WriteAllTextAsync(PathOf(file), "");

    /// <param name="hooks">Do the servers report to the node?</param>
    /// <param name="settings">Beside those of the scene.</param>
    public async Task<TestNode> NodeAsync(bool hooks, params (string Key, string Value)[] settings)
    {
        var project = $"Delivery:Projects:{Tracker.Project}";
        var node = await Tasks.StartAsync(
        [
            ("Forge:Url", Forge.Url.ToString()), ("Forge:Token:File", PathOf("forge")), ("Forge:Calls:Pause", "00:00:00.010"), ("Delivery:Merging:PollInterval", "00:00:01"),
            ("Tracker:Url", Tracker.Url.ToString()), ("Tracker:Workspace", Tracker.Workspace), ("Tracker:Token:File", PathOf("tracker")), ("Tracker:Calls:Pause", "00:00:00.010"),
            ("Tracker:States:work", "In Progress"), ("Tracker:States:over", Tracker.States["Done"].ToString()), ("Tracker:States:stuck", "backlog"), ("Tracker:States:again", "Todo"),
            ("Webhooks:Gitea:Secret:File", PathOf("secret")), ("Webhooks:Gitea:Bot", Forge.Login), ("Webhooks:Plane:Secret:File", PathOf("secret")),
            ($"{project}:Repository", App), ($"{project}:States:Done", "over"), ($"{project}:States:Held", "stuck"),
            ("Lanes:reports:TransientBackoff", "00:00:00.050"), ("Lanes:reports:MaxTransientBackoff", "00:00:00.200"), ("Lanes:reports:MaxTransient", "1000"), ("Lanes:reports:Breaker:Enabled", "false"),
            .. settings,
        ]);
        if (hooks)
        {
            Forge.HookTo(new Uri(node.Url, "/webhooks/gitea"), Secret);
            Tracker.HookTo(new Uri(node.Url, "/webhooks/plane"), Secret);
        }

        return node;
    }

    public (string, string) State(string stage, string word) => ($"Delivery:Projects:{Tracker.Project}:States:{stage}", word);

    public GiteaClient Client => Servers.ClientOf(Forge);

    /// <summary>The one task there is.</summary>
    public static Task<Guid> TaskAsync(TestNode node) =>
        Eventually.IsAsync(() => node.ScalarAsync<Guid>("SELECT coalesce((SELECT id FROM orchestrator.task ORDER BY seq LIMIT 1), '00000000-0000-0000-0000-000000000000')"), id => id != Guid.Empty, "there is a task");

    /// <summary>Waits until all that forge and tracker are to be told, and all that they told, has been taken.</summary>
    public async Task QuietAsync(TestNode node)
    {
        await Forge.QuietAsync();
        await Tracker.QuietAsync();
        await Eventually.IsAsync(
            () => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE lane IN ('reports', 'deliveries') AND state NOT IN ('Succeeded', 'Failed', 'Cancelled', 'Held')"), n => n == 0, "all reports and deliveries are done");
    }

    /// <summary>Makes all reports again, as if each job ran twice.</summary>
    public async Task RepeatReportsAsync(TestNode node)
    {
        var payloads = await node.ScalarAsync<string[]>("SELECT array_agg(payload::text ORDER BY submitted_at) FROM orchestrator.job WHERE lane = 'reports'");
        await node.Jobs.SubmitAsync([.. payloads.Select(payload => new JobRequest("reports", payload))]);
        await QuietAsync(node);
    }

    /// <summary>Each report that was made, as "Forge Advanced review", in no order.</summary>
    public static async Task<List<string>> ReportsAsync(TestNode node) =>
        [.. (await node.ScalarAsync<string[]>("SELECT coalesce(array_agg(payload::text), '{}') FROM orchestrator.job WHERE lane = 'reports'"))
            .Select(payload => JsonSerializer.Deserialize<TaskReport>(payload, Service.Run.JobRun.Json)!).Select(report => $"{report.To} {report.What} {report.Stage}").Order(StringComparer.Ordinal)];

    public static Task SweepAsync(TestNode node) =>
        node.Services.GetRequiredService<SweepRunner>().RunAsync(node.Services.GetRequiredService<SweepList>().Find("reconcile")!, byHand: true, default);

    /// <summary>The states that the tracker was asked to move items to, in order, by name.</summary>
    public IReadOnlyList<string> Moves =>
        [.. Tracker.Journal.Where(request => request is { Method: "PATCH", Status: 200 }).Select(request => Tracker.States.Single(state => request.Body.Contains(state.Value.ToString(), StringComparison.Ordinal)).Key)];

    /// <summary>The newest status of each of the service's contexts on a commit, as "review Success".</summary>
    public async Task<IReadOnlyList<string>> StatusesAsync(string commit) =>
        [.. (await Client.StatusAsync(App, commit, default)).Statuses.Where(status => status.Context.StartsWith(CommitStatus.Own, StringComparison.Ordinal)).Select(status => $"{status.Context[CommitStatus.Own.Length..]} {status.State}").Order(StringComparer.Ordinal)];

    public async ValueTask DisposeAsync()
    {
        await Forge.DisposeAsync();
        await Tracker.DisposeAsync();
        Tasks.Dispose();
    }
}
