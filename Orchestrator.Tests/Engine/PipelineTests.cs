using System.Text.Json;
using System.Text.RegularExpressions;
using MassTransit;
using Orchestrator.Service;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine;

public sealed class PipelineTests
{
    [Fact]
    [Trait("Requirement", "PROT-1")]
    [Trait("Requirement", "PROT-3")]
    public async Task A_job_passes_the_steps_of_its_journey_in_the_order_in_which_they_are_written()
    {
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()));

        var steps = Regex.Matches(JsonSerializer.Serialize(Pipeline.Journey(node.Services).GetProbeResult().Results), "\"filterType\": *\"([^\"]*)\"").Select(m => m.Groups[1].Value);

        Assert.Equal(["oldNews", "finalize", "waitingLine", "concurrencyLimit", "claim", "run"], steps);
    }

    [Fact]
    [Trait("Requirement", "PROT-3")]
    public async Task A_job_that_waits_for_a_permit_is_not_claimed_and_one_that_carries_out_its_effect_holds_no_permit()
    {
        var delivering = new TaskCompletionSource();
        var work = new HeldWork();
        await using var node = await EngineNode.StartAsync(
            async (run, cancellation) => run.Payload.Contains("deliver", StringComparison.Ordinal)
                ? JobOutcome.Deliver(_ => delivering.Task, (_, _) => Task.CompletedTask)
                : await work.RunAsync(run, cancellation),
            null, ("Lanes:work:Permits", "1"));

        var finalizing = await node.SubmitAsync(new("work", """{"deliver":true}"""));
        await node.BecomesAsync(finalizing, "Finalizing");
        var running = await node.SubmitAsync();
        await node.BecomesAsync(running, "Running"); // with the only permit
        var waiting = await node.SubmitAsync();
        await Eventually.IsAsync(() => node.Jobs.GetAsync(waiting), job => job!.DispatchedAt is not null, "it is dispatched and waits for the permit");

        delivering.SetResult();
        await node.BecomesAsync(finalizing, "Succeeded");
        Assert.Equal("Queued", (await node.Jobs.GetAsync(waiting))!.State);
        work.LetGo();
        await node.BecomesAsync(waiting, "Succeeded");
        Assert.Equal(1, work.Most);
    }
}
