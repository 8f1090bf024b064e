using Orchestrator.Local.StandIns;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Remote;

namespace Orchestrator.Tests.Delivery.Forge;

/// <summary>The client against a stand-in that merges with real git.</summary>
public sealed class GiteaClientTests : IAsyncLifetime
{
    private const string Repository = Servers.Repository;
    private static readonly CancellationToken None = CancellationToken.None;
    private ScratchRepository _repository = null!;
    private GiteaStandIn _gitea = null!;
    private GiteaClient _forge = null!;

    public async Task InitializeAsync()
    {
        _repository = await ScratchRepository.CreateAsync();
        _gitea = await GiteaStandIn.StartAsync(TimeProvider.System);
        _gitea.Serve(Repository, _repository.Bare);
        _forge = Servers.ClientOf(_gitea);
    }

    public async Task DisposeAsync()
    {
        await _gitea.DisposeAsync();
        _repository.Dispose();
    }

    [Fact]
    [Trait("Requirement", "MRG-2")]
    public async Task A_pull_request_is_opened_once_merged_once_and_a_second_drive_of_both_finds_it_done()
    {
        var head = await _repository.PushAsync("feature/T-1", "main", "a", "a\n");
        var made = await _forge.OpenAsync(Repository, "feature/T-1", "main", "A", "text", None);
        var again = await _forge.OpenAsync(Repository, "feature/T-1", "main", "A", "text", None);
        Assert.Equal((false, true, made.PullRequest.Number, head), (made.Existed, again.Existed, again.PullRequest.Number, made.PullRequest.Head));
        Assert.Equal(made.PullRequest.Number, (await _forge.FindByBranchAsync(Repository, "feature/T-1", "main", None))!.Number);

        var merged = await _forge.MergeAsync(Repository, made.PullRequest.Number, head, deleteBranch: true, None);
        var base1 = await _repository.HeadAsync("main");
        var second = await _forge.MergeAsync(Repository, made.PullRequest.Number, head, deleteBranch: true, None);

        Assert.Equal((MergeResult.Merged, MergeResult.AlreadyMerged), (merged.Result, second.Result));
        Assert.Equal((PullRequestState.Merged, base1, head), (second.PullRequest!.State, second.PullRequest.MergeCommit, second.PullRequest.Head));
        Assert.Equal(base1, await _repository.HeadAsync("main"));
        Assert.Null(await _forge.BranchAsync(Repository, "feature/T-1", None));
        Assert.False(await _forge.DeleteBranchAsync(Repository, "feature/T-1", None));
    }

    [Fact]
    [Trait("Requirement", "MRG-2")]
    public async Task What_was_pushed_after_the_gates_is_not_merged()
    {
        var head = await _repository.PushAsync("feature/T-1", "main", "a", "a\n");
        var number = (await _forge.OpenAsync(Repository, "feature/T-1", "main", "A", "", None)).PullRequest.Number;
        var before = await _repository.HeadAsync("main");
        await _repository.PushAsync("feature/T-1", null, "a", "sneaked in\n");

        var outcome = await _forge.MergeAsync(Repository, number, head, deleteBranch: false, None);

        Assert.Equal((MergeResult.HeadMoved, false), (outcome.Result, outcome.IsMerged));
        Assert.Equal(before, await _repository.HeadAsync("main"));
        await Assert.ThrowsAsync<ArgumentException>(() => _forge.MergeAsync(Repository, number, head[..12], deleteBranch: false, None));
    }

    [Fact]
    [Trait("Requirement", "MRG-3")]
    public async Task A_conflict_is_told_and_moves_nothing_and_a_closed_one_is_gone()
    {
        var head = await _repository.PushAsync("feature/T-1", "main", "README", "mine\n");
        var other = await _repository.PushAsync("feature/T-2", "main", "b", "b\n");
        var (one, two) = ((await _forge.OpenAsync(Repository, "feature/T-1", "main", "A", "", None)).PullRequest.Number, (await _forge.OpenAsync(Repository, "feature/T-2", "main", "B", "", None)).PullRequest.Number);
        var main = await _repository.PushAsync("main", null, "README", "theirs\n");

        Assert.Equal(MergeResult.Conflict, (await _forge.MergeAsync(Repository, one, head, false, None)).Result);
        Assert.False((await _forge.FindAsync(Repository, one, None))!.Mergeable);
        Assert.Equal(MergeResult.NotMergeableYet, (await _forge.MergeAsync(Repository, one, head, false, None)).Result);
        await _gitea.CloseAsync(Repository, two, "ada");
        Assert.Equal(MergeResult.Gone, (await _forge.MergeAsync(Repository, two, other, false, None)).Result);
        Assert.Equal(MergeResult.Gone, (await _forge.MergeAsync(Repository, 99, other, false, None)).Result);
        Assert.Equal(main, await _repository.HeadAsync("main"));
    }

