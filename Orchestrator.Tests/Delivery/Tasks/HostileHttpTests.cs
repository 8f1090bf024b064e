using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Npgsql;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Engine;
using Orchestrator.Tests.Infrastructure;
using static Orchestrator.Tests.Delivery.TaskScene;

namespace Orchestrator.Tests.Delivery.Tasks;

/// <summary>What tasks' HTTP is sent by those who try: nothing of it is a fault of the service's, and nothing is done twice.</summary>
[Trait("Requirement", "OPS-2")]
public sealed class HostileHttpTests : IAsyncLifetime
{
    private readonly TaskScene _scene = new() { Pipeline = "stages:\n  - {name: only, job: deploy, gates: [check_merged], on-failure: only}\n" };
    private readonly TaskCompletionSource _go = new();
    private TestNode _node = null!;
    private HttpClient _http = null!;
    private volatile bool _broken;

    public async Task InitializeAsync()
    {
        _node = await _scene.StartAsync(async (_, work, _) =>
        {
            if (_broken)
                return JobOutcome.EnvironmentFault("No host here.");
            await _go.Task.WaitAsync(TimeSpan.FromMinutes(1));
            return Leaving(work, "16-merge.md", "merge: DONE");
        }, null, ("Sweeps:Enabled", "true"), ("Delivery:SweepInterval", "00:00:01"));
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = _node.Url };
    }

    public async Task DisposeAsync()
    {
        _go.TrySetResult();
        _http.Dispose();
        await _node.DisposeAsync();
        _scene.Dispose();
    }

    [Theory]
    [InlineData("/tasks?repository=%00")]
    [InlineData("/tasks?stage=a%00b")]
    [InlineData("/tasks?state=%00")]
    [InlineData("/tasks?repository=%ff%fe")]
    [InlineData("/tasks?repository=';DROP%20TABLE%20orchestrator.task;--")]
    [InlineData("/tasks?after=-9223372036854775808")]
    [InlineData("/tasks?after=9223372036854775808")]
    [InlineData("/tasks?limit=2147483648")]
    [InlineData("/tasks?limit=-1")]
    [InlineData("/tasks/00000000-0000-0000-0000-000000000000%00")]
    public async Task No_question_is_a_fault_of_the_services(string path)
    {
        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative));

        Assert.True((int)answer.StatusCode < 500, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }

    [Theory]
    [InlineData("/tasks", "null")]
    [InlineData("/tasks", "[]")]
    [InlineData("/tasks", "{}")]
    [InlineData("/tasks", """{"repository":null,"title":null}""")]
    [InlineData("/tasks", """{"repository":"team/app","title":"\ud83d"}""")]
    [InlineData("/tasks", """{"repository":"team/app","title":"a","description":"\u0000"}""")]
    [InlineData("/tasks", """{"repository":"team/app","title":"a","description":"\udc00"}""")]
    [InlineData("/tasks", """{"repository":"team/app","title":"a","branch":"a\nb"}""")]
    [InlineData("/tasks", """{"repository":"team/app","title":"a","branch":"a/.b"}""")]
    [InlineData("/tasks", """{"repository":"team/app","title":"a","branch":"a.lock/b"}""")]
    [InlineData("/tasks", """{"repository":"team/app","title":"a","branch":"main"}""")]
    [InlineData("/serial-gate/freeze", """{"repository":"a/b","reason":"\u0000"}""")]
    [InlineData("/serial-gate/freeze", """{"repository":null}""")]
    [InlineData("/serial-gate/freeze", "null")]
    [InlineData("/serial-gate/pause", """{"task":"x"}""")]
    [InlineData("/serial-gate/pause", "null")]
    public async Task No_body_is_a_fault_of_the_services(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync(new Uri(path, UriKind.Relative), content);

        Assert.True((int)answer.StatusCode is >= 400 and < 500 || (path.EndsWith("freeze", StringComparison.Ordinal) && answer.IsSuccessStatusCode), $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }

    [Fact]
    [Trait("Requirement", "GATE-3")]
    public async Task Of_many_commands_at_once_each_is_answered_and_the_task_is_whole_after_them()
    {
        var id = await OpenAsync(_node);
        var commands = Enumerable.Range(0, 99).Select(n => (n % 3) switch
        {
            0 => _http.PostAsJsonAsync("/serial-gate/pause", new { task = id, reason = $"pause {n}" }),
            1 => _http.PostAsJsonAsync("/serial-gate/resume", new { task = id }),
            _ => _http.PostAsJsonAsync($"/tasks/{id}/retry", new { }),
        });
        var answers = await Task.WhenAll(commands);

        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Conflict, $"{answer.StatusCode}"));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _http.PostAsJsonAsync($"/tasks/{id}/cancel", new { })));
        Assert.Equal("Cancelled", (await ClientOf(_node).GetAsync(id))!.State);
        Assert.Equal(1, (await TimelineAsync(_node, id)).Count(line => line.What == "TaskCancelAsked"));
    }

    [Fact]
    [Trait("Requirement", "RUN-4")]
    public async Task A_hold_that_is_released_by_many_at_once_goes_on_once()
    {
        _broken = true;
        var id = await OpenAsync(_node);
        var held = await BecomesAsync(_node, id, "Held");
        _broken = false;
        _go.TrySetResult();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _http.PostAsJsonAsync($"/holds/{id}/release", new { })));

        var done = await BecomesAsync(_node, id, "Done");
        Assert.Equal((held.JobId, 1L), (done.JobId, await _node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job_ended WHERE lane = 'delivery'") + await _node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE lane = 'delivery'")));
    }

    /// <summary>Forges tell no names apart by their case: two spellings are one repository, with one gate.</summary>
    [Fact]
    [Trait("Requirement", "GATE-1")]
    [Trait("Requirement", "GATE-2")]
    public async Task Another_spelling_of_a_repository_is_the_same_one()
    {
        var first = await OpenAsync(_node);
        var other = await OpenAsync(_node, "Team/App", "Other");
        using (await _http.PostAsJsonAsync("/serial-gate/freeze", new { repository = "TEAM/app", reason = "release week" }))
        {
            var gate = await _http.GetFromJsonAsync<JsonElement>("/serial-gate");
            Assert.Equal("team/app", gate.GetProperty("frozen")[0].GetProperty("name").GetString());
        }

        Assert.Equal("team/app", (await ClientOf(_node).GetAsync(other))!.Repository);
        Assert.Equal([other, first], (await _http.GetFromJsonAsync<JsonElement>("/tasks?repository=TEAM/APP")).GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("id").GetGuid()));
        using (await _http.PostAsJsonAsync("/serial-gate/thaw", new { repository = "Team/app" }))
            Assert.Empty((await _http.GetFromJsonAsync<JsonElement>("/serial-gate")).GetProperty("frozen").EnumerateArray());
    }

    [Fact]
    [Trait("Requirement", "GATE-1")]
    public async Task First_tasks_that_come_at_once_in_two_spellings_have_one_gate()
    {
        string[] spellings = ["team/new", "Team/New", "TEAM/new", "team/NEW"];

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => OpenAsync(_node, spellings[i % spellings.Length], $"Task {i}")));

        Assert.Equal((20L, 1L), (await _node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.task WHERE lower(repository) = 'team/new'"), await _node.ScalarAsync<long>("SELECT count(DISTINCT repository) FROM orchestrator.task WHERE lower(repository) = 'team/new'")));
        await Assert.ThrowsAsync<PostgresException>(() => _node.ExecuteAsync("INSERT INTO orchestrator.repository (name) VALUES ('tEAM/new')"));
        await Assert.ThrowsAsync<PostgresException>(() => _node.ExecuteAsync("UPDATE orchestrator.task SET repository = 'tEAM/new'"));
    }
}
