using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Contracts;
using Orchestrator.Service.Delivery.Tasks;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Engine;
using Orchestrator.Tests.Infrastructure;
using static Orchestrator.Tests.Delivery.TaskScene;

namespace Orchestrator.Tests.Delivery.Tasks;

public sealed class SerialGateTests : IDisposable
{
    private readonly TaskScene _scene = new() { Pipeline = "stages:\n  - {name: first, job: deploy, on-failure: hold}\n  - {name: second, job: deploy, on-failure: hold}\n" };

    [Fact]
    [Trait("Requirement", "GATE-1")]
    [Trait("Requirement", "GATE-2")]
    [Trait("Requirement", "GATE-3")]
    public async Task Ten_repositories_with_mixed_pauses_run_in_the_order_that_a_model_predicts()
    {
        var ran = new ConcurrentQueue<(Guid Task, string Stage)>();
        var running = new ConcurrentDictionary<Guid, Guid>();
        var repositoryOf = new ConcurrentDictionary<Guid, string>();
        var together = 0;
        await using var node = await _scene.StartAsync(async (_, work, _) =>
        {
            running[work.Task] = work.Task;
            if (running.Keys.GroupBy(task => repositoryOf[task]).Any(group => group.Count() > 1))
                Interlocked.Increment(ref together);
            ran.Enqueue((work.Task, work.Stage));
            await Task.Yield();
            running.TryRemove(work.Task, out Guid _);
            return JobOutcome.Done();
        }, null, ("Lanes:delivery:Permits", "8"));
        using var http = new HttpClient { BaseAddress = node.Url };
        Assert.True((await http.PostAsJsonAsync("serial-gate/freeze", new { repository = "*", reason = "until all are there" })).IsSuccessStatusCode);
        var random = new Random(4711);
        var tasks = new List<(Guid Id, string Repository)>();
        for (var n = 0; n < 50; n++)
        {
            var repository = $"team/app-{random.Next(10)}";
            var id = await OpenAsync(node, repository, $"Task {n}");
            repositoryOf[id] = repository;
            tasks.Add((id, repository));
        }

        var paused = tasks.Where(_ => random.Next(4) == 0).Select(task => task.Id).ToHashSet();
        foreach (var id in paused)
            Assert.True((await http.PostAsJsonAsync("serial-gate/pause", new { task = id, reason = "later" })).IsSuccessStatusCode);
        Assert.Empty(ran);
        Assert.True((await http.PostAsJsonAsync("serial-gate/thaw", new { repository = "*" })).IsSuccessStatusCode);

        await DoneAsync(node, tasks.Count - paused.Count);
        AssertOrder(tasks.Where(task => !paused.Contains(task.Id)));
        foreach (var id in paused.Reverse())
            Assert.True((await http.PostAsJsonAsync("serial-gate/resume", new { task = id })).IsSuccessStatusCode);
        await DoneAsync(node, tasks.Count);
        Assert.Equal(0, together);

        void AssertOrder(IEnumerable<(Guid Id, string Repository)> expected)
        {
            var byRepository = ran.ToLookup(entry => repositoryOf[entry.Task]);
            foreach (var line in expected.GroupBy(task => task.Repository))
                Assert.Equal(line.SelectMany(task => new[] { (task.Id, "first"), (task.Id, "second") }), byRepository[line.Key]);
        }
    }

    [Fact]
    [Trait("Requirement", "GATE-1")]
    [Trait("Requirement", "GATE-3")]
    public async Task A_resumed_task_waits_for_the_step_under_way_and_then_goes_before_the_younger()
    {
        var (ran, gates) = (new ConcurrentQueue<string>(), new ConcurrentDictionary<string, TaskCompletionSource>());
        await using var node = await _scene.StartAsync(async (_, work, at) =>
        {
            var name = $"{(await ClientOf(at!).GetAsync(work.Task))!.Title} {work.Stage}";
            ran.Enqueue(name);
            await gates.GetOrAdd(name, _ => new TaskCompletionSource()).Task;
            return JobOutcome.Done();
        });
        TaskCompletionSource Gate(string name) => gates.GetOrAdd(name, _ => new TaskCompletionSource());
        await node.ExecuteAsync("INSERT INTO orchestrator.repository (name, frozen_at) VALUES ('*', now())");
        var old = await OpenAsync(node, title: "old");
        var young = await OpenAsync(node, title: "young");
        await ClientOf(node).PauseAsync(old, "wait for a word");
        await node.ExecuteAsync("UPDATE orchestrator.repository SET frozen_at = NULL");
        await Eventually.IsTrueAsync(() => ran.Contains("young first"), "the younger goes on");

        await ClientOf(node).ResumeAsync(old);
        var why = await WhyAsync(node, (await ClientOf(node).GetAsync(old))!.JobId!.Value, "young");
        Gate("young first").SetResult();
        await Eventually.IsTrueAsync(() => ran.Contains("old first"), "the older has its turn");
        Assert.Equal(["young first", "old first"], ran);
        foreach (var name in (string[])["old first", "old second", "young second"])
            Gate(name).SetResult();

        await BecomesAsync(node, young, "Done");
        Assert.Equal(["young first", "old first", "old second", "young second"], ran);
        Assert.Contains("has its turn, at first", why, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "GATE-1")]
    public async Task A_held_task_lets_the_next_go_on_unless_the_setting_says_otherwise()
    {
        foreach (var keep in (bool[])[false, true])
        {
            await using var node = await _scene.StartAsync(async (_, work, at) =>
                (await ClientOf(at!).GetAsync(work.Task))!.Title == "broken" ? JobOutcome.EnvironmentFault("No such host.") : JobOutcome.Done(), null,
                ("Delivery:SerialGate:HeldKeepGate", keep.ToString()), ("Sweeps:Enabled", "true"), ("Delivery:SweepInterval", "00:00:01"));
            await OpenAsync(node, title: "broken");
            var next = await OpenAsync(node, title: "sound");

            if (keep)
            {
                await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.task WHERE state = 'Held'"), n => n == 1, "the first is held");
                await WhyAsync(node, (await ClientOf(node).GetAsync(next))!.JobId!.Value, "broken");
                await ClientOf(node).CancelAsync((await node.ScalarAsync<Guid>("SELECT id FROM orchestrator.task WHERE state = 'Held'")));
            }

            await BecomesAsync(node, next, "Done");
        }
    }

    private static Task DoneAsync(TestNode node, int tasks) =>
        Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.task WHERE state = 'Done'"), n => n == tasks, $"{tasks} tasks are done");

    private static async Task<string> WhyAsync(TestNode node, Guid job, string names)
    {
        using var http = new HttpClient { BaseAddress = node.Url };
        return await Eventually.IsAsync<string>(async () => (await http.GetFromJsonAsync<JsonElement>($"jobs/{job}/why")).GetRawText(), text => text.Contains($"'{names}'", StringComparison.Ordinal), "why names the task whose turn it is");
    }

    public void Dispose() => _scene.Dispose();
}
