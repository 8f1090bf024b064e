using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Local.StandIns;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Remote;
using Orchestrator.Service.Run;
using Orchestrator.Service.Sweeps;
using Orchestrator.Tests.Engine;
using Orchestrator.Tests.Infrastructure;
using static Orchestrator.Tests.Delivery.TaskScene;

namespace Orchestrator.Tests.Delivery.Facts;

/// <summary>From a signed webhook to a task.</summary>
[Trait("Requirement", "FLOW-4")]
public sealed class TaskFactsTests : IAsyncLifetime
{
    private const string Secret = "plane_wh_of_the_facts";
    private static readonly Guid Person = Guid.NewGuid();
    private readonly TaskScene _scene = new() { Pipeline = "stages:\n  - {name: only, job: deploy, gates: [check_merged], on-failure: hold}\n" };
    private readonly TaskCompletionSource _go = new();
    private PlaneStandIn _plane = null!;
    private TestNode _node = null!;

    public async Task InitializeAsync()
    {
        _plane = await PlaneStandIn.StartAsync(TimeProvider.System);
        await File.WriteAllTextAsync(Path.Combine(_scene.Folder, "secret"), Secret);
        await File.WriteAllTextAsync(Path.Combine(_scene.Folder, "token"), _plane.Key);
        _node = await NodeAsync();
        _plane.HookTo(new Uri(_node.Url, "webhooks/plane"), Secret);
    }

    public async Task DisposeAsync()
    {
        _go.TrySetResult();
        await _node.DisposeAsync();
        await _plane.DisposeAsync();
        _scene.Dispose();
    }

    /// <summary>A node that hears of the project, and whose work waits for the test.</summary>
    private Task<TestNode> NodeAsync(params (string Key, string Value)[] settings) =>
        _scene.StartAsync(async (_, work, _) => { await _go.Task; return Leaving(work, "16-merge.md", "merge: DONE"); }, null,
        [
            ("Lanes:deliveries:Permits", "4"), ("Webhooks:Plane:Secret:File", Path.Combine(_scene.Folder, "secret")), ("Webhooks:Plane:Bot", _plane.Bot.ToString()),
            ("Tracker:Url", _plane.Url.ToString()), ("Tracker:Workspace", _plane.Workspace), ("Tracker:Token:File", Path.Combine(_scene.Folder, "token")),
            ($"Delivery:Projects:{_plane.Project}:Repository", "team/app"), ($"Delivery:Projects:{_plane.Project}:Begin", "Todo"), .. settings,
        ]);

    [Fact]
    public async Task A_work_item_that_is_to_be_begun_becomes_one_task_and_one_that_is_cancelled_ends_it()
    {
        _plane.LoseHooks = true; // it is created in Todo, where work begins
        var item = _plane.Create("Add numbers", "<p>Two of them.</p>", Person);
        await _plane.QuietAsync();
        _plane.LoseHooks = false;
        _plane.Move(item, "Backlog", Person);
        await _plane.QuietAsync();
        await Eventually.IsAsync(() => CountAsync("SELECT count(*) FROM orchestrator.job WHERE lane = 'deliveries' AND state = 'Succeeded'"), n => n == 1, "the delivery is taken");
        Assert.Equal(0L, await CountAsync("SELECT count(*) FROM orchestrator.task"));

        _plane.Move(item, "Todo", Person);
        await Eventually.IsAsync(() => CountAsync("SELECT count(*) FROM orchestrator.task"), n => n == 1, "there is a task");
        var id = await _node.ScalarAsync<Guid>("SELECT id FROM orchestrator.task");
        _plane.Move(item, "In Progress", Person);
        _plane.Move(item, "Todo", Person);
        await _plane.QuietAsync();
        await Eventually.IsAsync(() => CountAsync("SELECT count(*) FROM orchestrator.job WHERE lane = 'deliveries' AND state <> 'Succeeded'"), n => n == 0, "all deliveries are taken");

        Assert.Equal(1L, await CountAsync("SELECT count(*) FROM orchestrator.task"));
        var task = (await ClientOf(_node).GetAsync(id))!;
        Assert.Equal(("Add numbers", "team/app", "Working"), (task.Title, task.Repository, task.State));
        await using (var connection = await _node.Database.OpenConnectionAsync())
            Assert.Contains("Two of them.", Assert.Single(await TaskLedger.ArtifactsAsync(connection, task.Id, CancellationToken.None)).Content, StringComparison.Ordinal);

        _plane.Move(item, "Cancelled", Person);
        Assert.Equal("Its work item was cancelled.", (await BecomesAsync(_node, task.Id, "Cancelled")).Reason);
        await Eventually.IsAsync(() => _node.Jobs.GetAsync(task.JobId!.Value), job => job?.State == "Cancelled" || job?.CancelRequestedAt is not null, "its job is asked to stop");
    }

