using Orchestrator.Local.Replay;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Journey;

public sealed class StopDuringReplayTests
{
    [Fact]
    [Trait("Requirement", "PROT-7")]
    public async Task A_node_that_is_told_to_stop_ends_what_runs_and_hands_the_rest_to_another_at_once()
    {
        await using var phase = await ReplayPhase.StartAsync(await Shared.Environment, 3, Journey.Pace, CancellationToken.None);
        var first = phase.Node;
        await phase.DropAsync(Path.Combine(Repository.Root, "samples", "22-invoices.pdf"), CancellationToken.None);
        var atStop = await Eventually.IsAsync(
            () => first.QueueAsync(),
            queue => queue.Deliveries[ReplayPhase.HeavyLane] is var here && here.Held + here.ByReceiveCount.Values.Sum() >= 1 + 22 && queue.Permits.Lanes[ReplayPhase.HeavyLane].InUse == 3,
            "the first node has received the file and all children, and works on three");

        var stopped = first.StopAsync();
        await phase.StartNodeAsync(CancellationToken.None);
        await stopped;
        var run = await phase.FollowAsync(_ => { }, CancellationToken.None);

        Assert.Equal("Succeeded", run.Parent!.State);
        Assert.Equal(22, run.Children.Count);
        Assert.All(run.Children, child => Assert.Equal("Succeeded", child.Job!.State));
        Assert.Empty(run.DeadLetters);
        Assert.Equal(0, first.ExitCode);
        // The second node got all that the first had not begun, each with its second receive; what ran was ended by its own node, and so were up to two waves of three
        // while the request to stop was on its way.
        Assert.Equal([2], run.Deliveries.ByReceiveCount.Keys);
        Assert.InRange(run.Deliveries.ByReceiveCount.Values.Sum(), Math.Max(1, 1 + 22 - atStop.Deliveries[ReplayPhase.HeavyLane].ByReceiveCount.Values.Sum() - 9), 22 - 3);
        var jobs = await phase.Node.GetAsync<JobsAnswer>($"/jobs?lane={ReplayPhase.HeavyLane}&limit=500");
        Assert.All(jobs.Jobs, job => Assert.Equal(0, job.Losses));
    }
}
