using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Local.StandIns;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Reconcile;
using Orchestrator.Service.Delivery.Tracker;
using Orchestrator.Service.Sweeps;
using Orchestrator.Tests.Infrastructure;
using static Orchestrator.Tests.Delivery.ServersScene;
using static Orchestrator.Tests.Delivery.TaskScene;

namespace Orchestrator.Tests.Delivery.Reconcile;

/// <summary>Every webhook gets lost; the sweep finds what it would have told, and the tasks act on it.</summary>
[Trait("Requirement", "FLOW-4")]
public sealed class ReconcileSweepTests
{
    private const string Approved = """
        retries: 1
        stages:
          - {name: development, agent: agent, prompt: development.md, gates: [check_branch_has_work], on-failure: development}
          - {name: review, agent: agent, prompt: review.md, gates: [check_approved], on-failure: development}
        """;

    private const string Waiting = "stages:\n  - {name: only, agent: agent, prompt: development.md, gates: [check_branch_has_work], on-failure: hold}\n";

    [Fact]
    public async Task An_item_that_is_to_be_begun_becomes_a_task_once_and_one_that_is_cancelled_or_gone_ends_it()
    {
        await using var scene = await SceneAsync(Waiting, s => s.Until("go"));
        await using var node = await scene.NodeAsync(hooks: false);
        var (item, gone) = (scene.Tracker.Create("Add numbers", "", Person), scene.Tracker.Create("Subtract them", "", Person));
        scene.Tracker.Move(item, "Backlog", Person);
        scene.Tracker.Move(gone, "Backlog", Person);
        await SweepAsync(node);
        Assert.Equal(0L, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.task"));

        scene.Tracker.Move(item, "Todo", Person);
        scene.Tracker.Move(gone, "Todo", Person);
        await SweepAsync(node);
        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.task"), n => n == 2, "both are tasks");
        Assert.Equal(0, await node.Services.GetRequiredService<Reconciler>().RunAsync(default));
        var (id, other) = (await OfAsync(node, item), await OfAsync(node, gone));

        scene.Tracker.Move(item, "Cancelled", Person);
        scene.Tracker.Delete(gone);
        await SweepAsync(node);

        Assert.Equal("Its work item was cancelled.", (await BecomesAsync(node, id, "Cancelled")).Reason);
        Assert.Equal("Its work item was deleted.", (await BecomesAsync(node, other, "Cancelled")).Reason);
        Assert.Equal(0, await node.Services.GetRequiredService<Reconciler>().RunAsync(default));
        await scene.LetAsync("go");
    }

    [Fact]
    public async Task What_a_person_cancelled_stays_so_whatever_its_task_reports_meanwhile()
    {
        await using var scene = await SceneAsync("""
            stages:
              - {name: development, agent: agent, prompt: development.md, gates: [check_branch_has_work], on-failure: hold}
              - {name: review, agent: agent, prompt: review.md, gates: [check_review], on-failure: hold}
            """, s => $"if [ $1 = development ]; then {s.Until("go")}; echo x > x; else {s.Until("end")}; fi");
        await using var node = await scene.NodeAsync(hooks: false, scene.State("review", "work"));
        var item = scene.Tracker.Create("Add numbers", "", Person);
        await SweepAsync(node);
        var id = await TaskAsync(node);
        scene.Tracker.Move(item, "Cancelled", Person);

        await scene.LetAsync("go");
        await Eventually.IsAsync(() => ClientOf(node).GetAsync(id), task => task?.Stage == "review", "the task is reviewed");
        await scene.QuietAsync(node);

        Assert.Equal("Cancelled", scene.Tracker.StateOf(item));
        Assert.Empty(scene.Moves);
        await SweepAsync(node);
        await BecomesAsync(node, id, "Cancelled");
        Assert.Equal(StateSet.Moved, await node.Services.GetRequiredService<ITracker>().SetStateAsync(scene.Tracker.Project, item, "work", reopen: true, default));
        await scene.LetAsync("end");
    }

    [Fact]
    public async Task An_approval_that_nobody_told_lets_the_task_go_on()
    {
        await using var scene = await SceneAsync(Approved, _ => "[ $1 != development ] || echo x > x");
        await using var node = await scene.NodeAsync(hooks: false);
        var (id, number) = await WaitingAsync(scene, node);
        await SweepAsync(node);
        await scene.QuietAsync(node);
        Assert.Equal(0L, await ToldAsync(node)); // nothing is to be told, so nothing is

        await scene.Forge.ReviewAsync(App, number, "ada", "APPROVED");
        await SweepAsync(node);

        await BecomesAsync(node, id, "Done");
        Assert.Equal(1L, await ToldAsync(node, "review-approved"));
        Assert.Equal(0, await node.Services.GetRequiredService<Reconciler>().RunAsync(default));
    }

    [Theory]
    [InlineData(false, "pull-request-closed-unmerged")]
    [InlineData(true, "pull-request-merged")]
    public async Task The_end_of_a_pull_request_that_nobody_told_is_seen(bool merged, string fact)
    {
        await using var scene = await SceneAsync(Approved, _ => "[ $1 != development ] || echo x > x");
        await using var node = await scene.NodeAsync(hooks: false);
        var (id, number) = await WaitingAsync(scene, node);
        if (merged)
            await scene.Client.MergeAsync(App, number, (await ClientOf(node).GetAsync(id))!.HeadSha!, deleteBranch: false, default);
        else
            await scene.Forge.CloseAsync(App, number, "ada");

        await SweepAsync(node);

        await scene.QuietAsync(node);
        Assert.Equal(1L, await ToldAsync(node, fact));
        if (!merged)
            await Eventually.IsAsync(() => ClientOf(node).GetAsync(id), task => task!.Reason!.Contains("closed without a merge", StringComparison.Ordinal), "the task says why it waits");
    }

    [Fact]
    public async Task A_look_at_the_tracker_costs_few_requests_however_many_tasks_there_are()
    {
        // The tracker's items are of last month, but for those that it has just moved.
        var clock = new Shifted { By = TimeSpan.FromDays(-30) };
        await using var scene = await SceneAsync(Waiting, s => s.Until("go"), clock);
        await using var node = await scene.NodeAsync(hooks: true, ("Webhooks:Plane:Bot", scene.Tracker.Bot.ToString()), ("Delivery:Reconcile:ItemsPerLook", "2"), ("Delivery:Reconcile:Interval", "00:00:10"));
        var items = Enumerable.Range(0, 5).Select(n => scene.Tracker.Create($"Item {n}", "", Person)).ToList();
        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.task"), n => n == 5, "all are tasks");
        await scene.QuietAsync(node);

        // One list, two of the items, and what the states are called.
        Assert.Equal(["states", "work-items", "work-items/one", "work-items/one"], await LookAsync(scene, node));

        // All have changed just now: the list shows them.
        clock.By = TimeSpan.Zero;
        items.ForEach(item => scene.Tracker.Move(item, "In Progress", Person));
        await scene.QuietAsync(node);
        Assert.Equal(["states", "work-items"], await LookAsync(scene, node));
        await scene.LetAsync("go");
    }

    [Fact]
    public async Task Items_that_are_asked_for_one_by_one_all_have_their_turn()
    {
        var asked = new HashSet<string>();
        var clock = new Shifted { By = TimeSpan.FromDays(-30) };
        await using var scene = await SceneAsync(Waiting, s => s.Until("go"), clock);
        await using var node = await scene.NodeAsync(hooks: true, ("Webhooks:Plane:Bot", scene.Tracker.Bot.ToString()));
        for (var n = 0; n < 5; n++)
            scene.Tracker.Create($"Item {n}", "", Person);
        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.task"), n => n == 5, "all are tasks");
        await scene.QuietAsync(node);
        var delivery = new Orchestrator.Service.Delivery.DeliveryOptions { Reconcile = { ItemsPerLook = 2 } };
        var time = new Standing();
        var reconciler = ActivatorUtilities.CreateInstance<Reconciler>(node.Services, delivery, time);

        for (var look = 0; look < 3; look++)
        {
            var before = scene.Tracker.Journal.Count;
            await reconciler.RunAsync(default);
            var now = scene.Tracker.Journal.Skip(before).Where(request => One(request)).Select(request => request.Path).ToList();
            Assert.Equal(2, now.Count);
            asked.UnionWith(now);
            time.Now += delivery.Reconcile.Interval;
        }

        Assert.Equal(5, asked.Count);
        await scene.LetAsync("go");
    }

    [Fact]
    public async Task The_sweep_is_there_where_a_server_is_configured_and_has_a_switch()
    {
        await using var scene = await SceneAsync(Waiting, _ => "true");
        await using (var without = await scene.Tasks.StartAsync())
            Assert.Null(without.Services.GetRequiredService<SweepList>().Find("reconcile"));
        await using var node = await scene.NodeAsync(hooks: false, ("Delivery:Reconcile:Enabled", "false"), ("Delivery:Reconcile:Interval", "00:05:00"));

        Assert.Equal(("Orchestrator:Delivery:Reconcile:Enabled", TimeSpan.FromMinutes(5)), node.Services.GetRequiredService<SweepList>().Find("reconcile") is { } sweep ? (sweep.Off, sweep.Interval) : default);
    }

    private static async Task<ServersScene> SceneAsync(string pipeline, Func<ServersScene, string> script, TimeProvider? clock = null)
    {
        var scene = await ServersScene.StartAsync(clock);
        (scene.Tasks.Pipeline, scene.Tasks.Script) = (pipeline, script(scene));
        return scene;
    }

    /// <summary>A task whose review is done and that waits for an approval; its pull request is known.</summary>
    private static async Task<(Guid Task, long PullRequest)> WaitingAsync(ServersScene scene, TestNode node)
    {
        var id = await OpenAsync(node, title: "Add numbers");
        var task = await Eventually.IsAsync(() => ClientOf(node).GetAsync(id), task => task is { State: "Waiting", PullRequest: not null }, "the task waits for an approval");
        await scene.QuietAsync(node);
        return (id, task!.PullRequest!.Value);
    }

    /// <summary>What the next look asks the tracker for, sorted.</summary>
    private static async Task<List<string>> LookAsync(ServersScene scene, TestNode node)
    {
        var before = scene.Tracker.Journal.Count;
        Assert.Equal(0, await node.Services.GetRequiredService<Reconciler>().RunAsync(default));
        return [.. scene.Tracker.Journal.Skip(before).Select(request => One(request) ? "work-items/one" : request.Path.Split('?')[0].Trim('/').Split('/')[^1]).Order(StringComparer.Ordinal)];
    }

    private static bool One(SeenRequest request) => Guid.TryParse(request.Path.Split('?')[0].Trim('/').Split('/')[^1], out _) && request.Path.Contains("/work-items/", StringComparison.Ordinal);

    private static Task<long> ToldAsync(TestNode node, string fact = "") =>
        node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE lane = 'deliveries' AND payload::text LIKE $1", $"%{fact}%");

    private static async Task<Guid> OfAsync(TestNode node, Guid item)
    {
        await using var connection = await node.Database.OpenConnectionAsync();
        return (await TaskLedger.OfKeyAsync(connection, $"work-item:{item:N}", default))!.Value;
    }

    private sealed class Standing : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private sealed class Shifted : TimeProvider
    {
        public TimeSpan By { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + By;
    }
}
