using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Engine;
using Orchestrator.Tests.Infrastructure;
using static Orchestrator.Tests.Delivery.TaskScene;

namespace Orchestrator.Tests.Delivery.Tasks;

/// <summary>Tasks, the serial gate and holds as operators meet them: over HTTP.</summary>
public sealed class TaskHttpTests : IAsyncLifetime
{
    private const string Two = """
        stages:
          - {name: first, job: deploy, gates: [check_merged], on-failure: first}
          - {name: second, job: deploy, gates: [check_merged], on-failure: first}
        """;

    private readonly TaskScene _scene = new() { Pipeline = Two };
    private readonly SemaphoreSlim _go = new(0);
    private readonly List<TestNode> _nodes = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _go.Release(100); // a node's stop waits for its runs
        foreach (var node in _nodes)
            await node.DisposeAsync();
        _scene.Dispose();
        _go.Dispose();
    }

    [Fact]
    [Trait("Requirement", "OPS-2")]
    public async Task Tasks_are_opened_listed_filtered_and_read_and_what_makes_no_sense_is_told()
    {
        var node = await StartAsync();
        using var http = HttpOf(node);

        using var first = await http.PostAsJsonAsync("/tasks", new { repository = "team/app", title = "Add numbers", externalKey = "PROJ-1", description = "# Add\n\nTwo numbers." });
        using var again = await http.PostAsJsonAsync("/tasks", new { repository = "team/app", title = "Add numbers", externalKey = "PROJ-1" });
        using var other = await http.PostAsJsonAsync("/tasks", new { repository = "team/lib", title = "Other" });

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.OK, HttpStatusCode.Accepted), (first.StatusCode, again.StatusCode, other.StatusCode));
        var id = (await first.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("taskId").GetGuid();
        Assert.Equal($"/tasks/{id}", first.Headers.Location!.ToString());
        Assert.Equal(["Add numbers"], Titles(await JsonAsync(http, "/tasks?repository=team/app")));
        Assert.Equal(["Other", "Add numbers"], Titles(await JsonAsync(http, "/tasks?state=Working&stage=first")));
        Assert.Empty(Titles(await JsonAsync(http, "/tasks?state=Done")));
        var page = await JsonAsync(http, "/tasks?limit=1");
        Assert.Equal(["Add numbers"], Titles(await JsonAsync(http, $"/tasks?limit=1&after={page.GetProperty("next").GetInt64()}")));
        Assert.Equal("first", (await JsonAsync(http, $"/tasks/{id}")).GetProperty("stage").GetString());
        Assert.Equal("Opened", (await JsonAsync(http, $"/tasks/{id}/timeline"))[0].GetProperty("what").GetString());
        Assert.Contains("Two numbers.", (await JsonAsync(http, $"/tasks/{id}/artifacts"))[0].GetProperty("content").GetString(), StringComparison.Ordinal);

        await RefusedAsync(http.GetAsync("/tasks?state=Bogus"), HttpStatusCode.BadRequest, "must be one of Working, Waiting, Held, Done, Failed, Cancelled. Found: Bogus.");
        await RefusedAsync(http.GetAsync("/tasks?limit=0"), HttpStatusCode.BadRequest, "must be 1 to 500. Found: 0.");
        await RefusedAsync(http.PostAsJsonAsync("/tasks", new { repository = "../etc", title = "" }), HttpStatusCode.BadRequest, "repository: must be owner/name", "title: must be one line of 1 to 200 characters");
        foreach (var path in (string[])["", "/timeline", "/artifacts", "/gates"])
            await RefusedAsync(http.GetAsync($"/tasks/{Guid.Empty}{path}"), HttpStatusCode.NotFound, "There is no task");
    }

    [Fact]
    [Trait("Requirement", "GATE-2")]
    [Trait("Requirement", "GATE-1")]
    public async Task A_frozen_repository_begins_nothing_says_why_and_keeps_its_order()
    {
        var node = await StartAsync();
        using var http = HttpOf(node);
        await PostAsync(http, "/serial-gate/freeze", new { repository = "team/app", reason = "release week" });
        var first = await OpenAsync(node, title: "First");
        var second = await OpenAsync(node, title: "Second");

        await WhyAsync(http, first, "serial-gate: its repository is frozen since");
        var gate = await GateAsync(http);
        Assert.Equal("release week", gate.GetProperty("frozen")[0].GetProperty("reason").GetString());
        Assert.Equal([first, second], Line(gate).Select(place => place.GetProperty("task").GetGuid()));
        _go.Release(100);
        await PostAsync(http, "/serial-gate/thaw", new { repository = "team/app" });

        await BecomesAsync(node, second, "Done");
        Assert.True(await EndedAsync(node, first) < await EndedAsync(node, second));
        await PostAsync(http, "/serial-gate/freeze", new { repository = "*" });
        await RefusedAsync(http.PostAsJsonAsync("/serial-gate/thaw", new { repository = "team/app" }), HttpStatusCode.Conflict, "all repositories are frozen. Thaw *.");
        await PostAsync(http, "/serial-gate/thaw", new { repository = "*" });
        await RefusedAsync(http.PostAsJsonAsync("/serial-gate/freeze", new { repository = "" }), HttpStatusCode.BadRequest, "must be owner/name, or * for all");
    }

    [Fact]
    [Trait("Requirement", "GATE-3")]
    public async Task A_paused_task_lets_the_next_one_by_outlives_a_restart_and_takes_its_old_place_again()
    {
        Guid first, second, third;
        var node = await StartAsync();
        using (var http = HttpOf(node))
        {
            await PostAsync(http, "/serial-gate/freeze", new { repository = "team/app" });
            first = await OpenAsync(node, title: "First");
            await PostAsync(http, "/serial-gate/pause", new { task = first, reason = "not now" });
            second = await OpenAsync(node, title: "Second");
            third = await OpenAsync(node, title: "Third");
            await WhyAsync(http, first, "serial-gate: its task is paused since");
        }

        await node.StopAsync();
        var next = await StartAsync(node);
        using var later = HttpOf(next);
        var place = Line(await GateAsync(later))[0];
        Assert.Equal((first, "not now"), (place.GetProperty("task").GetGuid(), place.GetProperty("pauseReason").GetString()));
        await PostAsync(later, "/serial-gate/thaw", new { repository = "team/app" });
        _go.Release(2); // both stages of one task
        await BecomesAsync(next, second, "Done");
        Assert.Equal("Working", (await ClientOf(next).GetAsync(first))!.State);

        await PostAsync(later, "/serial-gate/resume", new { task = first });
        _go.Release(100);
        await BecomesAsync(next, third, "Done");
        Assert.True(await EndedAsync(next, first) < await EndedAsync(next, third)); // which at most had begun its first stage
        await RefusedAsync(later.PostAsJsonAsync("/serial-gate/pause", new { task = first }), HttpStatusCode.Conflict, "is Done; nothing changed");
        await RefusedAsync(later.PostAsJsonAsync("/serial-gate/resume", new { task = Guid.Empty }), HttpStatusCode.NotFound, "There is no task");
    }

    [Fact]
    [Trait("Requirement", "FLOW-2")]
    public async Task Gates_are_asked_by_people_and_nothing_changes()
    {
        _scene.Pipeline = "stages:\n  - {name: only, job: deploy, enter: [check_branch_mergeable], gates: [check_merged], on-failure: only}\n";
        var node = await StartAsync();
        using var http = HttpOf(node);
        var id = await OpenAsync(node);
        var before = await RowAsync(node, id);

        var gates = await JsonAsync(http, $"/tasks/{id}/gates");

        Assert.Equal(["check_branch_mergeable Failed", "check_merged Failed"], gates.EnumerateArray().Select(gate => $"{gate.GetProperty("gate").GetString()} {gate.GetProperty("answer").GetString()}"));
        Assert.Contains("The task has no commit", gates[0].GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(before, await RowAsync(node, id));
        Assert.Equal(1L, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.task_event"));
    }

    [Fact]
    [Trait("Requirement", "RUN-4")]
    [Trait("Requirement", "OPS-2")]
    public async Task Held_tasks_are_listed_with_their_reasons_and_released_and_cancelled_ones_can_be_begun_anew()
    {
        var mended = false;
        await using var node = await _scene.StartAsync((_, work, _) => Task.FromResult(Volatile.Read(ref mended) ? Leaving(work, "16-merge.md", "merge: DONE") : JobOutcome.EnvironmentFault("No host here.")), null,
            ("Sweeps:Enabled", "true"), ("Delivery:SweepInterval", "00:00:01")); // of a hold nobody tells
        using var http = HttpOf(node);
        var (held, cancelled) = (await OpenAsync(node, title: "Held"), await OpenAsync(node, "team/lib", "Cancelled"));
        await BecomesAsync(node, held, "Held");
        await BecomesAsync(node, cancelled, "Held");

        Assert.Equal(["No host here.", "No host here."], (await JsonAsync(http, "/holds")).EnumerateArray().Select(hold => hold.GetProperty("reason").GetString()));
        await PostAsync(http, $"/tasks/{cancelled}/cancel?reason=enough", new { });
        Volatile.Write(ref mended, true);
        await PostAsync(http, $"/holds/{held}/release", new { });

        await BecomesAsync(node, held, "Done");
        Assert.Equal("enough", (await BecomesAsync(node, cancelled, "Cancelled")).Reason);
        Assert.Empty((await JsonAsync(http, "/holds")).EnumerateArray());
        await RefusedAsync(http.PostAsJsonAsync($"/holds/{held}/release", new { }), HttpStatusCode.Conflict, "is Done; nothing changed");
        await PostAsync(http, $"/tasks/{cancelled}/retry", new { });
        await BecomesAsync(node, cancelled, "Done");
    }

    private async Task<TestNode> StartAsync(TestNode? beside = null)
    {
        var node = await _scene.StartAsync(
            async (_, work, _) =>
            {
                await _go.WaitAsync(TimeSpan.FromMinutes(1));
                return Leaving(work, "16-merge.md", "merge: DONE");
            },
            beside);
        _nodes.Add(node);
        return node;
    }

    private static HttpClient HttpOf(TestNode node) => new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = node.Url };

    private static Task<JsonElement> JsonAsync(HttpClient http, string path) => http.GetFromJsonAsync<JsonElement>(path);

    private static async Task PostAsync(HttpClient http, string path, object body)
    {
        using var answer = await http.PostAsJsonAsync(path, body);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {await answer.Content.ReadAsStringAsync()}");
    }

    private static async Task RefusedAsync(Task<HttpResponseMessage> request, HttpStatusCode status, params string[] words)
    {
        using var answer = await request;
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Equal(status, answer.StatusCode);
        Assert.All(words, word => Assert.Contains(word, text, StringComparison.Ordinal));
    }

    private static List<string?> Titles(JsonElement page) => [.. page.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("title").GetString())];

    // The block of the queue's report and the address of its own say the same.
    private static async Task<JsonElement> GateAsync(HttpClient http)
    {
        var gate = await JsonAsync(http, "/serial-gate");
        Assert.Equal(gate.GetRawText(), (await QueueTests.ReadAsync(http, "serial_gate")).GetProperty("serial_gate").GetRawText());
        return gate;
    }

    private static List<JsonElement> Line(JsonElement gate) =>
        [.. gate.GetProperty("repositories").EnumerateArray().Single(line => line.GetProperty("repository").GetString() == "team/app").GetProperty("tasks").EnumerateArray()];

    private static async Task WhyAsync(HttpClient http, Guid task, string words)
    {
        var job = (await JsonAsync(http, $"/tasks/{task}")).GetProperty("jobId").GetGuid();
        await Eventually.IsAsync(
            async () => (await JsonAsync(http, $"/jobs/{job}/why")).GetProperty("obstructions").EnumerateArray().Select(one => one.GetProperty("text").GetString()!).ToList(),
            texts => texts.Any(text => text.StartsWith(words, StringComparison.Ordinal)), "the obstacle is told");
    }

    private static Task<string> RowAsync(TestNode node, Guid id) => node.ScalarAsync<string>("SELECT to_jsonb(t)::text FROM orchestrator.task t WHERE id = $1", id);

    private static async Task<DateTimeOffset> EndedAsync(TestNode node, Guid id) => (await ClientOf(node).GetAsync(id))!.EndedAt ?? DateTimeOffset.MaxValue;
}
