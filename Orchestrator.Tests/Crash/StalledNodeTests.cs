using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Crash;

/// <summary>A process is stopped for longer than its lease and then goes on where it was, not knowing that time has passed.</summary>
public sealed class StalledNodeTests
{
    [Fact]
    [Trait("Requirement", "PROT-6")]
    [Trait("Requirement", "REAP-5")]
    public async Task A_stalled_node_loses_its_runs_when_its_lease_is_over_what_it_writes_is_refused_and_it_goes_on_as_a_new_node()
    {
        await using var scene = await CrashScene.SetAsync();
        await scene.HoldAsync(CrashScene.Running);
        var stalled = await scene.StartNodeAsync(sweeps: false, barriers: CrashScene.Running);
        var jobs = await scene.SubmitAsync(2);
        await scene.WaitingAsync(2);
        var other = await scene.StartNodeAsync();

        await stalled.SignalAsync("STOP");

        await Eventually.IsAsync(() => scene.ScalarAsync("SELECT count(*) FROM orchestrator.job WHERE state = 'Succeeded'"), ended => ended == 2, "the other node has done the work");
        Assert.Equal(1, await scene.ScalarAsync($"SELECT count(*) FROM orchestrator.node WHERE pid = {stalled.Pid} AND dead_at > renewed_at + lease AND dead_reason LIKE 'its lease%'"));
        var outputs = await scene.ScalarAsync("SELECT sum(run_id)::bigint FROM crash.output");
        await scene.LetGoAsync(); // what it waited for has long been answered when it goes on
        await stalled.SignalAsync("CONT");

        await Eventually.IsTrueAsync(() => Refusals(stalled) == 2, $"both of its runs are refused. It said: {stalled.OutputSoFar}");
        await Eventually.IsAsync(() => scene.ScalarAsync($"SELECT count(*) FROM orchestrator.node WHERE pid = {stalled.Pid} AND dead_at IS NULL"), lives => lives == 1, "it goes on as a new node");
        await scene.AllEndedOnceAsync(jobs, stalled);
        Assert.Equal(outputs, await scene.ScalarAsync("SELECT sum(run_id)::bigint FROM crash.output"));

        await scene.KillAsync(other);
        var more = await scene.SubmitAsync(1);
        await scene.AllEndedOnceAsync([.. jobs, .. more], stalled);
        Assert.Equal(3, await scene.RunsAsync(stalled));
    }

    private static int Refusals(Infrastructure.Command node) => node.OutputSoFar.Split("is not the owner any more; nothing of it was written").Length - 1;
}
