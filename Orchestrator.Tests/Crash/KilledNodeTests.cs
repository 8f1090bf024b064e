using Npgsql;
using Orchestrator.Local.Wire;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Crash;

/// <summary>Of two nodes one is killed with SIGKILL at each step of the journey, and the other brings every job to its one end.</summary>
[Trait("Requirement", "PROT-6")]
[Trait("Requirement", "JOB-5")]
public sealed class KilledNodeTests
{
    [Fact]
    public async Task Killed_between_receive_and_claim_its_messages_come_again_and_nothing_has_run()
    {
        await using var scene = await CrashScene.SetAsync();
        var survivor = await scene.StartNodeAsync();
        var victim = await scene.StartNodeAsync();
        IReadOnlyList<Guid> jobs;
        await using (var holder = await scene.Database.OpenConnectionAsync())
        {
            await using var transaction = await holder.BeginTransactionAsync();
            await using (var hold = new NpgsqlCommand("SELECT FROM orchestrator.lane FOR UPDATE", holder))
                await hold.ExecuteNonQueryAsync();
            jobs = await scene.SubmitAsync(8); // as many as both nodes hold together
            await Eventually.IsAsync(() => scene.ScalarAsync($"SELECT count(*) FROM crash.receipt WHERE pid = {victim.Pid}"), received => received == 4, "the victim holds four messages");
            await Eventually.IsAsync(() => scene.ScalarAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"),
                waiting => waiting >= 2, "both nodes wait in their claims");

            await scene.KillAsync(victim);
        }

        await scene.AllEndedOnceAsync(jobs, victim);
        Assert.Equal((0, 8), (await scene.RunsAsync(victim), await scene.RunsAsync(survivor)));
        Assert.Equal(4, await scene.ScalarAsync($"SELECT count(*) FROM crash.receipt WHERE pid = {survivor.Pid} AND receive_count = 2"));
    }

    [Fact]
    public async Task Killed_in_the_middle_of_its_runs_they_run_again_elsewhere()
    {
        await using var scene = await CrashScene.SetAsync();
        await scene.HoldAsync(CrashScene.Running);
        var victim = await scene.StartNodeAsync(barriers: CrashScene.Running);
        var jobs = await scene.SubmitAsync(6);
        await scene.WaitingAsync(2);
        await scene.StartNodeAsync();

        await scene.KillAsync(victim);

        await scene.AllEndedOnceAsync(jobs, victim);
        Assert.Equal((2, 8), (await scene.RunsAsync(victim), await scene.RunsAsync()));
    }

    [Fact]
    public async Task Killed_with_its_effect_delivered_and_nothing_stored_the_effect_is_repeated_and_stored_once()
    {
        await using var scene = await CrashScene.SetAsync();
        await scene.HoldAsync(CrashScene.Delivered);
        var victim = await scene.StartNodeAsync(barriers: CrashScene.Delivered);
        var jobs = await scene.SubmitAsync(2);
        await scene.WaitingAsync(2);
        Assert.Equal(2, await scene.ScalarAsync("SELECT count(*) FROM orchestrator.job WHERE state = 'Finalizing'"));
        await scene.StartNodeAsync();

        await scene.KillAsync(victim);

        await scene.AllEndedOnceAsync(jobs, victim);
        Assert.Equal(4, await scene.ScalarAsync("SELECT sum(times) FROM crash.delivery"));
    }

    [Fact]
    public async Task Killed_inside_the_transaction_that_ends_the_job_nothing_of_it_is_stored()
    {
        await using var scene = await CrashScene.SetAsync();
        await scene.HoldAsync(CrashScene.Committing);
        var victim = await scene.StartNodeAsync(barriers: CrashScene.Committing);
        var jobs = await scene.SubmitAsync(2);
        await scene.WaitingAsync(2);
        await scene.StartNodeAsync();

        await scene.KillAsync(victim);
        await scene.LetGoAsync();

        await scene.AllEndedOnceAsync(jobs, victim);
        Assert.Equal(4, await scene.RunsAsync());
    }

    [Fact]
    public async Task Killed_between_commit_and_delete_the_message_comes_again_and_runs_nothing()
    {
        await using var scene = await CrashScene.SetAsync();
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        using var held = tap.Inject("DeleteMessageBatch", new WireFault.Cut());
        var victim = await scene.StartNodeAsync(tap.Url);
        var jobs = await scene.SubmitAsync(3);
        await Eventually.IsAsync(() => scene.ScalarAsync("SELECT count(*) FROM orchestrator.job WHERE state = 'Succeeded'"), ended => ended == 3, "the outcomes are committed");
        await Eventually.IsTrueAsync(() => tap.CountOf("DeleteMessageBatch") > 0, "the delete was tried");
        Assert.Equal(3, await scene.Queues.CountAsync(scene.Queue));

        await scene.KillAsync(victim);
        var survivor = await scene.StartNodeAsync();

        await scene.AllEndedOnceAsync(jobs, victim);
        Assert.Equal((3, 0), (await scene.RunsAsync(victim), await scene.RunsAsync(survivor)));
        Assert.Equal(3, await scene.ScalarAsync($"SELECT count(*) FROM crash.receipt WHERE pid = {survivor.Pid} AND receive_count = 2"));
    }

    [Fact]
    [Trait("Requirement", "JOB-2")]
    public async Task Killed_between_sending_wake_ups_and_marking_them_they_may_be_sent_twice_and_each_job_runs_once()
    {
        await using var scene = await CrashScene.SetAsync();
        await scene.HoldAsync(CrashScene.Marking);
        var victim = await scene.StartNodeAsync(barriers: CrashScene.Marking);
        var jobs = await scene.SubmitAsync(3);
        await scene.WaitingAsync(1);
        Assert.Equal(3, await scene.Queues.CountAsync(scene.Queue));
        Assert.Equal(0, await scene.ScalarAsync("SELECT count(*) FROM orchestrator.job WHERE dispatched_at IS NOT NULL"));
        var survivor = await scene.StartNodeAsync();

        await scene.KillAsync(victim);
        await scene.LetGoAsync();

        await scene.AllEndedOnceAsync(jobs, victim);
        Assert.Equal((3, 3), (await scene.RunsAsync(survivor), await scene.RunsAsync()));
        // The survivor may claim by the first message before it looks for jobs that were not sent.
        Assert.InRange(await scene.ScalarAsync("SELECT count(DISTINCT message) FROM crash.receipt"), 3, 6);
    }

    [Theory]
    [InlineData("InMemory")]
    [InlineData("AmazonSqs")]
    public async Task Killed_among_quick_jobs_that_it_had_claimed_together_they_run_elsewhere(string transport)
    {
        await using var scene = await CrashScene.SetAsync(transport);
        var victim = await scene.StartQuickNodeAsync();
        var jobs = await scene.SubmitAsync(1000);
        await Eventually.IsAsync(() => scene.RunsAsync(victim), runs => runs >= 400, "the lane is quick and in full swing");

        await scene.KillAsync(victim);
        Assert.True(await scene.ScalarAsync("SELECT count(*) - count(DISTINCT started_at) FROM orchestrator.job WHERE started_at IS NOT NULL") > 50, "no claim took anybody along");
        await scene.StartQuickNodeAsync();

        await scene.AllEndedOnceAsync(jobs, victim);
    }
}
