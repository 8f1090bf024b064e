using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Service.Run;
using Orchestrator.Service.Sweeps;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine;

/// <summary>Sweeps can be seen, stopped, let go and fired, on any node, and a restart changes nothing of it.</summary>
[Trait("Requirement", "OPS-3")]
public sealed class SweepTests
{
    private static readonly (string Key, string Value)[] Sweeping = [("Sweeps:Enabled", "true"), ("Sweeps:NodeInterval", "00:00:00.200"), ("Sweeps:RetentionInterval", "1.00:00:00")];

    [Fact]
    public async Task A_sweeps_runs_are_recorded_with_node_times_and_what_they_did()
    {
        await using var node = await StartAsync(null, Sweeping);
        using var http = HttpOf(node);

        var sweep = await Eventually.IsAsync(() => SweepAsync(http, "retention"), s => Runs(s).Any(run => run.GetProperty("outcome").GetString() is not null), "the first turn is recorded");

        var first = Runs(sweep)[^1];
        Assert.Equal(("done", false, 2), (first.GetProperty("outcome").GetString(), first.GetProperty("byHand").GetBoolean(), first.GetProperty("done").GetProperty("monthsOpened").GetInt32()));
        Assert.True(first.GetProperty("endedAt").GetDateTimeOffset() >= first.GetProperty("startedAt").GetDateTimeOffset());
        Assert.Equal(await node.ScalarAsync<Guid>("SELECT id FROM orchestrator.node"), first.GetProperty("node").GetGuid());
        Assert.Equal(JsonValueKind.Null, sweep.GetProperty("lastFailure").ValueKind);
        Assert.Equal(JsonValueKind.Null, sweep.GetProperty("off").ValueKind);
    }

