using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Contracts;
using Orchestrator.Service.Delivery.Tasks;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Sweeps;
using Orchestrator.Tests.Engine;
using Orchestrator.Tests.Infrastructure;
using static Orchestrator.Tests.Delivery.TaskScene;

namespace Orchestrator.Tests.Delivery.Tasks;

/// <summary>Tasks that ended long ago go, with all that is theirs; their keys stay taken.</summary>
[Trait("Requirement", "OPS-3")]
public sealed class TaskRetentionTests : IDisposable
{
    private readonly TaskScene _scene = new() { Pipeline = "stages:\n  - {name: only, job: deploy, gates: [check_merged], on-failure: hold}\n" };

    [Fact]
    public async Task What_ended_long_ago_goes_with_events_artifacts_and_progress_and_nothing_else_does()
    {
        await using var node = await _scene.StartAsync((_, work, _) => Task.FromResult(Leaving(work, "16-merge.md", "merge: DONE")));
        var (old, young, again) = (await DoneAsync(node, "old", 91), await DoneAsync(node, "young", 89), await DoneAsync(node, "leased", 91));
        var open = await OpenAsync(node, title: "Asleep", key: "open");
        await BecomesAsync(node, open, "Done");
        var cancelled = await DoneAsync(node, "cancelled", 91);
        // Open for years, though its job has ended, and cancelled long ago with a job that has not: rows as they may stand in the table.
        await node.ExecuteAsync("UPDATE orchestrator.task SET state = 'Working', ended_at = NULL, created_at = now() - interval '3 years', stage_since = now() - interval '3 years' WHERE id = $1", open);
        await node.ExecuteAsync("UPDATE orchestrator.task SET state = 'Cancelled', job_id = $2 WHERE id = $1", cancelled, await SleepingJobAsync(node));
        await node.ExecuteAsync("INSERT INTO orchestrator.merge_lease VALUES ('team/app', 1, $1, gen_random_uuid(), now(), now(), now() + interval '1 day')", again);
        await node.ExecuteAsync("INSERT INTO orchestrator.merge_progress VALUES ($1, 1, 2, 3), ($2, 1, 2, 3)", old, young);

        await SweepAsync(node);

        Assert.Equal(new[] { young, again, open, cancelled }.Order(), (await IdsAsync(node, "SELECT id FROM orchestrator.task")).Order());
        foreach (var table in new[] { "task_event", "task_artifact", "merge_progress" })
        {
            var left = await IdsAsync(node, $"SELECT DISTINCT task FROM orchestrator.{table}");
            Assert.DoesNotContain(old, left);
            Assert.Contains(young, left);
        }

        Assert.Equal("1", await node.ScalarAsync<string>("SELECT done->>'tasksRemoved' FROM orchestrator.sweep_run WHERE sweep = 'retention'"));
        Assert.Equal(new TaskAccepted(old, true), await ClientOf(node).OpenAsync(new OpenTask { Repository = "team/app", Title = "Once more", ExternalKey = "old" }));
        Assert.Null(await ClientOf(node).GetAsync(old));
        Assert.False((await ClientOf(node).OpenAsync(new OpenTask { Repository = "team/app", Title = "Once more", ExternalKey = "old-2" })).Duplicate);
    }

    [Fact]
    public async Task Many_are_removed_in_batches()
    {
        await using var node = await _scene.StartAsync((_, work, _) => Task.FromResult(Leaving(work, "16-merge.md", "merge: DONE")));
        await node.ExecuteAsync(
            """
            INSERT INTO orchestrator.repository (name) VALUES ('team/app');
            INSERT INTO orchestrator.task (id, repository, title, external_key, branch, state, stage, step, stage_since, max_retries, created_at, ended_at)
            SELECT gen_random_uuid(), 'team/app', 'T', CASE WHEN i % 2 = 0 THEN 'k' || i END, 'b' || i, 'Done', 'only', i, now(), 3, now(), now() - interval '91 days' FROM generate_series(1, 1100) i
            """);

        await SweepAsync(node);

        Assert.Equal((0L, 550L), (await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.task"), await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.task_removed")));
    }

    [Fact]
    [Trait("Requirement", "OPS-5")]
    public async Task It_can_be_switched_off()
    {
        await using var node = await _scene.StartAsync((_, work, _) => Task.FromResult(Leaving(work, "16-merge.md", "merge: DONE")), null, ("Delivery:RetentionEnabled", "false"));
        var old = await DoneAsync(node, "old", 4000);

        await SweepAsync(node);

        Assert.NotNull(await ClientOf(node).GetAsync(old));
    }

    public void Dispose() => _scene.Dispose();

    private static async Task<Guid> DoneAsync(TestNode node, string key, int days)
    {
        var id = await OpenAsync(node, key: key);
        await BecomesAsync(node, id, "Done");
        await node.ExecuteAsync("UPDATE orchestrator.task SET ended_at = now() - $2 * interval '1 day' WHERE id = $1", id, days);
        return id;
    }

    private static async Task<Guid> SleepingJobAsync(TestNode node) =>
        (await node.Jobs.SubmitAsync(JobRequest.For("delivery", new StageWork(Guid.CreateVersion7(), 1, "only")) with { AvailableAt = TimeProvider.System.GetUtcNow().AddDays(1) })).JobId;

    private static async Task<List<Guid>> IdsAsync(TestNode node, string sql)
    {
        await using var command = node.Database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var ids = new List<Guid>();
        while (await reader.ReadAsync())
            ids.Add(reader.GetGuid(0));
        return ids;
    }

    private static Task SweepAsync(TestNode node) =>
        node.Services.GetRequiredService<SweepRunner>().RunAsync(node.Services.GetRequiredService<SweepList>().Find("retention")!, byHand: false, default);
}
