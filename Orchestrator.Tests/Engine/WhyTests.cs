using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Http;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Resilience;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine;

/// <summary>"Why is it not running?" answered from the facts: each obstacle alone, and all together.</summary>
[Trait("Requirement", "OPS-1")]
public sealed class WhyTests
{
    [Fact]
    public async Task Every_obstacle_is_named_with_its_since_and_all_of_them_at_once()
    {
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()), settings: ("Lanes:work:Credential", "team"));
        await node.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = '2026-01-02T03:04:05Z', pause_reason = 'until Monday'");
        await node.ExecuteAsync("INSERT INTO orchestrator.breaker (scope, name, state, in_a_row, openings, opened_at, until, reason) VALUES ('Credential', 'team', 'Open', 1, 1, now(), now() + interval '5 h', 'five-hour limit')");
        await node.ExecuteAsync("INSERT INTO orchestrator.breaker (scope, name, state, in_a_row, openings, opened_at, until, reason, probe_job) VALUES ('Lane', 'work', 'HalfOpen', 3, 1, now(), now(), 'busy', gen_random_uuid())");
        await node.ExecuteAsync("INSERT INTO orchestrator.breaker (scope, name, state, in_a_row, openings, opened_at, until, reason) VALUES ('Credential', 'strangers', 'Open', 1, 1, now(), now() + interval '5 h', 'none of ours')");
        await node.ExecuteAsync("INSERT INTO orchestrator.preflight (lane, host, ok, since, checked_at, detail) SELECT 'work', host, false, now(), now(), 'claude is not installed' FROM orchestrator.node");
        var id = await node.SubmitAsync(new JobRequest("work") { AvailableAt = TimeProvider.System.GetUtcNow().AddHours(1) });

        var found = await WhyAsync(node, id);

        Assert.Equal([WhyNot.NotDue, WhyNot.Paused, WhyNot.Breaker, WhyNot.Breaker, WhyNot.Preflight], found.Select(o => o.Kind));
        Assert.All(found, obstruction => Assert.NotNull(obstruction.Since));
        Assert.Contains("until Monday", found[1].Text, StringComparison.Ordinal);
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), found[1].Since);
        Assert.Contains(found, o => o.Text.Contains("five-hour limit", StringComparison.Ordinal) && o.Until > TimeProvider.System.GetUtcNow().AddHours(4));
        Assert.DoesNotContain(found, o => o.Text.Contains("none of ours", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_full_lane_names_who_holds_it()
    {
        var held = new HeldWork();
        await using var node = await EngineNode.StartAsync(held.RunAsync, settings: ("Lanes:work:MaxRunning", "1"));
        var first = await node.SubmitAsync();
        await node.BecomesAsync(first, "Running");
        var second = await node.SubmitAsync();

        var found = Assert.Single(await WhyAsync(node, second));

        Assert.Equal(WhyNot.LaneFull, found.Kind);
        Assert.Contains($"1 of 1 run in lane work: {first} on ", found.Text, StringComparison.Ordinal);
        Assert.Equal(WhyNot.Running, Assert.Single(await WhyAsync(node, first)).Kind);
        held.LetGo();
        await node.BecomesAsync(second, "Succeeded");
        Assert.Equal(WhyNot.Ended, Assert.Single(await WhyAsync(node, second)).Kind);
    }

    [Fact]
    public async Task A_lane_that_nobody_works_in_says_so_and_a_job_that_waits_for_a_permit_too()
    {
        var held = new HeldWork();
        await using var node = await EngineNode.StartAsync(held.RunAsync, settings: [("Lanes:other:Enabled", "false"), ("Lanes:work:Permits", "1"), ("Lanes:work:DispatchAhead", "1")]);
        var nobody = await node.SubmitAsync(new JobRequest("other"));
        Assert.Equal(WhyNot.NoNode, Assert.Single(await WhyAsync(node, nobody)).Kind);

        await node.BecomesAsync(await node.SubmitAsync(), "Running");
        var waits = await node.SubmitAsync();
        await Eventually.IsAsync(() => node.Jobs.GetAsync(waits), job => job?.DispatchedAt is not null, "its wake-up is sent");
        Assert.Equal(WhyNot.Dispatched, Assert.Single(await WhyAsync(node, waits)).Kind);
        var behind = await node.SubmitAsync();
        Assert.Equal(WhyNot.InLine, Assert.Single(await WhyAsync(node, behind)).Kind);
        held.LetGo();
    }

    [Fact]
    public async Task A_held_job_says_what_it_waits_for_and_an_obstacle_is_told_in_its_own_words()
    {
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.EnvironmentFault("no such program")), null,
            services => services.AddSingleton<IObstacle>(new Frozen()), ("Lanes:work:Breaker:Enabled", "false"));
        var held = await node.SubmitAsync(new JobRequest("work") { Priority = 1 });
        await node.BecomesAsync(held, "Held");
        Assert.Contains("no such program", Assert.Single(await WhyAsync(node, held)).Text, StringComparison.Ordinal);

        var frozen = await node.SubmitAsync();
        await Eventually.IsAsync(() => node.Jobs.GetAsync(frozen), job => job?.Obstacle is not null, "it stands aside");
        var found = Assert.Single(await WhyAsync(node, frozen));
        Assert.Equal((WhyNot.Obstacle, "freeze: the repository is frozen"), (found.Kind, found.Text));
        Assert.NotNull(found.Since);
    }

    private static async Task<IReadOnlyList<Obstruction>> WhyAsync(TestNode node, Guid job)
    {
        using var http = new HttpClient();
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() } };
        return (await http.GetFromJsonAsync<WhyView>(new Uri(node.Url, $"/jobs/{job}/why"), options))!.Obstructions;
    }

    private sealed class Frozen : IObstacle
    {
        public string Name => "freeze";

        public Task<IReadOnlyDictionary<Guid, string>> FindAsync(NpgsqlConnection connection, IReadOnlyList<Job> jobs, CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyDictionary<Guid, string>>(jobs.Where(job => job.Priority == 0).ToDictionary(job => job.Id, _ => "the repository is frozen"));
    }
}
