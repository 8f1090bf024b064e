using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Claim;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Nodes;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine;

public sealed class ClaimTests
{
    /// <summary>What is claimed past the engine is carried by nothing: the look for stranded runs would take it back in the middle of a test.</summary>
    private static readonly (string, string)[] NoLookSoon = [("Node:Heartbeat", "00:00:20"), ("Node:Lease", "00:02:00")];

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    [Trait("Requirement", "JOB-2")]
    [Trait("Requirement", "JOB-6")]
    public async Task A_wake_up_on_another_lanes_queue_claims_nothing()
    {
        await using var node = await TestNode.StartAsync(new Dictionary<string, Func<JobRun, CancellationToken, Task<JobOutcome>>>
        {
            ["work"] = static (_, _) => Task.FromResult(JobOutcome.Done()),
            ["other"] = static (_, _) => Task.FromResult(JobOutcome.Done()),
        });
        await node.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = now() WHERE name = 'other'");
        var job = (await node.Jobs.SubmitAsync(new JobRequest("other"))).JobId;
        var (claims, lanes) = (node.Services.GetRequiredService<Claims>(), node.Services.GetRequiredService<Lanes>());

        // Beside each other in one batch, or one after the other: the right one is told of the shut lane, the wrong one of nothing.
        var answers = await Task.WhenAll(claims.ClaimAsync(job, lanes["work"]), claims.ClaimAsync(job, lanes["other"]));

        Assert.Equal([ClaimAnswer.NotThere, ClaimAnswer.Refused], answers.Select(answer => answer.Answer));
        Assert.Equal("Queued", (await node.Jobs.GetAsync(job))!.State);
    }

