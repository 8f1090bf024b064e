using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Crash;

/// <summary>A stall that is three times as long as the lease, with the settings that the service has by itself.</summary>
public sealed class LongStallTests
{
    [SoakFact]
    [Trait("Requirement", "REAP-3")]
    [Trait("Requirement", "REAP-5")]
    public async Task A_node_that_wakes_after_ninety_seconds_writes_nothing_and_goes_on_as_a_new_node()
    {
        await using var scene = await AgentScene.SetAsync(DetectionTimeTests.Defaults);
        var stalled = await scene.Nodes.StartNodeAsync();
        var before = await scene.RunsAsync(await scene.SubmitAsync());
        await scene.Nodes.StartNodeAsync();

        await stalled.SignalAsync("STOP");
        await Task.Delay(TimeSpan.FromSeconds(90), TimeProvider.System, CancellationToken.None);
        var adopted = await scene.AdoptedAsync(before);
        await stalled.SignalAsync("CONT");

        await Eventually.IsAsync(() => scene.Nodes.ScalarAsync($"SELECT count(*) FROM orchestrator.node WHERE pid = {stalled.Pid} AND dead_at IS NULL"), lives => lives == 1, "it goes on as a new node");
        Assert.Equal((adopted.RunId, adopted.OwnerNode), ((await scene.Nodes.JobAsync(before.Id)).RunId, (await scene.Nodes.JobAsync(before.Id)).OwnerNode));
        await scene.LetGoAsync();
        await scene.EndedWellAsync(before.Id);
        Assert.Equal(1, scene.Started);
    }
}