    [Fact]
    public async Task A_paused_sweep_takes_no_turns_also_after_a_restart_and_is_fired_by_hand_from_any_node_all_the_same()
    {
        var first = await StartAsync(null, Sweeping);
        await using var storage = await StartAsync(first); // keeps the database when the first node ends
        using (var http = HttpOf(first))
        {
            Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(http, "/sweeps/node/pause?reason=maintenance")).StatusCode);
            await PostAsync(http, "/sweeps/node/pause?reason=second"); // changes nothing
        }

        await first.DisposeAsync();
        await using var restarted = await StartAsync(storage, Sweeping);
        await using var other = await StartAsync(storage, Sweeping);
        var last = await LastRunAsync(storage, "node");
        using var one = HttpOf(restarted);
        using var two = HttpOf(other);
        await Eventually.IsAsync(() => TurnsOfQuartzAsync(storage), turns => turns > 3, "Quartz has fired it some times");

        Assert.Equal(last, await LastRunAsync(storage, "node"));
        Assert.Equal("maintenance", (await SweepAsync(two, "node")).GetProperty("pauseReason").GetString());

        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(two, "/sweeps/node/fire")).StatusCode);
        var fired = await Eventually.IsAsync(() => SweepAsync(one, "node"), s => Runs(s) is [var run, ..] && run.GetProperty("byHand").GetBoolean() && run.GetProperty("outcome").GetString() == "done", "the turn by hand was taken");
        Assert.NotEqual(JsonValueKind.Null, fired.GetProperty("pausedAt").ValueKind);
        Assert.Equal(1, await storage.ScalarAsync<long>("SELECT count(*) FROM orchestrator.sweep_run WHERE sweep = 'node' AND id > $1", last));

        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(one, "/sweeps/node/resume")).StatusCode);
        await Eventually.IsAsync(() => SweepAsync(one, "node"), s => !Runs(s)[0].GetProperty("byHand").GetBoolean(), "it takes its turns again");

        // By the time a turn's trigger was last fired: with pauses of Quartz's own it would stand still.
        async Task<long> TurnsOfQuartzAsync(TestNode node) =>
            await node.ScalarAsync<long>("SELECT times_triggered FROM quartz.qrtz_simple_triggers WHERE trigger_name = 'NodeSweep'");
    }

    [Fact]
    [Trait("Requirement", "OPS-5")]
    public async Task What_is_switched_off_says_so_and_is_not_fired()
    {
        await using var node = await StartAsync(null);
        await using var part = await StartAsync(node, [.. Sweeping, ("Sweeps:InboxEnabled", "false")]);
        using var http = HttpOf(node);
        using var other = HttpOf(part);

        Assert.False((await http.GetFromJsonAsync<JsonElement>("/sweeps")).GetProperty("enabled").GetBoolean());
        Assert.Equal("Orchestrator:Sweeps:Enabled", (await SweepAsync(http, "node")).GetProperty("off").GetString());
        var refused = await PostAsync(http, "/sweeps/node/fire");
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.StartsWith("Orchestrator:Sweeps:Enabled is false on this node", await DetailAsync(refused), StringComparison.Ordinal);

        Assert.Equal("Orchestrator:Sweeps:InboxEnabled", (await SweepAsync(other, "inbox")).GetProperty("off").GetString());
        Assert.StartsWith("Orchestrator:Sweeps:InboxEnabled is false", await DetailAsync(await PostAsync(other, "/sweeps/inbox/fire")), StringComparison.Ordinal);
        await Eventually.IsAsync(() => LastRunAsync(node, "node"), run => run > 0, "the others take their turns");
        Assert.Equal(0, await LastRunAsync(node, "inbox"));

        var unknown = await PostAsync(http, "/sweeps/nodes/fire");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal("There is no sweep 'nodes'. Sweeps: node, reaper, sanitizer, wake-up, inbox, retention.", await DetailAsync(unknown));
    }

    [Fact]
    [Trait("Requirement", "OPS-5")]
    public async Task A_trigger_that_is_left_of_a_sweep_that_is_switched_off_now_does_nothing()
    {
        await using var storage = await StartAsync(null);
        await using (var before = await StartAsync(storage, [.. Sweeping, ("Sweeps:RetentionInterval", "00:00:01")]))
            await Eventually.IsAsync(() => LastRunAsync(storage, "retention"), run => run > 0, "it took a turn");
        var (last, turns) = (await LastRunAsync(storage, "retention"), await TurnsAsync());

        await using var after = await StartAsync(storage, [.. Sweeping, ("Sweeps:RetentionEnabled", "false")]);
        await Eventually.IsAsync(TurnsAsync, now => now > turns + 1, "Quartz has fired it again");

        Assert.Equal(last, await LastRunAsync(storage, "retention"));

        Task<long> TurnsAsync() => storage.ScalarAsync<long>("SELECT times_triggered FROM quartz.qrtz_simple_triggers WHERE trigger_name = 'RetentionSweep'");
    }

    [Fact]
    public async Task A_turn_that_fails_is_told_and_the_next_one_comes()
    {
        await using var node = await StartAsync(null);
        using var http = HttpOf(node);
        await node.ExecuteAsync("ALTER TABLE orchestrator.inbox RENAME TO inbox_elsewhere");
        await RunAsync(node, "inbox");
        await node.ExecuteAsync("ALTER TABLE orchestrator.inbox_elsewhere RENAME TO inbox");
        await RunAsync(node, "inbox");

        var sweep = await SweepAsync(http, "inbox");

        Assert.Equal(["done", "failed"], Runs(sweep).Select(run => run.GetProperty("outcome").GetString()));
        Assert.Contains("relation \"orchestrator.inbox\" does not exist", Assert.Single(sweep.GetProperty("lastFailure").GetProperty("errors").EnumerateArray()).GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_whose_node_died_is_called_lost_by_the_next_and_quiet_runs_are_forgotten_first()
    {
        await using var node = await StartAsync(null);
        await node.ExecuteAsync("INSERT INTO orchestrator.sweep_run (sweep, node, node_name, by_hand, started_at) VALUES ('inbox', gen_random_uuid(), 'gone', false, now() - interval '1 day')");
        await node.ExecuteAsync("INSERT INTO orchestrator.sweep_run (sweep, node, node_name, by_hand, started_at, ended_at, outcome) SELECT 'inbox', gen_random_uuid(), 'n', false, now() - interval '8 days', now(), 'failed'");

        for (var i = 0; i < 22; i++)
            await RunAsync(node, "inbox");

        Assert.Equal(1, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.sweep_run WHERE node_name = 'gone' AND outcome = 'lost'"));
        Assert.Equal(0, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.sweep_run WHERE outcome = 'failed'")); // older than seven days
        Assert.Equal(20, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.sweep_run WHERE outcome = 'done'"));
    }

    private static Task<TestNode> StartAsync(TestNode? beside, params (string Key, string Value)[] settings) =>
        EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()), beside, settings);

    private static HttpClient HttpOf(TestNode node) => new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = node.Url };

    private static Task RunAsync(TestNode node, string sweep) =>
        node.Services.GetRequiredService<SweepRunner>().RunAsync(node.Services.GetRequiredService<SweepList>().Find(sweep)!, byHand: false, default);

    private static Task<long> LastRunAsync(TestNode node, string sweep) =>
        node.ScalarAsync<long>("SELECT coalesce(max(id), 0) FROM orchestrator.sweep_run WHERE sweep = $1", sweep);

    private static async Task<JsonElement> SweepAsync(HttpClient http, string name) =>
        (await http.GetFromJsonAsync<JsonElement>("/sweeps")).GetProperty("sweeps").EnumerateArray().Single(sweep => sweep.GetProperty("name").GetString() == name);

    private static List<JsonElement> Runs(JsonElement sweep) => [.. sweep.GetProperty("runs").EnumerateArray()];

    private static Task<HttpResponseMessage> PostAsync(HttpClient http, string path) => http.PostAsync(path, null);

    private static async Task<string?> DetailAsync(HttpResponseMessage response) => (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString();
}
