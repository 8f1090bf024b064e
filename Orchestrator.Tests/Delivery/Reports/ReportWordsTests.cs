using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Reports;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Delivery.Tracker;

namespace Orchestrator.Tests.Delivery.Reports;

[Trait("Requirement", "FLOW-1")]
public sealed class ReportWordsTests
{
    private static readonly DeliveryPipeline Pipeline = new([Of("code"), Of("test"), new Stage("merge", new Worker.Reserved(ReservedJob.Deploy), [], ["check"], new OnFailure.Hold(), null, TimeSpan.FromDays(1), true, "code")], 3);

    [Theory]
    [InlineData("Advanced", "test", "Success")]
    [InlineData("Completed", "code", "Success")]
    [InlineData("SentBack", "code", "Failure")]
    [InlineData("GaveUp", "code", "Failure")]
    [InlineData("TaskCancelAsked", "code", "Error")]
    public void How_a_step_ended_is_what_its_stage_says(string what, string next, string state)
    {
        var task = new DeliveryTask { Step = what is "Advanced" or "SentBack" ? 8 : 7, Stage = next, EndedAt = what is "Advanced" or "SentBack" ? null : DateTimeOffset.UnixEpoch };

        Assert.Equal(("orchestrator/code", Enum.Parse<StatusState>(state)), Said(ReportWords.StatusOf(task, [Line(7, "code", "HeldUp"), Line(7, "code", what)], 7, "code", Pipeline)));
    }

    [Fact]
    public void A_step_that_is_under_way_is_pending_and_one_that_was_left_without_an_end_says_nothing()
    {
        var task = new DeliveryTask { Step = 7, Stage = "test", State = "Working" };

        Assert.Equal(("orchestrator/test", StatusState.Pending), Said(ReportWords.StatusOf(task, [Line(6, "code", "Advanced")], 7, "test", Pipeline)));
        Assert.Null(ReportWords.StatusOf(task, [Line(6, "code", "StageRetried")], 6, "code", Pipeline));
    }

    [Fact]
    public void Of_the_service_s_own_jobs_and_of_what_goes_back_for_a_new_head_nothing_is_said()
    {
        var task = new DeliveryTask { Step = 8, Stage = "code", State = "Working" };

        Assert.Null(ReportWords.StatusOf(task, [Line(7, "merge", "Advanced")], 7, "merge", Pipeline));
        Assert.Null(ReportWords.StatusOf(new DeliveryTask { Step = 8, Stage = "merge", State = "Working" }, [], 8, "merge", Pipeline));
        Assert.Null(ReportWords.StatusOf(task, [Line(7, "test", "Advanced")], 7, "test", Pipeline)); // to code, which comes before it
    }

    [Theory]
    [InlineData("Working", "code", "work")]
    [InlineData("Waiting", "test", "test")] // a word of the tracker's settings itself
    [InlineData("Held", "code", "work")]
    [InlineData("Working", "merge", null)]
    [InlineData("Done", "merge", "over")]
    [InlineData("Failed", "code", null)]
    public void The_item_belongs_where_the_project_says_by_task_state_or_stage(string state, string stage, string? word)
    {
        var words = new TrackerOptions { States = { ["work"] = "In Progress", ["test"] = "Testing", ["over"] = "Done" } };
        var project = new ProjectOptions { States = { ["code"] = "work", ["Done"] = "over" } };

        Assert.Equal(word, ReportWords.StateOf(new DeliveryTask { State = state, Stage = stage }, [], project, words));
    }

    [Fact]
    public void Words_that_nobody_knows_are_errors_all_at_once()
    {
        var options = new DeliveryOptions { Projects = { ["p"] = new ProjectOptions { States = { ["coding"] = "work", ["Held"] = "nowhere" } } } };
        var words = new TrackerOptions { Url = new Uri("https://tracker.example"), States = { ["work"] = "In Progress" } };

        Assert.Equal(
            ["Orchestrator:Delivery:Projects:p:States:coding: must be a stage of the pipeline (code, test, merge) or one of Held, Done, Failed, Cancelled.",
             "Orchestrator:Delivery:Projects:p:States:Held: must be a word that Orchestrator:Tracker:States gives a state for (work). Found: nowhere."],
            ReportWords.Errors(options, words, Pipeline));
    }

    [Fact]
    public void A_branch_without_work_of_its_own_is_nobody_s_to_review()
    {
        Assert.False(TaskReports.HasWork(null));
        Assert.False(TaskReports.HasWork("# Changes\n"));
        Assert.True(TaskReports.HasWork("# Changes\n\n## Files: 1\n\n- a (+1 -0)\n"));
    }

    private static (string, StatusState)? Said(CommitStatus? status) => status is null ? null : (status.Context, status.State);

    private static TaskEvent Line(long step, string stage, string what) => new(DateTimeOffset.UnixEpoch, step, stage, what, null);

    private static Stage Of(string name) => new(name, new Worker.Agent("agent", "p.md"), [], ["check"], new OnFailure.Hold(), null, TimeSpan.FromDays(1), true);
}