    [Fact]
    [Trait("Requirement", "FLOW-4")]
    public async Task Where_several_projects_go_into_one_repository_their_numbers_take_no_others_branches()
    {
        var one = _plane.Create("One of this", "", Person);
        _plane.Move(one, "Todo", Person);
        await Eventually.IsAsync(() => CountAsync("SELECT count(*) FROM orchestrator.task"), n => n == 1, "there is a task");
        Assert.Equal("task/1", await _node.ScalarAsync<string>("SELECT branch FROM orchestrator.task"));
        await using var both = await NodeAsync(($"Delivery:Projects:{Guid.NewGuid()}:Repository", "Team/App"));
        _plane.HookTo(new Uri(both.Url, "webhooks/plane"), Secret);

        var other = _plane.Create("One of two", "", Person);
        _plane.Move(other, "Todo", Person);

        await Eventually.IsAsync(() => both.ScalarAsync<long>("SELECT count(*) FROM orchestrator.task"), n => n == 1, "there is a task");
        _go.TrySetResult(); // the node's stop waits for its runs
        Assert.Equal($"task/{_plane.Project.ToString("N")[..8]}-2", await both.ScalarAsync<string>("SELECT branch FROM orchestrator.task"));
    }

    [Fact]
    [Trait("Requirement", "OPS-3")]
    public async Task A_late_webhook_of_a_work_item_whose_task_was_removed_opens_no_second_one()
    {
        var item = _plane.Create("Add numbers", "", Person);
        _plane.Move(item, "Todo", Person);
        await Eventually.IsAsync(() => CountAsync("SELECT count(*) FROM orchestrator.task"), n => n == 1, "there is a task");
        var id = await _node.ScalarAsync<Guid>("SELECT id FROM orchestrator.task");
        _go.TrySetResult();
        await BecomesAsync(_node, id, "Done");
        await _node.ExecuteAsync("UPDATE orchestrator.task SET ended_at = now() - interval '91 days'");
        await _node.Services.GetRequiredService<SweepRunner>().RunAsync(_node.Services.GetRequiredService<SweepList>().Find("retention")!, byHand: false, default);
        Assert.Equal(0L, await CountAsync("SELECT count(*) FROM orchestrator.task"));

        _plane.Move(item, "In Progress", Person);
        _plane.Move(item, "Todo", Person);
        await _plane.QuietAsync();
        await Eventually.IsAsync(() => CountAsync("SELECT count(*) FROM orchestrator.job WHERE lane = 'deliveries'"), n => n >= 3, "the deliveries are there");
        await Eventually.IsAsync(() => CountAsync("SELECT count(*) FROM orchestrator.job WHERE lane = 'deliveries' AND state <> 'Succeeded'"), n => n == 0, "all deliveries are taken");

        Assert.Equal(0L, await CountAsync("SELECT count(*) FROM orchestrator.task"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    public async Task A_long_title_of_whatever_characters_is_cut_and_its_item_becomes_a_task(string before)
    {
        var item = _plane.Create(before + string.Concat(Enumerable.Repeat("😀", 300)) + "\u0007\u202e", "<p>x</p>", Person);
        _plane.Move(item, "Todo", Person);

        await Eventually.IsAsync(() => CountAsync("SELECT count(*) FROM orchestrator.task"), n => n == 1, "there is a task");

        Assert.Equal(before + string.Concat(Enumerable.Repeat("😀", 99)) + "…", await _node.ScalarAsync<string>("SELECT title FROM orchestrator.task"));
    }

    /// <summary>Signed, and nonsense all the same: refused or taken, and never a fault of the service's; what it becomes ends well.</summary>
    [Fact]
    public async Task Nonsense_that_is_signed_moves_nothing_and_no_delivery_fails()
    {
        var (project, item, state) = (_plane.Project, Guid.NewGuid(), Guid.NewGuid());
        string[] bodies =
        [
            $$$"""{"event":"issue","action":"delete","data":{"id":"{{{item}}}"}}""", // before it was created
            $$$"""{"event":"issue","action":"create","data":{"id":"{{{item}}}","project":"{{{project}}}","name":"\u0000\u0007 {{{new string('x', 10_000)}}}","sequence_id":99999999999999999999999}}""",
            $$$"""{"event":"issue","action":"create","data":{"id":"{{{Guid.NewGuid()}}}","project":"{{{project}}}","name":"\ud83d"}}""",
            $$$"""{"event":"issue","action":"update","data":{"id":"{{{item}}}","project":"{{{project}}}"},"activity":{"field":"state","new_value":"no id","actor":{"id":"../.."} }}""",
            $$$"""{"event":"issue","action":"update","data":{"id":"{{{item}}}","project":"{{{project}}}","state":{"id":"{{{state}}}"}},"activity":{"field":"state","field":"labels","new_value":{}} }""",
            $$$"""{"event":"issue","action":"update","data":{"id":"{{{item}}}","id":7,"project":"{{{project}}}"}}""",
            $$$"""{"event":"issue\nx","action":"update","data":{"id":"{{{item}}}"}}""",
            $$$"""{"event":"issue_comment","action":"create","data":{"id":"{{{Guid.NewGuid()}}}","project":"{{{project}}}","issue":"{{{item}}}","comment_html":"{{{string.Concat(Enumerable.Repeat("<b>", 5000))}}}\ud83d"}}""",
            $$$"""{"event":"project","action":"delete","data":{"id":"{{{Guid.NewGuid()}}}"}}""",
            $$$"""{"event":"issue","event_id":"{{{new string('e', 5000)}}}","action":"update","previous_attributes":{"state":null,"\ud800":1},"data":{"id":"{{{item}}}","project":"{{{project}}}"}}""",
            string.Concat(Enumerable.Repeat("{\"data\":", 5000)) + "1" + new string('}', 5000), "null", "[]", "\"x\"", "", "\ufeff{}",
        ];
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = _node.Url };

        var statuses = await Task.WhenAll(Enumerable.Range(0, 300).Select(async n =>
        {
            var body = System.Text.Encoding.UTF8.GetBytes(bodies[n % bodies.Length]);
            using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/plane") { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new("application/json");
            request.Headers.Add("X-Plane-Signature", Signature.Of(System.Text.Encoding.UTF8.GetBytes(Secret), body));
            using var answer = await http.SendAsync(request);
            return (Body: bodies[n % bodies.Length], Status: (int)answer.StatusCode);
        }));

        Assert.All(statuses, one => Assert.True(one.Status is 202 or 400, $"{one.Status}: {one.Body[..Math.Min(200, one.Body.Length)]}"));
        await Eventually.IsAsync(() => CountAsync("SELECT count(*) FROM orchestrator.job WHERE lane = 'deliveries' AND state IN ('Queued', 'Running', 'Finalizing')"), n => n == 0, "all deliveries are taken");
        Assert.Equal(0L, await CountAsync("SELECT count(*) FROM orchestrator.job WHERE lane = 'deliveries' AND state <> 'Succeeded'"));
        Assert.Equal(0L, await CountAsync("SELECT count(*) FROM orchestrator.task"));
    }

    private Task<long> CountAsync(string sql) => _node.ScalarAsync<long>(sql);
}
