using System.Text;
using Orchestrator.Service.Delivery.Webhooks;
using Orchestrator.Service.Remote;

namespace Orchestrator.Tests.Delivery.Webhooks;

[Trait("Requirement", "FLOW-4")]
public sealed class GiteaReadingTests
{
    private static readonly GiteaWebhookOptions Options = new() { Bot = "the-bot" };
    private static readonly PullRequestAt At = new("acme/engine", 7, "feature/T-1", Payloads.Head, "main");

    public static TheoryData<string, string, byte[], object?> Kinds => new()
    {
        { "push", "push", Payloads.Push(), new BranchPushed("acme/engine", "feature/T-1", Payloads.Other, Payloads.Head, "ada") },
        { "push", "push", Payloads.Push(before: Payloads.None), new BranchPushed("acme/engine", "feature/T-1", null, Payloads.Head, "ada") },
        { "push", "push", Payloads.Push(after: Payloads.None), WhyNothing.MovesNothing },
        { "push", "push", Payloads.Push(reference: "refs/tags/v1"), WhyNothing.MovesNothing },
        { "push", "push", Payloads.Push(sender: "The-Bot"), WhyNothing.Own },
        { "pull_request", "pull_request", Payloads.PullRequest("opened"), new PullRequestOpened(At, "ada") },
        { "pull_request", "pull_request", Payloads.PullRequest("opened", sender: "the-bot"), new PullRequestOpened(At, "ada") },
        { "pull_request_sync", "pull_request", Payloads.PullRequest("synchronized"), new PullRequestSynchronized(At) },
        { "pull_request", "pull_request", Payloads.PullRequest("reopened"), new PullRequestReopened(At) },
        { "pull_request", "pull_request", Payloads.PullRequest("edited"), new PullRequestEdited(At) },
        { "pull_request", "pull_request", Payloads.PullRequest("closed", merged: true), new PullRequestMerged(At, Payloads.Other) },
        { "pull_request", "pull_request", Payloads.PullRequest("closed", merged: true, sender: "the-bot"), new PullRequestMerged(At, Payloads.Other) },
        { "pull_request", "pull_request", Payloads.PullRequest("closed"), new PullRequestClosedUnmerged(At) },
        { "pull_request_label", "pull_request", Payloads.PullRequest("label_updated"), WhyNothing.MovesNothing },
        { "pull_request_review_approved", "pull_request_approved", Payloads.Review("pull_request_review_approved"), new ReviewApproved(At, "ada") },
        { "pull_request_review_rejected", "pull_request_rejected", Payloads.Review("pull_request_review_rejected"), new ReviewRejected(At, "ada", "as it is") },
        { "pull_request_review_comment", "pull_request_comment", Payloads.Review("pull_request_review_comment"), WhyNothing.MovesNothing },
        { "pull_request_review_approved", "pull_request_approved", Payloads.Review("pull_request_review_approved", sender: "the-bot"), WhyNothing.Own },
        { "pull_request_comment", "issue_comment", Payloads.Comment(), new PullRequestCommented("acme/engine", 7, 45, "ada", "/retry") },
        { "issue_comment", "issue_comment", Payloads.Comment(), new PullRequestCommented("acme/engine", 7, 45, "ada", "/retry") },
        { "issue_comment", "issue_comment", Payloads.Comment(onPull: false), WhyNothing.MovesNothing },
        { "pull_request_comment", "issue_comment", Payloads.Comment("edited"), WhyNothing.MovesNothing },
        { "pull_request_comment", "issue_comment", Payloads.Comment(sender: "the-bot"), WhyNothing.Own },
        { "status", "status", Payloads.Status("success"), new StatusChanged("acme/engine", Payloads.Head, "ci/test", "success") },
        { "status", "", Payloads.Status("failure"), new StatusChanged("acme/engine", Payloads.Head, "ci/test", "failure") },
        { "status", "status", Payloads.Status("success", context: "orchestrator/gate"), WhyNothing.Own },
        { "workflow_run", "workflow_run", Payloads.Status("success"), WhyNothing.UnknownKind },
        { "", "", Payloads.Status("success"), WhyNothing.UnknownKind },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_kind_is_read_by_the_finer_header_first(string type, string name, byte[] body, object? expected)
    {
        var read = GiteaReading.Read(type, name, body, Options);

        Assert.Equal(expected, read switch { Reading.News news => Assert.Single(news.Facts), Reading.Nothing nothing => nothing.Why, _ => read });
    }

    [Theory]
    [InlineData("push", "push")]
    [InlineData("pull_request", "pull_request")]
    [InlineData("", "status")]
    public void Without_the_finer_header_the_coarse_one_decides(string type, string name)
    {
        var body = name switch { "push" => Payloads.Push(), "status" => Payloads.Status("success"), _ => Payloads.PullRequest("opened") };

        Assert.Equal(GiteaReading.Read(name, name, body, Options), GiteaReading.Read(type, name, body, Options), NewsComparer.Instance);
    }

    [Fact]
    public void A_header_that_nobody_signed_makes_no_verdict_of_a_comment()
    {
        var comment = Payloads.Review("pull_request_review_comment");

        Assert.IsType<Reading.Nothing>(GiteaReading.Read("pull_request_review_approved", "pull_request_approved", comment, Options));
        Assert.IsType<Reading.Broken>(GiteaReading.Read("push", "push", comment, Options));
        Assert.IsType<Reading.Broken>(GiteaReading.Read("status", "status", comment, Options));
    }

    [Fact]
    public void The_key_follows_from_the_signed_bytes_and_a_comment_is_known_by_its_id()
    {
        var key = KeyOf(Payloads.Push());

        Assert.Equal(key, KeyOf(Payloads.Push()));
        Assert.NotEqual(key, KeyOf(Payloads.Push(after: Payloads.Head.Replace('1', '3'))));
        Assert.Equal("gitea:comment:acme/engine:45", KeyOf(Payloads.Comment(), "issue_comment"));
        Assert.Equal("gitea:comment:acme/engine:45", KeyOf(Payloads.Comment(text: "another"), "issue_comment"));
    }

    [Fact]
    public void Repositories_that_are_not_listed_do_not_count()
    {
        Assert.Equal(new Reading.Nothing("push", WhyNothing.NotListed), GiteaReading.Read("push", "push", Payloads.Push(), new GiteaWebhookOptions { Repositories = { "acme/other" } }));
        Assert.IsType<Reading.News>(GiteaReading.Read("push", "push", Payloads.Push(), new GiteaWebhookOptions { Repositories = { "ACME/engine" } }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"ref\":")]
    [InlineData("{\"ref\":\"refs/heads/a\"}")]
    [InlineData("{\"ref\":7,\"after\":{}}")]
    [InlineData("{\"ref\":\"\\ud800\"}")]
    [InlineData("{\"repository\":{\"full_name\":\"a/b/c\"},\"ref\":\"refs/heads/a\",\"after\":\"1111111111111111111111111111111111111111\"}")]
    public void What_lacks_a_needed_part_is_said_to_be_broken_without_its_content(string body)
    {
        Assert.IsType<Reading.Broken>(GiteaReading.Read("push", "push", Encoding.UTF8.GetBytes(body), Options));
    }

    [Fact]
    public void A_body_cut_anywhere_is_broken_and_never_something_else()
    {
        var body = Payloads.PullRequest("closed", merged: true);

        for (var length = 0; length < body.Length; length++)
            Assert.IsType<Reading.Broken>(GiteaReading.Read("pull_request", "pull_request", body.AsMemory(0, length), Options));
    }

    [Fact]
    [Trait("Requirement", "SEC-4")]
    public void Text_that_PostgreSQL_cannot_store_and_text_without_end_are_cut_to_what_it_can()
    {
        var read = Assert.IsType<Reading.News>(GiteaReading.Read("issue_comment", "issue_comment", Payloads.Comment(text: "a\0b" + new string('c', 100_000)), Options));

        var text = Assert.IsType<PullRequestCommented>(Assert.Single(read.Facts)).Text;
        Assert.StartsWith("a\uFFFDb", text, StringComparison.Ordinal);
        Assert.Equal(Part.LongestText, text.Length);
    }

    private static string KeyOf(byte[] body, string kind = "push") => Assert.IsType<Reading.News>(GiteaReading.Read(kind, kind, body, Options)).Key;
}

/// <summary>Two readings are one when kind, key and facts are.</summary>
internal sealed class NewsComparer : IEqualityComparer<Reading>
{
    public static readonly NewsComparer Instance = new();

    public bool Equals(Reading? x, Reading? y) => x is Reading.News a && y is Reading.News b ? (a.Kind, a.Key) == (b.Kind, b.Key) && a.Facts.SequenceEqual(b.Facts) : object.Equals(x, y);

    public int GetHashCode(Reading obj) => 0;
}
