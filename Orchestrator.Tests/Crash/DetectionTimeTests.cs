using System.Diagnostics;
using System.Globalization;
using Orchestrator.Service.Processes;
using Orchestrator.Tests.Infrastructure;
using Xunit.Abstractions;

namespace Orchestrator.Tests.Crash;

/// <summary>
/// How long it takes with the settings that the service has by itself. Measured on a busy machine of two cores: 0.6 to 0.8 s for a process
/// that is killed, 0.8 to 0.9 s for a node whose host lives, 35 to 40 s for a node of which nothing is heard; the tests allow more.
/// </summary>
[Trait("Requirement", "REAP-3")]
public sealed class DetectionTimeTests(ITestOutputHelper output)
{
    internal static readonly Dictionary<string, string?> Defaults = new()
    {
        ["Node:Heartbeat"] = null, ["Node:Lease"] = null, ["Sweeps:NodeInterval"] = null, ["Dispatch:PollInterval"] = null,
    };

    [Fact]
    public async Task The_death_and_the_end_of_a_process_and_the_death_of_its_node_are_seen_within_seconds()
    {
        await using var scene = await AgentScene.SetAsync(Defaults);
        var victim = await scene.Nodes.StartNodeAsync();
        var lost = await scene.RunsAsync(await scene.SubmitAsync());

        var began = TimeProvider.System.GetTimestamp();
        Process.GetProcessById(lost.OwnerPid!.Value).Kill(); // the wrapper, and with it the exit code
        await Eventually.IsAsync(() => scene.Nodes.JobAsync(lost.Id), job => job is { State: "Queued", Losses: 1 }, "the run is lost");
        Within(15, began, "a process that is killed");

        File.Delete(scene.Mark("started"));
        var ends = await scene.RunsAsync(await scene.SubmitAsync());
        began = TimeProvider.System.GetTimestamp();
        await scene.LetGoAsync();
        await Eventually.IsTrueAsync(() => scene.Folders.Any(folder => folder.Run == ends.ProcessRun && folder.Look() is RunState.Ended), "its exit code is on the disk");
        began = TimeProvider.System.GetTimestamp();
        await scene.EndedWellAsync(ends.Id);
        Within(15, began, "a process that ends");

        File.Delete(scene.Mark("started"));
        File.Delete(scene.Mark("go"));
        var before = await scene.RunsAsync(await scene.SubmitAsync());
        await scene.Nodes.StartNodeAsync();
        began = TimeProvider.System.GetTimestamp();
        await scene.Nodes.KillAsync(victim);
        await scene.AdoptedAsync(before);
        Within(15, began, "a node that is killed, its host lives");
    }

    [Fact]
    [Trait("Requirement", "REAP-5")]
    public async Task A_node_that_stalls_loses_nothing_in_twenty_seconds_and_all_when_its_lease_is_over()
    {
        await using var scene = await AgentScene.SetAsync(Defaults);
        var stalled = await scene.Nodes.StartNodeAsync();
        var before = await scene.RunsAsync(await scene.SubmitAsync());
        await scene.Nodes.StartNodeAsync();

        await stalled.SignalAsync("STOP");
        await Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System, CancellationToken.None);
        await stalled.SignalAsync("CONT");
        var renewed = await scene.Nodes.ScalarAsync($"SELECT extract(epoch FROM renewed_at)::bigint FROM orchestrator.node WHERE pid = {stalled.Pid}");
        await Eventually.IsAsync(() => scene.Nodes.ScalarAsync($"SELECT extract(epoch FROM max(renewed_at))::bigint FROM orchestrator.node WHERE pid = {stalled.Pid}"), at => at > renewed, "it renews its lease");
        var after = await scene.Nodes.JobAsync(before.Id);
        Assert.Equal((before.RunId, before.OwnerNode, "Running", 1), (after.RunId, after.OwnerNode, after.State, scene.Started));

        // Whether it lives nobody can tell who does not share its host with it, and a process that is stopped is there: its lease alone decides.
        var began = TimeProvider.System.GetTimestamp();
        await stalled.SignalAsync("STOP");
        await scene.AdoptedAsync(before);
        Within(60, began, "a node of which nothing is heard");
        await scene.LetGoAsync();
        await scene.EndedWellAsync(before.Id);
        Assert.Equal(1, scene.Started);
    }

    private void Within(double seconds, long began, string what)
    {
        var took = TimeProvider.System.GetElapsedTime(began);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {took.TotalSeconds:0.00} s"));
        Assert.True(took < TimeSpan.FromSeconds(seconds), $"{what} was seen after {took}, not within {seconds} seconds");
    }
}