    [Fact]
    [Trait("Requirement", "JOB-2")]
    public async Task Of_eight_concurrent_claimers_on_two_nodes_exactly_one_wins_each_job()
    {
        await using var one = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()), null, NoLookSoon);
        await one.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = now()"); // nothing but the claimers of this test
        await using var two = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()), one, NoLookSoon);
        var jobs = new List<Guid>();
        for (var i = 0; i < 20; i++)
            jobs.Add(await one.SubmitAsync());
        await one.ExecuteAsync("UPDATE orchestrator.job SET dispatched_at = now()"); // and no dispatcher
        await one.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = NULL");

        var claims = jobs.SelectMany(job => Enumerable.Range(0, 8).Select(n => ClaimAsync(n % 2 == 0 ? one : two, job))).ToList();
        var answers = await Task.WhenAll(claims);

        Assert.All(answers.GroupBy(a => a.Id), job =>
        {
            Assert.Equal(1, job.Count(a => a.Answer == ClaimAnswer.Won));
            Assert.Equal(7, job.Count(a => a.Answer == ClaimAnswer.NotThere));
        });
        Assert.Equal(20, answers.Where(a => a.Job is not null).Select(a => a.Job!.RunId).Distinct().Count());
    }

    [Fact]
    [Trait("Requirement", "JOB-6")]
    public async Task The_limit_of_a_lane_holds_over_all_nodes_together()
    {
        var work = new HeldWork();
        (string, string)[] settings = [("Lanes:work:MaxRunning", "3"), ("Lanes:work:Permits", "3"), ("Dispatch:PollInterval", "00:00:00.100")];
        await using var one = await EngineNode.StartAsync(work.RunAsync, null, settings);
        await using var two = await EngineNode.StartAsync(work.RunAsync, one, settings);
        for (var i = 0; i < 12; i++)
            await (i % 2 == 0 ? one : two).SubmitAsync();

        await Eventually.IsTrueAsync(() => work.Now == 3, "three run");
        // More wake-ups than the limit allows, as a lost wake-up that turns up again may bring: the claim refuses them.
        await one.ExecuteAsync("UPDATE orchestrator.job SET dispatched_at = now(), dispatched_by = NULL WHERE state = 'Queued'");
        var queued = await one.ScalarAsync<Guid[]>("SELECT array_agg(id) FROM orchestrator.job WHERE state = 'Queued'");
        var answers = await Task.WhenAll(queued.Select(job => ClaimAsync(two, job)));
        Assert.All(answers, a => Assert.Equal(ClaimAnswer.Refused, a.Answer));
        work.LetGo();

        await Eventually.IsAsync(() => one.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE state = 'Succeeded'"), ended => ended == 12, "all have ended");
        Assert.Equal(3, work.Most);
    }

    [Fact]
    [Trait("Requirement", "JOB-6")]
    public async Task Two_nodes_do_not_count_the_same_free_place()
    {
        var work = new HeldWork();
        (string, string)[] settings = [("Lanes:work:MaxRunning", "1"), .. NoLookSoon];
        await using var one = await EngineNode.StartAsync(work.RunAsync, null, settings);
        await using var two = await EngineNode.StartAsync(work.RunAsync, one, settings);
        await one.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = now()");
        Guid[] jobs = [await one.SubmitAsync(), await one.SubmitAsync()];
        await one.ExecuteAsync("UPDATE orchestrator.job SET dispatched_at = now()");
        await one.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = NULL");
        // Between counting and committing lies time enough for the other to count, too.
        await one.ExecuteAsync(
            """
            CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.5); RETURN NEW; END $$;
            CREATE TRIGGER take_time BEFORE UPDATE ON orchestrator.job FOR EACH ROW WHEN (NEW.state = 'Running') EXECUTE FUNCTION take_time();
            """);

        var answers = await Task.WhenAll(ClaimAsync(one, jobs[0]), ClaimAsync(two, jobs[1]));

        Assert.Equal([ClaimAnswer.Won, ClaimAnswer.Refused], answers.Select(a => a.Answer).Order());
    }

    [Fact]
    [Trait("Requirement", "JOB-6")]
    [Trait("Requirement", "PROT-3")]
    public async Task The_permits_of_a_process_hold_over_all_its_lanes_together()
    {
        var work = new HeldWork();
        await using var node = await TestNode.StartAsync(
            new Dictionary<string, Func<JobRun, CancellationToken, Task<JobOutcome>>> { ["one"] = work.RunAsync, ["two"] = work.RunAsync },
            new Dictionary<string, string?> { ["Work:Permits"] = "2" });
        for (var i = 0; i < 8; i++)
            await node.SubmitAsync(new(i % 2 == 0 ? "one" : "two"));

        await Eventually.IsTrueAsync(() => work.Now == 2 && node.Services.GetRequiredService<Service.Permit.Permits>().Use.Waiting > 0, "two run and others wait");
        work.LetGo();

        await Eventually.IsAsync(() => node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE state = 'Succeeded'"), ended => ended == 8, "all have ended");
        Assert.Equal(2, work.Most);
    }

    [Theory]
    [InlineData("Queued", 0, false, 0, true, "Won")]
    [InlineData("Queued", 0, false, 1, true, "Won")]
    [InlineData("Queued", 0, false, 2, true, "Refused")]
    [InlineData("Queued", 0, true, 0, true, "Refused")]
    [InlineData("Queued", 0, false, 0, false, "Refused")]
    [InlineData("Queued", 1, false, 0, true, "NotThere")]
    [InlineData("Running", 0, false, 0, true, "NotThere")]
    [InlineData("Finalizing", 0, false, 0, true, "NotThere")]
    [InlineData("Held", 0, false, 0, true, "NotThere")]
    [InlineData("Succeeded", 0, true, 2, false, "NotThere")]
    [Trait("Requirement", "JOB-2")]
    [Trait("Requirement", "RES-5")]
    public void A_claim_is_won_only_by_a_live_node_on_a_due_queued_job_of_an_open_lane(
        string state, int dueInSeconds, bool paused, int running, bool nodeMayClaim, string expected)
    {
        var job = new Job { State = state, AvailableAt = Now.AddSeconds(dueInSeconds) };

        var answer = ClaimDecision.Decide(job, new LaneDoor(MaxRunning: 2, paused), running, nodeMayClaim, Now);

        Assert.Equal(expected, answer.ToString());
    }

    private static async Task<(Guid Id, ClaimAnswer Answer, Job? Job)> ClaimAsync(TestNode node, Guid job)
    {
        var (answer, won) = await node.Services.GetRequiredService<Claims>().ClaimAsync(job, node.Services.GetRequiredService<Lanes>()["work"]);
        return (job, answer, won);
    }
}
