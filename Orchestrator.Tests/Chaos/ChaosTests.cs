using System.Globalization;
using Orchestrator.Tests.Crash;
using Orchestrator.Tests.Infrastructure;
using Xunit.Abstractions;

namespace Orchestrator.Tests.Chaos;

/// <summary>Whatever fails, in whatever order: every job comes to its one end, every effect is stored once, and nothing stays behind.</summary>
[Trait("Requirement", "PROT-6")]
[Trait("Requirement", "REAP-3")]
[Trait("Requirement", "JOB-5")]
[Trait("Requirement", "JOB-6")]
public sealed class ChaosTests(ITestOutputHelper output)
{
    [Fact]
    public Task Every_job_ends_once_whatever_fails() => RunAsync(jobs: 200, TimeSpan.FromSeconds(30), drainSeconds: 90);

    [SoakFact]
    public Task Every_job_ends_once_whatever_fails_for_ten_minutes() => RunAsync(jobs: 5000, TimeSpan.FromMinutes(10), drainSeconds: 600);

    private async Task RunAsync(int jobs, TimeSpan rage, int drainSeconds)
    {
        var began = TimeProvider.System.GetTimestamp();
        Say($"CHAOS_SEED={Chance.Seed}");
        await using var scene = await ChaosScene.SetAsync(Chance.Seed, Say);
        await using var invariants = new Invariants(scene.Nodes.Database);

        var raging = scene.RageAsync(rage);
        const int Portions = 20;
        for (var portion = 0; portion < Portions; portion++)
        {
            await scene.SubmitAsync(portion * (jobs / Portions), jobs / Portions);
            await Task.WhenAny(raging, Task.Delay(rage / Portions, TimeProvider.System, CancellationToken.None)); // so that each fault finds work
        }

        await raging;
        await Eventually.IsAsync(
            () => OpenAsync(scene), open => open.Count == 0, "every job has succeeded", drainSeconds);

        var nodes = scene.Nodes;
        Assert.Equal(jobs, await nodes.ScalarAsync("SELECT count(*) FROM orchestrator.job"));
        Assert.Empty(await invariants.EndAsync());
        Assert.True(invariants.Looks > 20, $"It could look only {invariants.Looks} times.");
        Assert.Equal(0, await nodes.ScalarAsync(
            $"SELECT count(*) FROM orchestrator.job j WHERE (SELECT count(*) FROM crash.output WHERE job = j.id) <> CASE WHEN lane = '{ChaosScene.Stored}' THEN 1 ELSE 0 END"));
        Assert.Equal(0, await nodes.ScalarAsync("SELECT count(*) FROM crash.output o JOIN orchestrator.job j ON j.id = o.job WHERE o.run_id <> (j.result->>'run')::bigint"));
        var agents = Enumerable.Range(0, jobs).Where(n => n % 5 == 0).Select(n => n.ToString(CultureInfo.InvariantCulture)).Order().ToList();
        Assert.Equal(agents, scene.Agents.Lines("started").Order());
        Assert.Equal(agents, scene.Agents.Lines("ended").Order());
        Assert.Empty(scene.Agents.Lines("overlaps"));
        await Eventually.IsTrueAsync(() => scene.ProcessesAlive == 0, "no process is left");
        foreach (var lane in (string[])[ChaosScene.Plain, ChaosScene.Stored, AgentScene.Lane])
        {
            var queue = nodes.QueueOf(lane);
            await Eventually.IsAsync(() => nodes.Queues.CountAsync(queue), count => count == 0, $"{queue} is empty");
            Assert.Equal(0, await nodes.Queues.CountAsync(queue + "_dlq"));
            Assert.False(await nodes.Queues.ExistsAsync(queue + "_error"));
        }

        await Eventually.IsAsync(() => nodes.ScalarAsync("SELECT count(*) FROM orchestrator.breaker WHERE state <> 'Closed'"), open => open == 0, "all breakers are closed");

        void Say(string what) => output.WriteLine($"{TimeProvider.System.GetElapsedTime(began).TotalSeconds,6:0.0} s  {what}");
    }

    private static async Task<List<string>> OpenAsync(ChaosScene scene)
    {
        var open = new List<string>();
        await using var command = scene.Nodes.Database.CreateCommand("SELECT concat_ws(' ', lane, id, state, reason) FROM orchestrator.job WHERE state <> 'Succeeded' ORDER BY id LIMIT 10");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            open.Add(reader.GetString(0));
        return open;
    }
}
