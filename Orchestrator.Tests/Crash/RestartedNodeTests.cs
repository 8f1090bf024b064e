namespace Orchestrator.Tests.Crash;

/// <summary>One node, wake-ups in memory: it is killed, and another process goes on with what the database holds.</summary>
[Trait("Requirement", "JOB-1")]
[Trait("Requirement", "JOB-5")]
public sealed class RestartedNodeTests
{
    [Theory]
    [InlineData(CrashScene.Running)]
    [InlineData(CrashScene.Delivered)]
    [InlineData(CrashScene.Committing)]
    public async Task Killed_anywhere_with_wake_ups_in_memory_every_job_ends_after_the_restart(long barrier)
    {
        await using var scene = await CrashScene.SetAsync("InMemory");
        await scene.HoldAsync(barrier);
        var victim = await scene.StartNodeAsync(sweeps: false, barriers: barrier);
        var jobs = await scene.SubmitAsync(8); // two run, others lie in its memory, and the rest was never sent
        await scene.WaitingAsync(2);

        await scene.KillAsync(victim);
        await scene.LetGoAsync();
        await scene.StartNodeAsync();

        await scene.AllEndedOnceAsync(jobs, victim);
    }
}
