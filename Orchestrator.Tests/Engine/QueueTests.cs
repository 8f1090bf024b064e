using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Service.Http;
using Orchestrator.Service.Run;
using Orchestrator.Service.Sweeps;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine;

[Trait("Requirement", "OPS-1")]
public sealed class QueueTests
{
    [Fact]
    public async Task A_block_that_throws_and_one_that_hangs_say_so_and_the_others_stand()
    {
        var look = new Look();
        await using var node = await StartAsync(services => services
            .AddSingleton<IQueueBlock>(new OwnBlock("broken", _ => throw new InvalidDataException("it is broken")))
            .AddSingleton<IQueueBlock>(new OwnBlock("hangs", async cancellation => { await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation); return 1; }))
            .AddSingleton<IQueueBlock>(new OwnBlock("deaf", _ => { look.WaitForEnd(); return Task.FromResult<object?>(1); }))
            .AddSingleton<IQueueBlock>(new OwnBlock("stubborn", async cancellation =>
            {
                var now = look;
                using var slow = cancellation.Register(() =>
                {
                    now.WaitForEnd();
                    now.TookNotice = true;
                });
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None);
                return 1;
            }))
            .AddSingleton<IQueueBlock>(new OwnBlock("extra", _ => Task.FromResult<object?>(new { Said = "hello" }))));

        var queue = await Eventually.IsAsync(async () =>
        {
            look = new Look();
            var read = await ReadOnceAsync(node);
            Assert.False(look.TookNotice, "It waited until a block had taken notice that its time is over.");
            look.End(); // gives the threads back that wait in it
            return read;
        }, read => InTime(read, "broken", "extra", "permits", "nodes"), "the others had their time");

        Assert.Equal("it is broken", queue.GetProperty("broken").GetProperty("error").GetString());
        Assert.Equal("No answer within 2 s.", queue.GetProperty("hangs").GetProperty("error").GetString());
        Assert.Equal("No answer within 2 s.", queue.GetProperty("deaf").GetProperty("error").GetString());
        Assert.Equal("hello", queue.GetProperty("extra").GetProperty("said").GetString());
        Assert.Equal(3, queue.GetProperty("permits").GetProperty("process").GetProperty("size").GetInt32());
        Assert.Equal(1, queue.GetProperty("nodes").GetArrayLength());
    }

    [Fact]
    public async Task A_block_whose_table_is_gone_or_locked_says_so_without_names_and_the_others_stand()
    {
        // With no other limit of time that could end its statement.
        var database = await (await Shared.Environment).CreateDatabaseAsync(Shared.Unique("node"));
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()), null, ("Database:ConnectionString", database + ";Command Timeout=0"), ("Database:StalledTransaction", "00:05:00"));
        await node.ExecuteAsync("ALTER TABLE orchestrator.sweep_run RENAME TO elsewhere");
        await using var holder = await node.Database.OpenConnectionAsync();
        await using var held = await holder.BeginTransactionAsync();
        await using (var hold = new Npgsql.NpgsqlCommand("LOCK TABLE orchestrator.job_ended IN ACCESS EXCLUSIVE MODE", holder))
            await hold.ExecuteNonQueryAsync();

        var queue = await ReadAsync(node, "sweeps", "nodes");

        Assert.Equal("The database refuses (SQLSTATE 42P01); the log says why.", queue.GetProperty("sweeps").GetProperty("error").GetString());
        Assert.Equal("No answer within 2 s.", queue.GetProperty("recent").GetProperty("error").GetString());
        Assert.Equal(1, queue.GetProperty("nodes").GetArrayLength());
        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"),
            waiting => waiting == 0, "the statement of the block that took too long has ended, too");
    }

    [Fact]
    public async Task Recent_ends_and_failures_are_shown_wherever_the_jobs_stand_and_every_state_is_counted()
    {
        var fails = false;
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(fails ? JobOutcome.Fail("as told") : JobOutcome.Done()), null, ("Sweeps:MoveEndedAfter", "00:10:00"));
        fails = true;
        var failed = await node.SubmitAsync(new("work") { MaxAttempts = 1 });
        await node.BecomesAsync(failed, "Failed");
        fails = false;
        var done = await node.SubmitAsync();
        await node.BecomesAsync(done, "Succeeded");
        await node.ExecuteAsync("UPDATE orchestrator.job SET ended_at = ended_at - interval '1 hour' WHERE id = $1", failed);
        await RunAsync(node, "retention");
        await node.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = now()");
        for (var i = 0; i < 3; i++)
            await node.SubmitAsync();
        await node.SubmitAsync(new("work") { AvailableAt = TimeProvider.System.GetUtcNow().AddHours(1) });
        await node.ExecuteAsync("UPDATE orchestrator.job SET dispatched_at = now() WHERE id = (SELECT min(id::text)::uuid FROM orchestrator.job WHERE state = 'Queued' AND due)");
        await node.ExecuteAsync("""
            INSERT INTO orchestrator.job (id, lane, state, submitted_at, available_at, due, max_attempts, payload, run_id, owner_node, owner_host, started_at, held_for)
            SELECT gen_random_uuid(), 'work', state, now(), now(), true, 1, '{}', CASE WHEN state <> 'Held' THEN 1 END, CASE WHEN state <> 'Held' THEN gen_random_uuid() END,
                   CASE WHEN state <> 'Held' THEN 'h' END, CASE WHEN state <> 'Held' THEN now() END, CASE WHEN state = 'Held' THEN 'Lost' END
            FROM unnest(ARRAY['Held', 'Held', 'Running', 'Finalizing']) AS state
            """);

        var queue = await ReadAsync(node, "recent", "lanes", "sweeps");

        Assert.Equal([done, failed], IdsOf(queue.GetProperty("recent").GetProperty("ended")));
        Assert.Equal([failed], IdsOf(queue.GetProperty("recent").GetProperty("failed")));
        Assert.Equal("as told", queue.GetProperty("recent").GetProperty("failed")[0].GetProperty("reason").GetString());
        var counts = queue.GetProperty("lanes").GetProperty("work").EnumerateObject().ToDictionary(c => c.Name, c => c.Value.GetInt64());
        Assert.Equal(
            await TruthAsync(node),
            counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key} {c.Value}"));
        Assert.Equal((4, 2, 1, 1), (counts["Queued"], counts["Held"], counts["Failed"], counts["Succeeded"]));
        var retention = queue.GetProperty("sweeps").GetProperty("sweeps").EnumerateArray().Single(s => s.GetProperty("name").GetString() == "retention");
        Assert.Equal(1, retention.GetProperty("runs")[0].GetProperty("done").GetProperty("jobsMoved").GetInt32());
    }

    [Fact]
    [Trait("Requirement", "RES-5")]
    public async Task A_lane_is_paused_and_opened_over_HTTP_and_tells_why_and_who_works_in_it()
    {
        await using var node = await StartAsync();
        using var http = HttpOf(node);

        Assert.Equal(HttpStatusCode.NoContent, (await http.PostAsync("/lanes/work/pause?reason=the+supplier%27s+service+is+down", null)).StatusCode);
        await http.PostAsync("/lanes/work/pause?reason=second", null); // changes nothing
        var job = await node.SubmitAsync();

        var lane = Assert.Single((await http.GetFromJsonAsync<JsonElement>("/lanes")).EnumerateArray());
        Assert.Equal(("work", "the supplier's service is down"), (lane.GetProperty("name").GetString(), lane.GetProperty("pauseReason").GetString()));
        Assert.Equal(await node.ScalarAsync<Guid>("SELECT id FROM orchestrator.node"), Assert.Single(lane.GetProperty("nodes").EnumerateArray()).GetGuid());
        Assert.Equal("Queued", (await node.Jobs.GetAsync(job))!.State);

        Assert.Equal(HttpStatusCode.NoContent, (await http.PostAsync("/lanes/work/resume", null)).StatusCode);
        await node.BecomesAsync(job, "Succeeded");
        Assert.Equal(JsonValueKind.Null, (await http.GetFromJsonAsync<JsonElement>("/lanes"))[0].GetProperty("pausedAt").ValueKind);

        var unknown = await http.PostAsync("/lanes/worc/pause", null);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Contains("There is no lane 'worc'. Lanes: work.", await unknown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static Task<TestNode> StartAsync(Action<IServiceCollection>? replace = null) => EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()), null, replace);

    private static HttpClient HttpOf(TestNode node) => new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = node.Url };

    /// <summary>Had each of these blocks time enough? Each has 2 s, which a busy machine may use up for something else.</summary>
    private static bool InTime(JsonElement queue, params string[] blocks) => blocks.All(name =>
        queue.GetProperty(name) is not { ValueKind: JsonValueKind.Object } block || !block.TryGetProperty("error", out var error) || error.GetString() != "No answer within 2 s.");

    /// <summary>Reads the queue until these blocks have answered in time.</summary>
    internal static Task<JsonElement> ReadAsync(HttpClient http, params string[] blocks) =>
        Eventually.IsAsync(() => http.GetFromJsonAsync<JsonElement>("/queue"), queue => InTime(queue, blocks), $"{string.Join(", ", blocks)} had their time");

    private static async Task<JsonElement> ReadAsync(TestNode node, params string[] blocks)
    {
        using var http = HttpOf(node);
        return await ReadAsync(http, blocks);
    }

    private static async Task<JsonElement> ReadOnceAsync(TestNode node)
    {
        using var http = HttpOf(node);
        return await http.GetFromJsonAsync<JsonElement>("/queue");
    }

    private static Task RunAsync(TestNode node, string sweep) =>
        node.Services.GetRequiredService<SweepRunner>().RunAsync(node.Services.GetRequiredService<SweepList>().Find(sweep)!, byHand: false, default);

    private static async Task<string[]> TruthAsync(TestNode node) => await node.ScalarAsync<string[]>(
        """
        SELECT array_agg(state || ' ' || jobs ORDER BY state COLLATE "C") FROM (
            SELECT state, count(*) AS jobs FROM (SELECT state FROM orchestrator.job UNION ALL SELECT state FROM orchestrator.job_ended) AS j GROUP BY state) AS c
        """);

    private static List<Guid> IdsOf(JsonElement jobs) => [.. jobs.EnumerateArray().Select(job => job.GetProperty("id").GetGuid())];

    /// <summary>One look at the queue.</summary>
    private sealed class Look
    {
        private readonly ManualResetEventSlim _ended = new();

        public volatile bool TookNotice;

        /// <summary>Blocks the thread until the look is over.</summary>
        public void WaitForEnd() => _ended.Wait(TimeSpan.FromMinutes(1), CancellationToken.None);

        public void End() => _ended.Set();
    }

    private sealed class OwnBlock(string name, Func<CancellationToken, Task<object?>> read) : IQueueBlock
    {
        public string Name => name;

        public Task<object?> ReadAsync(CancellationToken cancellation) => read(cancellation);
    }
}
