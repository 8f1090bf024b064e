using System.Net;
using System.Text.Json;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Remote;
using Orchestrator.Service.Run;

namespace Orchestrator.Tests.Delivery.Forge;

[Trait("Requirement", "MRG-2")]
public sealed class MergeOutcomeTests
{
    [Theory]
    [InlineData(200, "null", "Merged")]
    [InlineData(201, "null", "Scheduled")]
    [InlineData(404, """{"message":"not found"}""", "Gone")]
    [InlineData(405, """{"message":"","url":"x"}""", "AlreadyMerged")]
    [InlineData(405, "null", "AlreadyMerged")]
    [InlineData(405, """{"message":"Please try again later"}""", "NotMergeableYet")]
    [InlineData(405, """{"message":"Work in progress PRs cannot be merged"}""", "WorkInProgress")]
    [InlineData(405, """{"message":"User not allowed to merge PR"}""", "NotPermitted")]
    [InlineData(405, """{"message":"rebase is not allowed an allowed merge style for this repository"}""", "StyleNotAllowed")]
    [InlineData(405, """{"message":"not ready to be merged: Does not have enough approvals"}""", "NotReady")]
    [InlineData(409, """{"Style":"merge","StdOut":"CONFLICT (content)","StdErr":"","Err":{}}""", "Conflict")]
    [InlineData(409, """{"Style":"rebase","CommitSHA":"1","StdOut":"","StdErr":"error","Err":{}}""", "Conflict")]
    [InlineData(409, """{"message":"rebase failed because of conflict"}""", "Conflict")]
    [InlineData(409, """{"message":"head out of date"}""", "HeadMoved")]
    [InlineData(409, """{"message":"merge push out of date"}""", "BaseMoved")]
    [InlineData(409, """{"message":"PushRejected without remote error message"}""", "PushRejected")]
    [InlineData(409, """{"message":"PushRejected with remote message: conflict of interest"}""", "PushRejected")]
    [InlineData(409, """{"message":"pull request is already scheduled to auto merge when checks succeed [pull_id: 7]"}""", "Scheduled")]
    [InlineData(409, """{"message":"something that no version says yet"}""", "PushRejected")]
    [InlineData(422, """{"message":"x"}""", null)]
    public void Each_answer_of_the_server_has_a_result(int status, string body, string? expected)
    {
        using var answered = new HttpResponseMessage();

        Assert.Equal(expected, MergeOutcome.Of(new RemoteAnswer((HttpStatusCode)status, JsonElement.Parse(body), answered.Headers))?.Result.ToString());
    }
}

[Trait("Requirement", "RES-2")]
public sealed class RemoteExceptionTests
{
    [Theory]
    [InlineData("Unauthorized", typeof(JobOutcome.Hold), "Account")]
    [InlineData("Forbidden", typeof(JobOutcome.Hold), "Environment")]
    [InlineData("RateLimited", typeof(JobOutcome.NotNow), "RateLimited")]
    [InlineData("Unavailable", typeof(JobOutcome.NotNow), "Transient")]
    [InlineData("TimedOut", typeof(JobOutcome.NotNow), "Transient")]
    [InlineData("NotFound", typeof(JobOutcome.TryAgain), null)]
    public void What_is_not_the_works_fault_costs_it_no_attempt(string fault, Type outcome, string? failure)
    {
        var ended = new RemoteException(Enum.Parse<RemoteFault>(fault), "said", TimeSpan.FromSeconds(7)).Outcome;

        Assert.IsType(outcome, ended);
        Assert.Equal(failure, ended switch { JobOutcome.Hold hold => hold.Class.ToString(), JobOutcome.NotNow later => later.Class.ToString(), _ => null });
        if (ended is JobOutcome.NotNow stated)
            Assert.Equal(TimeSpan.FromSeconds(7), stated.After);
    }
}

[Trait("Requirement", "FLOW-2")]
public sealed class VerdictTests
{
    private const string Head = "1111111111111111111111111111111111111111";
    private const string Old = "2222222222222222222222222222222222222222";

    [Fact]
    public void An_approval_holds_for_the_head_that_it_saw_and_no_other()
    {
        Assert.True(Of(Review(1, "ada", ReviewState.Approved)).IsApproved);
        Assert.False(Of(Review(1, "ada", ReviewState.Approved) with { Commit = Old }).IsApproved);
        Assert.False(Of(Review(1, "ada", ReviewState.Approved) with { Commit = null }).IsApproved);
        Assert.False(Of(Review(1, "ada", ReviewState.Approved) with { Stale = true }).IsApproved);
        Assert.False(Of(Review(1, "ada", ReviewState.Approved) with { Dismissed = true }).IsApproved);
        Assert.True(Of(Review(1, "ada", ReviewState.Approved) with { Official = false }).IsApproved);
        Assert.False(Verdict.Of([Review(1, "ada", ReviewState.Approved) with { Official = false }], Head, officialOnly: true).IsApproved);
        Assert.False(Of().IsApproved);
    }

    [Fact]
    public void Of_each_reviewer_the_last_verdict_counts_and_a_comment_is_none()
    {
        Assert.False(Of(Review(1, "ada", ReviewState.Approved), Review(2, "Ada", ReviewState.ChangesRequested)).IsApproved);
        Assert.True(Of(Review(2, "ada", ReviewState.Approved), Review(1, "ada", ReviewState.ChangesRequested)).IsApproved);
        Assert.True(Of(Review(1, "ada", ReviewState.Approved), Review(2, "ada", ReviewState.NoVerdict)).IsApproved);
        Assert.False(Of(Review(1, "ada", ReviewState.Approved), Review(2, "ben", ReviewState.ChangesRequested)).IsApproved);
        Assert.False(Of(Review(1, "ada", ReviewState.Approved), Review(2, "ben", ReviewState.ChangesRequested) with { Stale = true, Commit = Old }).IsApproved);
        Assert.True(Of(Review(1, "ada", ReviewState.Approved), Review(2, "ben", ReviewState.ChangesRequested) with { Dismissed = true }).IsApproved);
    }

    [Fact]
    public void Checks_have_passed_only_when_each_required_one_is_there_and_a_success()
    {
        Assert.Equal(ChecksState.None, Checks().Of([]));
        Assert.Equal(ChecksState.Pending, Checks().Of(["a"]));
        Assert.Equal(ChecksState.Pending, Checks(("a", StatusState.Success)).Of(["a", "b"]));
        Assert.Equal(ChecksState.Passed, Checks(("a", StatusState.Success), ("c", StatusState.Failure)).Of(["a"]));
        Assert.Equal(ChecksState.Failed, Checks(("a", StatusState.Success), ("c", StatusState.Failure)).Of([]));
        Assert.Equal(ChecksState.Pending, Checks(("a", StatusState.Pending)).Of([]));
        Assert.Equal(ChecksState.Failed, Checks(("a", StatusState.Error)).Of(["a"]));

        static CombinedStatus Checks(params (string Context, StatusState State)[] statuses) => new(Head, [.. statuses.Select(status => new CommitStatus(status.Context, status.State))]);
    }

    private static Verdict Of(params Review[] reviews) => Verdict.Of(reviews, Head, officialOnly: false);

    private static Review Review(long id, string by, ReviewState state) => new(id, by, state, Head, Stale: false, Dismissed: false, Official: true, "");
}
