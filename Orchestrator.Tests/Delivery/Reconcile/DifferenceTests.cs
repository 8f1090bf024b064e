using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Reconcile;
using Orchestrator.Service.Delivery.Tracker;
using Orchestrator.Service.Delivery.Webhooks;
using Orchestrator.Tests.Delivery.Webhooks;

namespace Orchestrator.Tests.Delivery.Reconcile;

[Trait("Requirement", "FLOW-4")]
public sealed class DifferenceTests
{
    private static readonly DateTimeOffset Then = new(2026, 6, 7, 16, 0, 0, TimeSpan.Zero);
    private static readonly PullRequestAt At = new("acme/engine", 7, "feature/T-1", Payloads.Head, "main");
    private static readonly KnownPullRequest Known = new(At, 5, ChecksState.None, [], Then);
    private static readonly PullRequest Seen = new("acme/engine", 7, PullRequestState.Open, "A", "the-bot", false, true, null, "feature/T-1", "acme/engine", Payloads.Head, "main", Then);
    private static readonly KnownWorkItem KnownItem = new(Payloads.Project, Payloads.Item, Payloads.Todo, [], [], Then);
    private static readonly HashSet<Guid> Cancelled = [new Guid("00000000-0000-0000-0000-0000000000cc")];
    private static readonly WorkItem SeenItem = new(Payloads.Item, Payloads.Project, 1, "a", "", Payloads.Todo, [], [], Then, Then, false);

    [Fact]
    public void Where_all_is_as_the_task_knows_it_nothing_was_missed()
    {
        Assert.Empty(Of(Known, Seen));
        Assert.Empty(Of(KnownItem, SeenItem));
    }

    [Fact]
    public void Each_end_and_each_move_of_a_pull_request_is_found()
    {
        var moved = At with { Head = Payloads.Other };

        Assert.Equal([new PullRequestMerged(At, Payloads.Other)], Of(Known, Seen with { State = PullRequestState.Merged, MergeCommit = Payloads.Other }));
        Assert.Equal([new PullRequestClosedUnmerged(At)], Of(Known, Seen with { State = PullRequestState.Closed }));
        Assert.Equal([new PullRequestClosedUnmerged(At)], Of(Known, null));
        Assert.Equal([new PullRequestSynchronized(moved)], Of(Known, Seen with { Head = Payloads.Other }));
    }

    [Fact]
    public void New_verdicts_of_others_are_found_and_no_old_dismissed_or_own_one()
    {
        Assert.Equal(
            [new ReviewApproved(At, "ada"), new ReviewRejected(At, "ben", "no")],
            Of(Known, Seen, [Review(5, "eve", ReviewState.Approved), Review(6, "ada", ReviewState.Approved), Review(7, "ben", ReviewState.ChangesRequested), Review(8, "cid", ReviewState.NoVerdict),
                Review(9, "The-Bot", ReviewState.Approved), Review(10, "dan", ReviewState.Approved) with { Dismissed = true }]));
    }

    [Fact]
    public void Checks_are_told_when_they_amount_to_something_else()
    {
        var green = new CombinedStatus(Payloads.Head, [new("ci", StatusState.Success)]);

        Assert.Equal([new StatusChanged("acme/engine", Payloads.Head, "ci", "success")], Of(Known, Seen, status: green));
        Assert.Empty(Of(Known with { Checks = ChecksState.Passed }, Seen, status: green));
    }

    [Fact]
    public void Comments_are_found_under_the_key_that_their_webhook_has()
    {
        var missed = Assert.Single(Difference.Of(Known, Seen, [], null, [new Comment(44, "ada", "old", Then), new Comment(45, "ada", "/retry", Then.AddSeconds(1)), new Comment(46, "the-bot", "mine", Then.AddSeconds(2))], "the-bot"));
        var item = Assert.Single(Difference.Of(KnownItem, SeenItem, [new ItemComment(Payloads.Todo, Payloads.Person, "go", Then.AddSeconds(1), false), new ItemComment(Payloads.Doing, null, "mine", Then.AddSeconds(1), true)], Payloads.Bot, Cancelled));

        var told = Assert.IsType<Reading.News>(GiteaReading.Read("issue_comment", "issue_comment", Payloads.Comment(), new()));
        Assert.Equal((told.Key, true, told.Facts.Single()), (missed.Subject, missed.Once, missed.Fact));
        Assert.Equal((PlaneReading.CommentKey(Payloads.Todo), true), (item.Subject, item.Once));
        var created = Assert.IsType<Reading.News>(PlaneReading.Read(Payloads.ItemCreated(), new()));
        Assert.Equal(created.Key, Difference.Of(SeenItem).Subject);
    }

    [Fact]
    public void Each_change_of_a_work_item_is_found()
    {
        Assert.Equal([new WorkItemStateChanged(Payloads.Project, Payloads.Item, Payloads.Doing)], Of(KnownItem, SeenItem with { State = Payloads.Doing }));
        Assert.Equal([new WorkItemLabelsChanged(Payloads.Project, Payloads.Item)], Of(KnownItem, SeenItem with { Labels = [Payloads.Doing] }));
        Assert.Equal([new WorkItemAssigneesChanged(Payloads.Project, Payloads.Item)], Of(KnownItem, SeenItem with { Assignees = [Payloads.Bot] }));
        Assert.Equal([new WorkItemDeleted(Payloads.Project, Payloads.Item)], Of(KnownItem, null));
    }

    private static List<Fact> Of(KnownPullRequest known, PullRequest? seen, IEnumerable<Review>? reviews = null, CombinedStatus? status = null) =>
        [.. Difference.Of(known, seen, reviews ?? [], status, [], "the-bot").Select(missed => missed.Fact)];

    private static List<Fact> Of(KnownWorkItem known, WorkItem? seen) => [.. Difference.Of(known, seen, [], Payloads.Bot, Cancelled).Select(missed => missed.Fact)];

    private static Review Review(long id, string by, ReviewState state) => new(id, by, state, Payloads.Head, false, false, true, "no");
}
