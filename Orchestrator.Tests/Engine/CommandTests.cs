using System.Collections.Concurrent;
using Orchestrator.Contracts;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine;

[Trait("Requirement", "JOB-7")]
public sealed class CommandTests
{
    [Fact]
    public async Task A_second_submission_with_a_key_finds_the_first_job_also_when_many_come_at_once()
    {
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()));

        var submitted = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => node.Jobs.SubmitAsync(new JobRequest("work") { DedupeKey = "once" })));

        Assert.Single(submitted, s => !s.Duplicate);
        Assert.Single(submitted.Select(s => s.JobId).Distinct());
        Assert.Equal(1L, await node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job"));
    }

    [Fact]
    public async Task A_delayed_job_waits_for_its_time_and_runs_then()
    {
        var begun = new TaskCompletionSource<DateTimeOffset>();
        await using var node = await EngineNode.StartAsync((_, _) =>
        {
            begun.TrySetResult(TimeProvider.System.GetUtcNow());
            return Task.FromResult(JobOutcome.Done());
        });
        var waits = await node.SubmitAsync(new("work") { AvailableAt = TimeProvider.System.GetUtcNow().AddHours(1) });
        Assert.False((await node.Jobs.GetAsync(waits))!.Due);
        var due = TimeProvider.System.GetUtcNow().AddSeconds(2);

        var id = await node.SubmitAsync(new("work") { AvailableAt = due });

        await node.BecomesAsync(id, "Succeeded");
        Assert.InRange(await begun.Task, due, due.AddSeconds(60));
        Assert.Equal("Queued", (await node.Jobs.GetAsync(waits))!.State);
    }

    [Fact]
    public async Task A_queued_job_is_cancelled_at_once_and_a_second_cancel_changes_nothing()
    {
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()));
        var id = await node.SubmitAsync(new("work") { AvailableAt = TimeProvider.System.GetUtcNow().AddHours(1) });

        Assert.Equal(new JobCommandDone(id, JobCommandOutcome.Done, "Cancelled"), await node.Jobs.CancelAsync(id, "not needed"));
        Assert.Equal(new JobCommandDone(id, JobCommandOutcome.Done, "Cancelled"), await node.Jobs.CancelAsync(id, "again"));

        Assert.Equal("not needed", (await node.Jobs.GetAsync(id))!.Reason);
    }

    [Fact]
    public async Task A_job_that_runs_on_another_node_is_stopped_there()
    {
        var work = new HeldWork();
        await using var there = await EngineNode.StartAsync(work.RunAsync);
        await using var here = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()), there, ("Lanes:work:Enabled", "false"));
        var id = await there.SubmitAsync();
        await Eventually.IsTrueAsync(() => work.Now == 1, "it runs");

        Assert.Equal(new JobCommandDone(id, JobCommandOutcome.Done, "Running"), await here.Jobs.CancelAsync(id, "stop it"));

        var job = await here.BecomesAsync(id, "Cancelled");
        Assert.Equal(("stop it", 0, 0), (job.Reason, job.Attempts, work.Now));
    }

    [Fact]
    public async Task A_cancelled_job_can_be_retried_by_hand_and_one_that_succeeded_can_not()
    {
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()));
        var id = await node.SubmitAsync(new("work") { AvailableAt = TimeProvider.System.GetUtcNow().AddHours(1) });
        await node.Jobs.CancelAsync(id);

        Assert.Equal(JobCommandOutcome.Done, (await node.Jobs.RetryAsync(id)).Outcome);
        await node.BecomesAsync(id, "Succeeded");

        Assert.Equal(new JobCommandDone(id, JobCommandOutcome.NotAccepted, "Succeeded"), await node.Jobs.RetryAsync(id));
        Assert.Equal(new JobCommandDone(id, JobCommandOutcome.NotAccepted, "Succeeded"), await node.Jobs.CancelAsync(id));
        var nobody = Guid.NewGuid();
        Assert.Equal(new JobCommandDone(nobody, JobCommandOutcome.NotFound, null), await node.Jobs.CancelAsync(nobody));
    }

    [Fact]
    [Trait("Requirement", "JOB-2")]
    public async Task Jobs_run_by_priority_then_in_order_of_submission()
    {
        var order = new ConcurrentQueue<Guid>();
        await using var node = await EngineNode.StartAsync(
            (run, _) =>
            {
                order.Enqueue(run.JobId);
                return Task.FromResult(JobOutcome.Done());
            },
            null, ("Lanes:work:Permits", "1"), ("Lanes:work:Prefetch", "0"), ("Lanes:work:DispatchAhead", "1"));
        await node.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = now()");
        var low = await node.SubmitAsync(new("work") { Priority = -5 });
        var first = await node.SubmitAsync();
        var second = await node.SubmitAsync();
        var high = await node.SubmitAsync(new("work") { Priority = 5 });
        var raised = await node.SubmitAsync();
        Assert.Equal(new JobCommandDone(raised, JobCommandOutcome.Done, "Queued"), await node.Jobs.PrioritiseAsync(raised, 10));

        await node.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = NULL");

        await node.BecomesAsync(low, "Succeeded");
        Assert.Equal([raised, high, first, second, low], order);
        await Assert.ThrowsAsync<JobRequestException>(() => node.Jobs.PrioritiseAsync(low, 1001));
        Assert.Equal(JobCommandOutcome.NotAccepted, (await node.Jobs.PrioritiseAsync(low, 1)).Outcome);
    }
}
