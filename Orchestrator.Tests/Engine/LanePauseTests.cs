using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Local.Wire;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine;

[Trait("Requirement", "RES-5")]
public sealed class LanePauseTests
{
    [Fact]
    public async Task In_a_paused_lane_nothing_is_dispatched_polled_or_claimed_and_no_receive_count_is_spent()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        var prefix = Shared.Unique("p") + "-";
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()), null,
            [.. EngineNode.OnSqs(prefix), ("Bus:ServiceUrl", tap.Url.ToString()), ("Dispatch:PollInterval", "00:00:00.100")]);
        await node.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = now(), pause_reason = 'test'");
        var lane = node.Services.GetRequiredService<Lanes>()["work"];
        await Eventually.IsTrueAsync(() => !lane.Gate.IsOpen, "the node knows of the pause");
        await QuietAsync();
        var (polls, sends) = (PollsOf(tap, prefix), tap.CountOf("SendMessageBatch"));

        var job = await node.SubmitAsync();
        await Eventually.IsTrueAsync(() => PollsOf(tap, prefix + "jobs") > 4, "other queues are polled meanwhile");

        Assert.Equal((polls, sends), (PollsOf(tap, prefix), tap.CountOf("SendMessageBatch")));
        var waiting = (await node.Jobs.GetAsync(job))!;
        Assert.Equal(("Queued", null), (waiting.State, waiting.DispatchedAt));

        await node.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = NULL");
        await node.BecomesAsync(job, "Succeeded");

        // The lane's queue, without the queue of the commands.
        static int PollsOf(WireTap tap, string queue) =>
            tap.Requests.Count(r => r.Action == "ReceiveMessage" && r.Body.Contains("/" + (queue.EndsWith("jobs", StringComparison.Ordinal) ? queue : queue + "work"), StringComparison.Ordinal));

        // A poll that was under way when the gate shut ends with its long poll, a second later.
        async Task QuietAsync()
        {
            var others = PollsOf(tap, prefix + "jobs");
            await Eventually.IsTrueAsync(() => PollsOf(tap, prefix + "jobs") > others + 2, "two further long polls of another queue have ended");
        }
    }

    [Fact]
    public async Task What_was_dispatched_before_the_pause_is_refused_at_the_claim_and_its_wake_up_is_forgotten()
    {
        var work = new HeldWork();
        await using var node = await EngineNode.StartAsync(work.RunAsync, null, ("Lanes:work:Permits", "1"), ("Lanes:work:Prefetch", "3"));
        var first = await node.SubmitAsync();
        await Eventually.IsTrueAsync(() => work.Now == 1, "one runs");
        var second = await node.SubmitAsync();
        await Eventually.IsAsync(() => node.Jobs.GetAsync(second), job => job!.DispatchedAt is not null, "the other is dispatched and waits for the permit");

        await node.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = now()");
        work.LetGo();

        await node.BecomesAsync(first, "Succeeded");
        var refused = await Eventually.IsAsync(() => node.Jobs.GetAsync(second), job => job!.DispatchedAt is null, "the wake-up is forgotten");
        Assert.Equal("Queued", refused!.State);
        Assert.Single(work.Begun);

        await node.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = NULL");
        await node.BecomesAsync(second, "Succeeded");
    }
}
