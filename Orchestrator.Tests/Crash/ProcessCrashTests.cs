using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Crash;

/// <summary>Whatever happens to a service, the processes that it started go on, are started once, and end their jobs.</summary>
[Trait("Requirement", "PROT-6")]
[Trait("Requirement", "JOB-5")]
public sealed class ProcessCrashTests
{
    [Fact]
    public async Task Killed_while_its_process_runs_another_node_of_the_host_takes_the_process_over()
    {
        await using var scene = await AgentScene.SetAsync();
        var victim = await scene.Nodes.StartNodeAsync();
        var before = await scene.RunsAsync(await scene.SubmitAsync());
        await scene.Nodes.StartNodeAsync();

        await scene.Nodes.KillAsync(victim);

        await IsAdoptedAndEndsAsync(scene, before);
    }

    [Fact]
    public async Task Killed_while_its_process_runs_and_nobody_else_is_there_the_next_start_takes_the_process_over()
    {
        await using var scene = await AgentScene.SetAsync();
        var victim = await scene.Nodes.StartNodeAsync();
        var before = await scene.RunsAsync(await scene.SubmitAsync());

        await scene.Nodes.KillAsync(victim);
        await scene.Nodes.StartNodeAsync();

        await IsAdoptedAndEndsAsync(scene, before);
    }

    [Fact]
    public async Task Killed_between_the_start_of_a_process_and_its_stamp_the_process_is_not_doubled()
    {
        await using var scene = await AgentScene.SetAsync();
        await scene.Nodes.HoldAsync(CrashScene.Stamping);
        var victim = await scene.Nodes.StartNodeAsync(barriers: CrashScene.Stamping);
        var id = await scene.SubmitAsync();
        await scene.Nodes.WaitingAsync(1);
        await Eventually.IsTrueAsync(() => scene.Started == 1, "the agent is started");
        var before = await scene.Nodes.JobAsync(id);
        Assert.Equal(("Running", null), (before.State, before.ProcessRun));

        await scene.Nodes.KillAsync(victim);
        await scene.Nodes.LetGoAsync();
        await scene.Nodes.StartNodeAsync();

        var adopted = await scene.AdoptedAsync(before);
        Assert.Equal((before.RunId, "Running"), (adopted.ProcessRun, adopted.State));
        await scene.LetGoAsync();
        await scene.EndedWellAsync(id);
        Assert.Equal(1, scene.Started);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "REAP-3")]
    public async Task Stopped_for_longer_than_its_lease_its_process_is_taken_over_and_it_writes_nothing_when_it_wakes(bool endsBefore)
    {
        await using var scene = await AgentScene.SetAsync();
        var stalled = await scene.Nodes.StartNodeAsync(sweeps: false);
        var before = await scene.RunsAsync(await scene.SubmitAsync());
        await scene.Nodes.StartNodeAsync();

        await stalled.SignalAsync("STOP");

        var adopted = await scene.AdoptedAsync(before);
        if (endsBefore)
        {
            await scene.LetGoAsync();
            await scene.EndedWellAsync(before.Id);
        }

        await stalled.SignalAsync("CONT");
        await Eventually.IsTrueAsync(() => stalled.OutputSoFar.Contains($"Run {before.RunId} is not the owner any more", StringComparison.Ordinal), $"it lets go. It said: {stalled.OutputSoFar}");
        await Eventually.IsAsync(() => scene.Nodes.ScalarAsync($"SELECT count(*) FROM orchestrator.node WHERE pid = {stalled.Pid} AND dead_at IS NULL"), lives => lives == 1, "it goes on as a new node");
        if (!endsBefore)
        {
            Assert.Equal((adopted.RunId, adopted.OwnerNode, "Running"), await OwnerAsync(scene, before.Id));
            await scene.LetGoAsync();
        }

        await scene.EndedWellAsync(before.Id);
        Assert.Equal((1, 1), (scene.Started, scene.Lines("ended").Length));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [Trait("Requirement", "REAP-3")]
    public async Task The_database_stalls_for_longer_than_all_leases_and_no_process_is_ended_or_doubled(int nodes)
    {
        await using var scene = await AgentScene.SetAsync();
        for (var n = 0; n < nodes; n++)
            await scene.Nodes.StartNodeAsync();
        var before = await scene.RunsAsync(await scene.SubmitAsync());
        var pid = scene.Lines("started").Single();

        await using (var holder = await scene.Nodes.Database.OpenConnectionAsync())
        {
            await using var transaction = await holder.BeginTransactionAsync();
            await using var hold = new NpgsqlCommand("LOCK TABLE orchestrator.node IN ACCESS EXCLUSIVE MODE", holder);
            await hold.ExecuteNonQueryAsync();
            await Eventually.IsTrueAsync(() => scene.Nodes.Said("The lease of node") == 1, "the lease of the node that runs something is over");
        }

        // Long enough that each has looked again and again for runs that nobody carries.
        var looks = await scene.Nodes.ScalarAsync("SELECT extract(epoch FROM clock_timestamp())::bigint");
        await Eventually.IsAsync(() => scene.Nodes.ScalarAsync("SELECT coalesce(min(extract(epoch FROM renewed_at)), 0)::bigint FROM orchestrator.node WHERE dead_at IS NULL"), at => at > looks + 3, "they have been back for some heartbeats");
        Assert.Equal("Running", (await scene.Nodes.JobAsync(before.Id)).State);
        Assert.True(Directory.Exists($"/proc/{pid}"));
        await scene.LetGoAsync();

        await scene.EndedWellAsync(before.Id);
        Assert.Equal((1, 1), (scene.Started, scene.Lines("ended").Length));
    }

    private static async Task IsAdoptedAndEndsAsync(AgentScene scene, Job before)
    {
        var adopted = await scene.AdoptedAsync(before);
        Assert.Equal((before.ProcessRun, before.OwnerPid, before.StartedAt, "Running"), (adopted.ProcessRun, adopted.OwnerPid, adopted.StartedAt, adopted.State));
        Assert.NotEqual(before.OwnerNode, adopted.OwnerNode);
        await scene.LetGoAsync();

        await scene.EndedWellAsync(before.Id);
        Assert.Equal((1, 1), (scene.Started, scene.Lines("ended").Length));
    }

    private static async Task<(long?, Guid?, string)> OwnerAsync(AgentScene scene, Guid id)
    {
        var job = await scene.Nodes.JobAsync(id);
        return (job.RunId, job.OwnerNode, job.State);
    }
}
