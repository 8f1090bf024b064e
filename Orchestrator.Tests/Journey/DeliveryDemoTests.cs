using Orchestrator.Local;
using Orchestrator.Local.Demo;
using Orchestrator.Local.Replay;

namespace Orchestrator.Tests.Journey;

/// <summary>What a newcomer sees with <c>./run --delivery</c>: two tasks, from a signed webhook to a merge, with everything on the way that happens in real life.</summary>
public sealed class DeliveryDemoTests
{
    [Fact]
    [Trait("Requirement", "FLOW-1")]
    [Trait("Requirement", "FLOW-3")]
    [Trait("Requirement", "FLOW-4")]
    [Trait("Requirement", "FLOW-5")]
    [Trait("Requirement", "GATE-3")]
    [Trait("Requirement", "MRG-3")]
    [Trait("Requirement", "RUN-4")]
    public async Task Two_tasks_pass_bad_code_a_pause_a_broken_host_and_a_conflict_and_are_merged()
    {
        await using var demo = new DeliveryDemo(TextWriter.Null);

        var conditions = await demo.RunAsync(CancellationToken.None);

        Assert.All(conditions, condition => Assert.True(condition.Verdict == Verdict.Holds, $"{condition}\n{demo.LogTail()}"));
        Assert.Equal(9, conditions.Count);
    }
}
