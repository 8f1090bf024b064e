using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Persistence.Merging;
using Orchestrator.Service.Delivery.Git;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Merging;
using Orchestrator.Tests.Delivery.Git;

namespace Orchestrator.Tests.Delivery.Merging;

/// <summary>Merges driven to their end, with real repositories and a real database; only the forge is a stand-in, which merges in the real remote.</summary>
public sealed class MergerTests : IAsyncLifetime
{
    private const string Branch = "task/1";
    private const long Number = 7;

    private readonly GitScene _scene = new();
    private readonly MergingOptions _options = new() { Polls = 3, Retries = 2 };
    private readonly Guid _task = Guid.NewGuid();
    private MergeDatabase _database = null!;
    private Guid _node;
    private StandInForge _forge = null!;

    public async Task InitializeAsync()
    {
        _database = await MergeDatabase.CreateAsync();
        _node = await _database.NodeAsync();
        await _database.TaskAsync(_task, step: 1);
        _forge = new StandInForge(_scene, Branch);
    }

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        _scene.Dispose();
    }

    [Fact]
    [Trait("Requirement", "MRG-2")]
    public async Task A_branch_that_is_up_to_date_is_merged_without_a_rebase_and_a_second_drive_does_nothing()
    {
        var head = _scene.PersonCommits("mine.txt", "mine\n", Branch);

        var first = Assert.IsType<MergeStep.Finalize>(await DriveAsync(head));
        var main = _scene.RemoteTip("main");
        var second = Assert.IsType<MergeStep.Finalize>(await DriveAsync(head));

        Assert.Equal((main, main, 1), (first.Commit, second.Commit, _forge.Merges));
        Assert.Equal((head, main), (_scene.RemoteTip(Branch), _scene.RemoteTip("main")));
        Assert.Equal(head, GitScene.Run(_scene.Remote, "rev-parse", "main^2"));
        Assert.Empty(await MergeLedger.HeldAsync(_database.Source, CancellationToken.None));
    }

    [Fact]
    [Trait("Requirement", "MRG-2")]
    public async Task A_merge_whose_answer_was_lost_is_found_and_not_repeated()
    {
        var head = _scene.PersonCommits("mine.txt", "mine\n", Branch);
        _forge.LoseAnswers = true;

        Assert.IsType<MergeStep.Retry>(await DriveAsync(head));
        _forge.LoseAnswers = false;

        Assert.IsType<MergeStep.Finalize>(await DriveAsync(head));
        Assert.Equal(1, _forge.Merges);
    }

    [Fact]
    [Trait("Requirement", "MRG-2")]
    public async Task A_forge_that_says_merged_and_did_not_is_not_believed()
    {
        var head = _scene.PersonCommits("mine.txt", "mine\n", Branch);
        _forge.Answer = new MergeAnswer(MergeResult.Merged, "");

        Assert.Contains("a look shows an open pull request", Assert.IsType<MergeStep.Retry>(await DriveAsync(head)).Why, StringComparison.Ordinal);
        _forge.Answer = null;

        Assert.IsType<MergeStep.Finalize>(await DriveAsync(head));
        Assert.Equal(1, _forge.Merges);
    }

    [Fact]
    [Trait("Requirement", "MRG-2")]
    public async Task A_branch_behind_its_base_is_rebased_passes_its_gates_again_and_is_merged()
    {
        var head = _scene.PersonCommits("mine.txt", "mine\n", Branch);
        var onto = _scene.PersonCommits("theirs.txt", "theirs\n");

        var again = Assert.IsType<MergeStep.RunGates>(await DriveAsync(head));
        var repeated = Assert.IsType<MergeStep.RunGates>(await DriveAsync(head)); // the drive died before anybody heard of it

        Assert.Equal((again.Head, again.Head, 0), (repeated.Head, _scene.RemoteTip(Branch), _forge.Merges));
        Assert.Equal(onto, GitScene.Run(_scene.Remote, "rev-parse", $"{Branch}^"));
        Assert.IsType<MergeStep.Finalize>(await DriveAsync(again.Head));
        Assert.Equal("mine", _scene.RemoteFile("main", "mine.txt"));
    }

    [Fact]
    [Trait("Requirement", "MRG-2")]
    public async Task It_is_merged_at_once_after_a_rebase_where_the_settings_say_so()
    {
        _options.GatesAfterRebase = false;
        var head = _scene.PersonCommits("mine.txt", "mine\n", Branch);
        _scene.PersonCommits("theirs.txt", "theirs\n");

        Assert.IsType<MergeStep.Finalize>(await DriveAsync(head));

        Assert.Equal(("mine", "theirs"), (_scene.RemoteFile("main", "mine.txt"), _scene.RemoteFile("main", "theirs.txt")));
    }

    [Fact]
    [Trait("Requirement", "MRG-3")]
    public async Task A_conflict_goes_back_to_development_with_its_files_and_changes_nothing()
    {
        var head = _scene.PersonCommits("README.md", "mine\n", Branch);
        var main = _scene.PersonCommits("README.md", "theirs\n");

        var note = Assert.IsType<MergeStep.Bounce>(await DriveAsync(head)).Note;

        Assert.Contains("- README.md\n", note, StringComparison.Ordinal);
        Assert.Contains($"git rebase {main}\n", note, StringComparison.Ordinal);
        Assert.Equal((head, main, 0), (_scene.RemoteTip(Branch), _scene.RemoteTip("main"), _forge.Merges));
        Assert.Equal(new MergeSpent(0, 0), await MergeLedger.SpentAsync(_database.Source, _task, 1, CancellationToken.None));
        Assert.Empty(await MergeLedger.HeldAsync(_database.Source, CancellationToken.None));
    }

    [Fact]
    [Trait("Requirement", "MRG-3")]
    public async Task Lines_that_a_rebase_would_lose_go_back_to_development()
    {
        var dropped = _scene.PersonCommits("CHANGELOG.md", "- mine\n", Branch);
        GitScene.Run(_scene.Person, "checkout", "--quiet", "-B", "main", "origin/main");
        GitScene.Run(_scene.Person, "cherry-pick", "-x", dropped);
        GitScene.Run(_scene.Person, "revert", "--no-edit", "HEAD");
        GitScene.Run(_scene.Person, "push", "--quiet", "origin", "main");
        var head = _scene.PersonCommits("more.txt", "more\n", Branch);

        var note = Assert.IsType<MergeStep.Bounce>(await DriveAsync(head)).Note;

        Assert.Contains("- CHANGELOG.md: - mine\n", note, StringComparison.Ordinal);
        Assert.Equal((head, 0), (_scene.RemoteTip(Branch), _forge.Merges));
    }

    [Fact]
    [Trait("Requirement", "MRG-1")]
    public async Task While_another_task_merges_nothing_is_done()
    {
        var head = _scene.PersonCommits("mine.txt", "mine\n", Branch);
        await using var other = Assert.IsType<LeaseAsked.Taken>(await Leases().TakeAsync(GitScene.Repository, Guid.NewGuid(), CancellationToken.None)).Lease;

        Assert.IsType<MergeStep.Wait>(await DriveAsync(head));

        Assert.Equal(0, _forge.Merges);
        Assert.True(await other.HoldsAsync(CancellationToken.None));
        Assert.Equal(new MergeSpent(0, 0), await MergeLedger.SpentAsync(_database.Source, _task, 1, CancellationToken.None));
    }

    /// <summary>A process that stood still while another took its lease: it must neither push nor merge.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Requirement", "MRG-1")]
    public async Task Without_the_lease_nothing_is_pushed_or_merged(bool behind)
    {
        var head = _scene.PersonCommits("mine.txt", "mine\n", Branch);
        if (behind)
            _scene.PersonCommits("theirs.txt", "theirs\n");
        // Somebody takes the lease while this one fetches: the remote's own program, run by the fetch, can't; so the next fetch stands still, behind the mirror's lock.
        var mirror = await _scene.Repositories.FetchAsync(GitScene.Repository, CancellationToken.None);
        var stalled = await FolderLock.TakeAsync(mirror.Path + ".lock", TimeProvider.System, CancellationToken.None);
        var driving = DriveAsync(head);
        await Infrastructure.Eventually.IsAsync(() => MergeLedger.HeldAsync(_database.Source, CancellationToken.None), held => held.Count == 1, "it holds the lease");
        await _database.LetRunOutAsync(GitScene.Repository);
        await using var thief = Assert.IsType<LeaseAsked.Taken>(await Leases().TakeAsync(GitScene.Repository, Guid.NewGuid(), CancellationToken.None)).Lease;
        stalled.Dispose();

        Assert.IsType<MergeStep.Wait>(await driving);

        Assert.Equal((head, 0), (_scene.RemoteTip(Branch), _forge.Merges));
        Assert.True(await thief.HoldsAsync(CancellationToken.None)); // the loser gave back nothing that is not its own
    }

    [Fact]
    [Trait("Requirement", "MRG-2")]
    public async Task A_push_after_the_gates_is_never_merged_or_overwritten()
    {
        var head = _scene.PersonCommits("mine.txt", "mine\n", Branch);
        var later = _scene.PersonCommits("later.txt", "later\n", Branch);

        Assert.Equal(later, Assert.IsType<MergeStep.RunGates>(await DriveAsync(head)).Head);

        Assert.Equal((later, 0), (_scene.RemoteTip(Branch), _forge.Merges));
    }

    /// <summary>The push comes while the branch is being rebased: after the look, before our own push.</summary>
    [Fact]
    [Trait("Requirement", "MRG-2")]
    public async Task A_push_during_the_rebase_is_not_overwritten()
    {
        var head = _scene.PersonCommits("mine.txt", "mine\n", Branch);
        var onto = _scene.PersonCommits("theirs.txt", "theirs\n");
        var mirror = await _scene.Repositories.FetchAsync(GitScene.Repository, CancellationToken.None);
        var later = _scene.PersonCommits("later.txt", "later\n", Branch);
        await _scene.Repositories.FetchAsync(GitScene.Repository, CancellationToken.None); // a fetch in the background, which a lease without a hash would believe

        var stale = Assert.IsType<PushEnd.Stale>(await _scene.Pushes.PushAsync(mirror, mirror.Path, Branch, onto, head, CancellationToken.None));

        Assert.Equal((later, later), (stale.Found, _scene.RemoteTip(Branch)));
    }

    [Fact]
    [Trait("Requirement", "MRG-2")]
    public async Task What_somebody_pushed_into_the_base_is_merged()
    {
        var head = _scene.PersonCommits("mine.txt", "mine\n", Branch);
        GitScene.Run(_scene.Person, "push", "--quiet", "origin", $"{head}:refs/heads/main");
        _scene.PersonCommits("theirs.txt", "theirs\n");

        Assert.IsType<MergeStep.Finalize>(await DriveAsync(head));

        Assert.Equal((0, head), (_forge.Merges, _scene.RemoteTip(Branch)));
    }

    [Fact]
    [Trait("Requirement", "MRG-2")]
    public async Task A_forge_that_is_not_ready_is_asked_again_and_not_for_ever()
    {
        var head = _scene.PersonCommits("mine.txt", "mine\n", Branch);
        _forge.Answer = new MergeAnswer(MergeResult.NotMergeableYet, "Please try again later");

        for (var poll = 1; poll <= _options.Polls; poll++)
        {
            Assert.Equal(_options.PollInterval, Assert.IsType<MergeStep.Wait>(await DriveAsync(head)).For);
            Assert.Equal(new MergeSpent(poll, 0), await MergeLedger.SpentAsync(_database.Source, _task, 1, CancellationToken.None));
        }

        Assert.IsType<MergeStep.Hold>(await DriveAsync(head));
    }

    [Fact]
    [Trait("Requirement", "MRG-3")]
    public async Task A_base_that_moved_into_a_conflict_while_the_forge_checks_is_found_by_git()
    {
        var head = _scene.PersonCommits("README.md", "mine\n", Branch);
        _forge.Answer = new MergeAnswer(MergeResult.NotMergeableYet, "Please try again later");
        _forge.BeforeAnswer = () => _scene.PersonCommits("README.md", "theirs\n");
        await _database.ExecuteAsync("INSERT INTO orchestrator.merge_progress (task, step, polls, retries) VALUES ($1, 1, 3, 0)", _task);

        Assert.Contains("README.md", Assert.IsType<MergeStep.Bounce>(await DriveAsync(head)).Note, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "MRG-2")]
    public async Task A_remote_that_is_away_is_asked_again_and_one_that_is_nowhere_is_held()
    {
        var head = _scene.PersonCommits("mine.txt", "mine\n", Branch);
        _scene.Options.Remote = "http://127.0.0.1:9/{repository}.git";
        Assert.IsType<MergeStep.Retry>(await DriveAsync(head));

        _scene.Options.Remote = _scene.At("none/{repository}.git");
        Assert.IsType<MergeStep.Hold>(await DriveAsync(head));
    }

    private Task<MergeStep> DriveAsync(string gated)
    {
        var rebaser = new Rebaser(_scene.Options, _scene.Runner, _scene.Repositories, TimeProvider.System, NullLogger<Rebaser>.Instance);
        var merger = new Merger(_database.Source, Leases(), _forge, _scene.Repositories, rebaser, _scene.Pushes, new MergeProbe(_scene.Runner, _scene.Repositories), _options, NullLogger<Merger>.Instance);
        return merger.DriveAsync(new MergeWork(_task, 1, GitScene.Repository, Branch, Number, gated), CancellationToken.None);
    }

    private MergeLeases Leases() => new(_database.Source, new NamedNode(_node), _options, TimeProvider.System, NullLogger<MergeLeases>.Instance);

    /// <summary>Merges like a forge: only the head that it is told, in the remote itself.</summary>
    private sealed class StandInForge(GitScene scene, string branch) : IMergeForge
    {
        private string? _merged;

        public int Merges { get; private set; }

        public bool LoseAnswers { get; set; }

        public MergeAnswer? Answer { get; set; }

        public Action? BeforeAnswer { get; set; }

        public Task<PullLook> LookAsync(string repository, long pullRequest, CancellationToken cancellation) => Task.FromResult<PullLook>(
            LoseAnswers && _merged is not null ? new PullLook.Unavailable("lost") : new PullLook.Found(new PullState(_merged is not null, _merged is null, Mergeable: true, scene.RemoteTip(branch), "main", _merged)));

        public Task<MergeAnswer> MergeAsync(string repository, long pullRequest, string head, CancellationToken cancellation)
        {
            BeforeAnswer?.Invoke();
            if (Answer is not null)
                return Task.FromResult(Answer);
            if (_merged is not null)
                return Task.FromResult(new MergeAnswer(MergeResult.AlreadyMerged));
            if (scene.RemoteTip(branch) != head)
                return Task.FromResult(new MergeAnswer(MergeResult.HeadMoved, "head out of date"));
            Merges++;
            GitScene.Run(scene.Person, "fetch", "--quiet", "origin");
            GitScene.Run(scene.Person, "checkout", "--quiet", "-B", "main", "origin/main");
            GitScene.Run(scene.Person, "merge", "--quiet", "--no-ff", "--no-edit", head);
            GitScene.Run(scene.Person, "push", "--quiet", "origin", "main");
            _merged = scene.RemoteTip("main");
            return Task.FromResult(LoseAnswers ? new MergeAnswer(MergeResult.Unavailable, "lost") : new MergeAnswer(MergeResult.Merged, "", _merged));
        }
    }
}