    [Fact]
    public async Task While_the_server_checks_it_says_later_and_after_each_merge_it_checks_the_others_anew()
    {
        var (first, second) = (await _repository.PushAsync("a", "main", "a", "a\n"), await _repository.PushAsync("b", "main", "b", "b\n"));
        var (one, two) = ((await _forge.OpenAsync(Repository, "a", "main", "A", "", None)).PullRequest.Number, (await _forge.OpenAsync(Repository, "b", "main", "B", "", None)).PullRequest.Number);
        _gitea.LooksWhileChecking = 2;

        Assert.True((await _forge.MergeAsync(Repository, one, first, false, None)).IsMerged);
        Assert.False((await _forge.FindAsync(Repository, two, None))!.Mergeable);
        Assert.Equal(MergeResult.NotMergeableYet, (await _forge.MergeAsync(Repository, two, second, false, None)).Result);
        Assert.True((await _forge.FindAsync(Repository, two, None))!.Mergeable);
        Assert.True((await _forge.MergeAsync(Repository, two, second, false, None)).IsMerged);
    }

    [Theory]
    [Trait("Requirement", "MRG-2")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_merge_whose_answer_is_lost_is_looked_up_and_never_repeated_blindly(bool carriedOut)
    {
        var head = await _repository.PushAsync("a", "main", "a", "a\n");
        var number = (await _forge.OpenAsync(Repository, "a", "main", "A", "", None)).PullRequest.Number;
        _gitea.Fail("POST", "/merge", new StandInFault.Cut(carriedOut));

        if (carriedOut)
            Assert.Equal(MergeResult.AlreadyMerged, (await _forge.MergeAsync(Repository, number, head, false, None)).Result);
        else
            Assert.Equal(RemoteFault.Unavailable, (await Assert.ThrowsAsync<RemoteException>(() => _forge.MergeAsync(Repository, number, head, false, None))).Fault);

        Assert.Single(_gitea.Journal, request => request is { Method: "POST" } && request.Path.EndsWith("/merge", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Requirement", "MRG-2")]
    public async Task A_server_without_words_is_not_believed_before_the_pull_request_was_looked_at()
    {
        var head = await _repository.PushAsync("a", "main", "a", "a\n");
        var number = (await _forge.OpenAsync(Repository, "a", "main", "A", "", None)).PullRequest.Number;
        _gitea.Fail("POST", "/merge", new StandInFault.Answer(405, """{"message":""}"""));

        Assert.Equal(MergeResult.NotMergeableYet, (await _forge.MergeAsync(Repository, number, head, false, None)).Result);
        Assert.Equal(MergeResult.Merged, (await _forge.MergeAsync(Repository, number, head, false, None)).Result);
    }

    [Fact]
    public async Task A_pull_request_whose_opening_was_not_answered_is_found()
    {
        await _repository.PushAsync("a", "main", "a", "a\n");
        _gitea.Fail("POST", "/pulls", new StandInFault.Cut(CarriedOut: true));

        Assert.Equal(1, (await _forge.OpenAsync(Repository, "a", "main", "A", "", None)).PullRequest.Number);
        Assert.Single(await _forge.OpenAsync(Repository, None));
    }

    [Fact]
    public async Task Reviews_count_for_the_head_that_they_saw()
    {
        var head = await _repository.PushAsync("a", "main", "a", "a\n");
        var number = (await _forge.OpenAsync(Repository, "a", "main", "A", "", None)).PullRequest.Number;
        await _gitea.ReviewAsync(Repository, number, "ada", "COMMENT", "hm");
        await _gitea.ReviewAsync(Repository, number, "ada", "APPROVED");

        Assert.True(Verdict.Of(await _forge.ReviewsAsync(Repository, number, None), head, officialOnly: true).IsApproved);
        var moved = await _repository.PushAsync("a", null, "a", "b\n");
        Assert.False(Verdict.Of(await _forge.ReviewsAsync(Repository, number, None), moved, officialOnly: true).IsApproved);
        await _gitea.ReviewAsync(Repository, number, "ben", "REQUEST_CHANGES", "no");
        Assert.Equal("no", Assert.Single(Verdict.Of(await _forge.ReviewsAsync(Repository, number, None), moved, officialOnly: true).Rejections).Text);
    }

    [Fact]
    public async Task Statuses_are_set_once_and_none_at_all_is_no_success()
    {
        var head = await _repository.HeadAsync("main");
        Assert.Equal(ChecksState.None, (await _forge.StatusAsync(Repository, head, None)).Of([]));

        await _forge.SetStatusAsync(Repository, head, new("orchestrator/gate", StatusState.Pending), None);
        await _forge.SetStatusAsync(Repository, head, new("orchestrator/gate", StatusState.Success, "all green"), None);
        await _forge.SetStatusAsync(Repository, head, new("orchestrator/gate", StatusState.Success, "all green"), None);
        await _gitea.StatusAsync(Repository, head, "ci / test", "failure");

        Assert.Equal(2, _gitea.Journal.Count(request => request.Method == "POST"));
        var status = await _forge.StatusAsync(Repository, head, None);
        Assert.Equal((ChecksState.Passed, ChecksState.Failed), (status.Of(["orchestrator/gate"]), status.Of([])));
    }

    [Fact]
    public async Task A_comment_is_written_once_for_its_key_and_who_quotes_its_mark_changes_nothing()
    {
        await _repository.PushAsync("a", "main", "a", "a\n");
        var number = (await _forge.OpenAsync(Repository, "a", "main", "A", "", None)).PullRequest.Number;
        await _gitea.CommentAsync(Repository, number, "mallory", "<!-- orchestrator run:7 -->\nquoted");

        var first = await _forge.CommentAsync(Repository, number, "run:7", "done", None);
        var again = await _forge.CommentAsync(Repository, number, "run:7", "done", None);
        var other = await _forge.CommentAsync(Repository, number, "run:70", "done", None);

        Assert.Equal((false, true, first.Id, false), (first.Existed, again.Existed, again.Id, other.Existed));
        Assert.Equal(3, (await _forge.CommentsAsync(Repository, number, null, None)).Count);
        await Assert.ThrowsAsync<ArgumentException>(() => _forge.CommentAsync(Repository, number, "a --> b", "x", None));
    }

    [Fact]
    public async Task Lists_are_read_to_their_last_page()
    {
        for (var i = 0; i < 3; i++)
            await _repository.PushAsync($"b{i}", "main", $"f{i}", "x\n");
        for (var i = 0; i < 3; i++)
            await _forge.OpenAsync(Repository, $"b{i}", "main", "A", "", None);
        var head = await _repository.HeadAsync("main");
        for (var i = 0; i < 120; i++)
            await _gitea.StatusAsync(Repository, head, $"c{i}", "success");

        Assert.Equal(3, (await _forge.OpenAsync(Repository, None)).Count);
        Assert.Equal(120, (await _forge.StatusAsync(Repository, head, None)).Statuses.Count);
    }

    [Fact]
    public async Task A_branch_with_a_slash_is_one_name()
    {
        var head = await _repository.PushAsync("feature/a/b", "main", "a", "a\n");

        Assert.Equal(new Branch("feature/a/b", head, false), await _forge.BranchAsync(Repository, "feature/a/b", None));
        Assert.True(await _forge.DeleteBranchAsync(Repository, "feature/a/b", None));
        Assert.Equal(RemoteFault.Forbidden, (await Assert.ThrowsAsync<RemoteException>(() => _forge.DeleteBranchAsync(Repository, "main", None))).Fault);
        await Assert.ThrowsAsync<ArgumentException>(() => _forge.BranchAsync("../engine", "main", None));
    }

    [Fact]
    public async Task Preflight_tells_version_and_user_and_a_wrong_token_is_told_from_a_server_that_is_away()
    {
        Assert.Equal(new ForgeIdentity("1.26.0+stand-in", "the-bot"), await _forge.PreflightAsync(None));

        var refused = await Assert.ThrowsAsync<RemoteException>(() => Servers.ClientOf(_gitea, token: "wrong-secret").PreflightAsync(None));
        Assert.Equal(RemoteFault.Unauthorized, refused.Fault);
        Assert.DoesNotContain("wrong-secret", refused.ToString(), StringComparison.Ordinal);
        await _gitea.DisposeAsync();
        Assert.Equal(RemoteFault.Unavailable, (await Assert.ThrowsAsync<RemoteException>(() => _forge.PreflightAsync(None))).Fault);
        await _repository.GitAsync(_repository.Bare, "fsck", "--no-progress");
    }

    [Theory]
    [InlineData(500, "GET", 3)]
    [InlineData(502, "GET", 3)]
    [InlineData(403, "GET", 1)]
    public async Task A_passing_failure_of_a_look_is_repeated_and_others_are_not(int status, string method, int tries)
    {
        _gitea.Fail(method, "/pulls/1", new StandInFault.Answer(status, """{"message":"no"}"""), times: 9);

        await Assert.ThrowsAsync<RemoteException>(() => _forge.FindAsync(Repository, 1, None));

        Assert.Equal(tries, _gitea.Journal.Count);
    }

    [Fact]
    public async Task A_change_is_not_repeated_after_a_failure_but_after_a_refusal_for_now()
    {
        await _repository.PushAsync("a", "main", "a", "a\n");
        var number = (await _forge.OpenAsync(Repository, "a", "main", "A", "", None)).PullRequest.Number;
        _gitea.Fail("POST", "/comments", new StandInFault.Answer(429, "{}", RetryAfter: "0"));
        Assert.Equal(RemoteFault.RateLimited, (await Assert.ThrowsAsync<RemoteException>(() => Servers.ClientOf(_gitea, new RemoteOptions { MaxWait = TimeSpan.Zero }).CommentAsync(Repository, number, "k0", "x", None))).Fault);
        _gitea.Fail("POST", "/comments", new StandInFault.Answer(429, "{}", RetryAfter: "1"));
        Assert.False((await _forge.CommentAsync(Repository, number, "k1", "x", None)).Existed);
        _gitea.Fail("POST", "/comments", new StandInFault.Answer(500, "{}"));

        Assert.Equal(RemoteFault.Unavailable, (await Assert.ThrowsAsync<RemoteException>(() => _forge.CommentAsync(Repository, number, "k2", "x", None))).Fault);
        Assert.Single(await _forge.CommentsAsync(Repository, number, null, None));
    }

    [Fact]
    [Trait("Requirement", "SEC-4")]
    public async Task Answers_are_bounded_in_time_and_size_and_must_be_JSON()
    {
        _gitea.Fail("GET", "/pulls/1", new StandInFault.Slow(TimeSpan.FromSeconds(30)));
        var slow = Servers.ClientOf(_gitea, new RemoteOptions { Timeout = TimeSpan.FromMilliseconds(300), Tries = 1 });
        Assert.Equal(RemoteFault.TimedOut, (await Assert.ThrowsAsync<RemoteException>(() => slow.FindAsync(Repository, 1, None))).Fault);

        _gitea.Fail("GET", "/pulls/1", new StandInFault.Answer(200, $$"""{"number":1,"title":"{{new string('x', 100_000)}}"}"""));
        var small = Servers.ClientOf(_gitea, new RemoteOptions { MaxAnswerBytes = 65536 });
        var large = await Assert.ThrowsAsync<RemoteException>(() => small.FindAsync(Repository, 1, None));
        Assert.Equal((RemoteFault.Unreadable, true), (large.Fault, large.Message.Contains("more than 65536 bytes", StringComparison.Ordinal)));

        _gitea.Fail("GET", "/pulls/1", new StandInFault.Answer(200, "[]"));
        Assert.Equal(RemoteFault.Unreadable, (await Assert.ThrowsAsync<RemoteException>(() => _forge.FindAsync(Repository, 1, None))).Fault);
        _gitea.Fail("GET", "/pulls/1", new StandInFault.Answer(302, "{}"));
        Assert.Equal(RemoteFault.Refused, (await Assert.ThrowsAsync<RemoteException>(() => _forge.FindAsync(Repository, 1, None))).Fault);
    }
}
