using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Gates;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Delivery.Tasks;
using Orchestrator.Service.Finalize;

namespace Orchestrator.Tests.Delivery.Tasks;

public sealed class TaskDecisionTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private static readonly DeliveryPipeline Pipeline = new(
    [
        Stage("development", new OnFailure.BackTo("development")), Stage("testing", new OnFailure.BackTo("development")), Stage("watch", new OnFailure.Hold()),
    ], 2);

    [Theory]
    [InlineData("Queued")]
    [InlineData("Running")]
    [InlineData("Finalizing")]
    public void While_its_job_goes_on_nothing_follows(string state) => Assert.IsType<NextStep.Nothing>(Decide(Task(), state));

    [Fact]
    [Trait("Requirement", "FLOW-1")]
    public void A_passed_stage_leads_to_the_next_and_the_last_to_the_end()
    {
        Assert.Equal("watch", Assert.IsType<NextStep.Advance>(Decide(Task(), "Succeeded", Passed)).To!.Name);
        Assert.Null(Assert.IsType<NextStep.Advance>(Decide(Task("watch"), "Succeeded", Passed)).To);
    }

    [Fact]
    [Trait("Requirement", "RUN-4")]
    public void A_failed_gate_and_failed_work_go_back_until_no_retry_is_left()
    {
        Assert.Equal("development", Assert.IsType<NextStep.SendBack>(Decide(Task(), "Succeeded", Passed, new GateResult("g", GateAnswer.Failed, "2 of 5 failed"))).To.Name);
        Assert.Contains("conflict", Assert.IsType<NextStep.SendBack>(Decide(Task(), "Failed", "a conflict in a.txt")).Note, StringComparison.Ordinal);
        Assert.IsType<NextStep.GiveUp>(Decide(Task(retries: 2), "Failed", "again"));
        Assert.IsType<NextStep.Hold>(Decide(Task("watch"), "Failed", "it is down"));
    }

    [Fact]
    [Trait("Requirement", "RUN-4")]
    public void A_held_job_holds_the_task_and_costs_nothing_and_when_it_goes_on_so_does_the_task()
    {
        Assert.Equal("no docker", Assert.IsType<NextStep.Hold>(Decide(Task(retries: 2), "Held", "no docker")).Reason);
        Assert.IsType<NextStep.GoOn>(Decide(Task(state: "Held"), "Queued"));
        Assert.IsType<NextStep.Nothing>(Decide(Task(state: "Held"), "Held"));
        Assert.IsType<NextStep.Nothing>(Decide(Task(state: "Held"), "Succeeded", Passed));
        Assert.True(Assert.IsType<NextStep.Hold>(Decide(Task(), "Held", "no docker")).ForJob);
        var released = Task(state: "Held");
        released.HeldForJob = true; // and its job has ended before anybody looked
        Assert.IsType<NextStep.GoOn>(Decide(released, "Succeeded", Passed));
        Assert.IsType<NextStep.Nothing>(Decide(released, "Held"));
        Assert.IsType<NextStep.Nothing>(Decide(released, "Cancelled")); // instead of being released
        Assert.IsType<NextStep.Hold>(Decide(Task(), "Cancelled"));
    }

    [Theory]
    [InlineData(GateAnswer.NotYet)]
    [InlineData(GateAnswer.CannotTell)]
    public void Gates_without_an_answer_are_asked_again_ever_more_seldom_and_not_for_ever(GateAnswer answer)
    {
        var open = new GateResult("check_x", answer, "CI still runs");

        Assert.Equal(Now.AddSeconds(5), Assert.IsType<NextStep.Wait>(Decide(Task(), "Succeeded", open)).Until);
        Assert.Equal(Now.AddMinutes(5), Assert.IsType<NextStep.Wait>(Decide(Task(since: TimeSpan.FromHours(5)), "Succeeded", open)).Until);
        Assert.Contains("CI still runs", Assert.IsType<NextStep.Hold>(Decide(Task(since: TimeSpan.FromDays(8)), "Succeeded", open)).Reason, StringComparison.Ordinal);
        Assert.IsType<NextStep.SendBack>(Decide(Task(), "Succeeded", open, new GateResult("g", GateAnswer.Failed, "no")));
    }

    [Fact]
    [Trait("Requirement", "MRG-2")]
    public void A_head_that_has_moved_costs_no_retry_and_one_that_never_rests_holds_the_task()
    {
        var pipeline = new DeliveryPipeline([Stage("testing", new OnFailure.Hold()), Stage("deploy", new OnFailure.Hold()) with { OnNewHead = "testing" }], 2);
        NextStep After(int before)
        {
            var task = Task("deploy", retries: 2);
            task.NewHeads = before;
            return TaskDecision.Decide(task, new StageJob("Succeeded", null, new NewHead("abc", "It was rebased.")), [], pipeline, Now);
        }

        var again = Assert.IsType<NextStep.Advance>(After(TaskDecision.MostNewHeads - 1));
        Assert.Equal(("testing", true), (again.To!.Name, again.NewHead));
        Assert.Contains("It was rebased.", Assert.IsType<NextStep.Hold>(After(TaskDecision.MostNewHeads)).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Done")]
    [InlineData("Failed")]
    [InlineData("Cancelled")]
    public void What_has_ended_stays_so(string state) => Assert.IsType<NextStep.Nothing>(Decide(Task(state: state), "Succeeded", Passed));

    [Fact]
    public void A_stage_that_the_pipeline_has_lost_holds_the_task_with_the_remedy() =>
        Assert.Contains("has no stage 'gone' any more", Assert.IsType<NextStep.Hold>(Decide(Task("gone"), "Succeeded")).Reason, StringComparison.Ordinal);

    private static readonly GateResult Passed = new("g", GateAnswer.Passed, "");

    private static NextStep Decide(DeliveryTask task, string job, params GateResult[] gates) => TaskDecision.Decide(task, new StageJob(job, null), gates, Pipeline, Now);

    private static NextStep Decide(DeliveryTask task, string job, string reason) => TaskDecision.Decide(task, new StageJob(job, reason), [], Pipeline, Now);

    private static DeliveryTask Task(string stage = "testing", string state = "Working", int retries = 0, TimeSpan since = default) =>
        new() { Stage = stage, State = state, Retries = retries, MaxRetries = 2, StageSince = Now - since };

    private static Stage Stage(string name, OnFailure onFailure) => new(name, new Worker.Reserved(ReservedJob.Deploy), [], ["g"], onFailure, null, TimeSpan.FromDays(7), true);
}
