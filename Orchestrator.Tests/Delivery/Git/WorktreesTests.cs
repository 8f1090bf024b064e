using System.Diagnostics;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Git;

namespace Orchestrator.Tests.Delivery.Git;

/// <summary>The worktree of a task from its making to its removal, with all that agents and crashes leave in it.</summary>
[Trait("Requirement", "FLOW-3")]
public sealed class WorktreesTests : IDisposable
{
    private readonly GitScene _scene = new();

    private Worktrees Worktrees => _scene.Worktrees;

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task A_task_begins_at_the_base_and_ends_pushed()
    {
        var task = GitScene.Task();

        var prepared = await Worktrees.PrepareAsync(task, CancellationToken.None);
        GitScene.Write(prepared.Path, "a.txt", "a\n");
        GitScene.Write(prepared.Path, ".task/prompt.md", "secret plans\n");
        var head = await Worktrees.CommitAsync(task, "What the agent left\n\nWith words.", CancellationToken.None);
        var pushed = await Worktrees.PushAsync(task, CancellationToken.None);
        var again = await Worktrees.PushAsync(task, CancellationToken.None);

        Assert.Equal((true, _scene.RemoteTip("main"), false), (prepared.Created, prepared.Head, prepared.Uncommitted));
        Assert.IsType<PushEnd.Pushed>(pushed);
        Assert.IsType<PushEnd.Unchanged>(again);
        Assert.Equal(head, _scene.RemoteTip(task.Branch));
        Assert.Equal("Orchestrator|What the agent left", GitScene.Run(_scene.Remote, "log", "-1", "--format=%an|%s", task.Branch));
        Assert.Equal("README.md\na.txt", GitScene.Run(_scene.Remote, "ls-tree", "-r", "--name-only", task.Branch));
        Assert.True(File.Exists(Path.Combine(prepared.Path, ".task/prompt.md")));
    }

    [Fact]
    public async Task A_task_that_began_elsewhere_goes_on_from_its_pushed_branch()
    {
        var task = GitScene.Task();
        var pushed = _scene.PersonCommits("a.txt", "a\n", task.Branch);

        Assert.Equal(pushed, (await Worktrees.PrepareAsync(task, CancellationToken.None)).Head);
    }

    [Fact]
    public async Task A_task_that_went_on_elsewhere_and_comes_back_has_all_of_it()
    {
        using var other = _scene.OtherHost();
        var task = GitScene.Task();
        await WorkAsync(_scene, task, "here.txt");
        var there = await WorkAsync(other, Next(task), "there.txt");

        var back = await Worktrees.PrepareAsync(Next(Next(task)), CancellationToken.None);

        Assert.Equal((there, false), (back.Head, back.Created));
        Assert.True(File.Exists(Path.Combine(back.Path, "there.txt")));
    }

    [Fact]
    public async Task Uncommitted_work_of_the_same_step_is_kept_and_of_another_put_aside()
    {
        var task = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        GitScene.Write(path, "half.txt", "half\n");
        GitScene.Write(path, "README.md", "changed\n");

        Assert.True((await Worktrees.PrepareAsync(task, CancellationToken.None)).Uncommitted);
        Assert.Equal("half\n", await File.ReadAllTextAsync(Path.Combine(path, "half.txt")));

        Assert.False((await Worktrees.PrepareAsync(Next(task), CancellationToken.None)).Uncommitted);
        Assert.False(File.Exists(Path.Combine(path, "half.txt")));
        Assert.Equal("hello\n", await File.ReadAllTextAsync(Path.Combine(path, "README.md")));
        var kept = Assert.Single(Left(task));
        Assert.Equal(("half", "changed"), (GitScene.Run(path, "show", $"{kept}:half.txt"), GitScene.Run(path, "show", $"{kept}:README.md")));
    }

    [Theory]
    [InlineData("rebase")]
    [InlineData("merge")]
    [InlineData("cherry-pick")]
    public async Task Something_half_done_is_ended(string operation)
    {
        var task = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        GitScene.Write(path, "README.md", "mine\n");
        var mine = await Worktrees.CommitAsync(task, "Mine", CancellationToken.None);
        _scene.PersonCommits("README.md", "theirs\n");
        GitScene.Run(path, "fetch", "--quiet", "origin");
        Assert.NotEqual(0, GitScene.Try(path, operation, "origin/main").Code);
        Assert.Contains("UU README.md", GitScene.Run(path, "status", "--porcelain"), StringComparison.Ordinal);

        var prepared = await Worktrees.PrepareAsync(task, CancellationToken.None);

        Assert.Equal((mine, false), (prepared.Head, prepared.Uncommitted));
        Assert.Equal($"refs/heads/{task.Branch}", GitScene.Run(path, "symbolic-ref", "HEAD"));
        Assert.Equal("mine\n", await File.ReadAllTextAsync(Path.Combine(path, "README.md")));
    }

    [Fact]
    public async Task Conflict_marks_are_never_committed()
    {
        var task = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        GitScene.Write(path, "README.md", "mine\n");
        await Worktrees.CommitAsync(task, "Mine", CancellationToken.None);
        _scene.PersonCommits("README.md", "theirs\n");
        GitScene.Run(path, "fetch", "--quiet", "origin");
        GitScene.Try(path, "merge", "origin/main");

        var head = await Worktrees.CommitAsync(task, "Left over", CancellationToken.None);

        Assert.Equal("mine", GitScene.Run(path, "show", $"{head}:README.md"));
    }

    [Fact]
    public async Task A_lock_file_is_removed_once_nobody_works_there()
    {
        var task = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        var index = GitScene.Run(path, "rev-parse", "--path-format=absolute", "--git-path", "index.lock");
        await File.WriteAllTextAsync(index, "");
        GitScene.Write(path, "a.txt", "a\n");
        using (var living = Process.Start(new ProcessStartInfo("sleep", "600") { WorkingDirectory = path })!)
        {
            var busy = await Assert.ThrowsAsync<GitFailedException>(() => Worktrees.CommitAsync(task, "x", CancellationToken.None));
            Assert.Equal(GitFault.Busy, busy.Fault);
            Assert.True(File.Exists(index));
            living.Kill();
            await living.WaitForExitAsync();
        }

        await Worktrees.CommitAsync(task, "x", CancellationToken.None);

        Assert.False(File.Exists(index));
    }

    [Fact]
    public async Task Work_off_the_branch_is_taken_in_if_it_goes_on_from_it_and_kept_aside_if_not()
    {
        var task = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        GitScene.Run(path, "checkout", "--quiet", "-b", "my-own-idea");
        GitScene.Write(path, "a.txt", "a\n");

        var head = await Worktrees.CommitAsync(task, "On another branch", CancellationToken.None);
        Assert.Equal(head, GitScene.Run(path, "rev-parse", $"refs/heads/{task.Branch}"));
        Assert.Equal($"refs/heads/{task.Branch}", GitScene.Run(path, "symbolic-ref", "HEAD"));

        GitScene.Run(path, "checkout", "--quiet", "--detach", "origin/main");
        GitScene.Write(path, "b.txt", "b\n");
        Assert.Equal(head, await Worktrees.CommitAsync(task, "Beside the branch", CancellationToken.None));
        Assert.Equal("b", GitScene.Run(path, "show", $"{Assert.Single(Left(task))}:b.txt"));
        Assert.False(File.Exists(Path.Combine(path, "b.txt")));
    }

    [Fact]
    public async Task Notes_that_an_agent_adds_by_force_are_not_published()
    {
        var task = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        GitScene.Write(path, ".task/prompt.md", "secret plans\n");
        GitScene.Write(path, "a.txt", "a\n");
        GitScene.Run(path, "add", "--force", ".task");

        var head = await Worktrees.CommitAsync(task, "x", CancellationToken.None);

        Assert.Equal("README.md\na.txt", GitScene.Run(path, "ls-tree", "-r", "--name-only", head));
        Assert.True(File.Exists(Path.Combine(path, ".task/prompt.md")));
    }

    [Fact]
    public async Task A_branch_that_an_ended_task_holds_is_taken_from_it_and_its_files_stay()
    {
        var ended = GitScene.Task();
        var old = (await Worktrees.PrepareAsync(ended, CancellationToken.None)).Path;
        GitScene.Write(old, "left.txt", "left\n");

        var taken = await Worktrees.PrepareAsync(GitScene.Task(ended.Branch), CancellationToken.None);

        Assert.NotEqual(old, taken.Path);
        Assert.Equal($"refs/heads/{ended.Branch}", GitScene.Run(taken.Path, "symbolic-ref", "HEAD"));
        Assert.NotEqual(0, GitScene.Try(old, "symbolic-ref", "--quiet", "HEAD").Code);
        Assert.Equal("left\n", await File.ReadAllTextAsync(Path.Combine(old, "left.txt")));
    }

    [Fact]
    public async Task A_branch_in_a_worktree_that_somebody_works_in_is_not_taken()
    {
        var first = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(first, CancellationToken.None)).Path;
        using var living = Process.Start(new ProcessStartInfo("sleep", "600") { WorkingDirectory = path })!;
        try
        {
            var busy = await Assert.ThrowsAsync<GitFailedException>(() => Worktrees.PrepareAsync(GitScene.Task(first.Branch), CancellationToken.None));
            Assert.Equal(GitFault.Busy, busy.Fault);
            Assert.Contains(path, busy.Message, StringComparison.Ordinal);
        }
        finally
        {
            living.Kill();
            await living.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task A_push_overwrites_nothing_that_somebody_else_pushed()
    {
        var task = GitScene.Task();
        await WorkAsync(_scene, task, "a.txt");
        var theirs = _scene.PersonCommits("b.txt", "b\n", task.Branch);
        var path = Worktrees.PrepareAsync(task, CancellationToken.None);
        // Whoever fetches on the host makes the remote's branch known to git, and not to us.
        GitScene.Write((await path).Path, "c.txt", "c\n");
        var theirsAgain = _scene.PersonCommits("d.txt", "d\n", task.Branch);
        await Worktrees.CommitAsync(task, "Mine", CancellationToken.None);
        await _scene.Repositories.FetchAsync(GitScene.Repository, CancellationToken.None);

        var stale = Assert.IsType<PushEnd.Stale>(await Worktrees.PushAsync(task, CancellationToken.None));

        Assert.Equal((theirsAgain, theirsAgain), (stale.Found, _scene.RemoteTip(task.Branch)));
        Assert.NotEqual(theirs, theirsAgain);
    }

    [Fact]
    public async Task A_new_branch_overwrites_none_of_the_same_name()
    {
        var task = GitScene.Task();
        await Worktrees.PrepareAsync(task, CancellationToken.None);
        var theirs = _scene.PersonCommits("b.txt", "b\n", task.Branch);
        GitScene.Write((await Worktrees.PrepareAsync(GitScene.Task("task/2"), CancellationToken.None)).Path, "x", "x"); // fetches

        Assert.IsType<PushEnd.Stale>(await Worktrees.PushAsync(task, CancellationToken.None));
        Assert.Equal(theirs, _scene.RemoteTip(task.Branch));
    }

    [Fact]
    public async Task A_branch_that_an_agent_rewrote_is_pushed_over_its_own_older_state()
    {
        var task = GitScene.Task();
        await WorkAsync(_scene, task, "a.txt");
        var path = (await Worktrees.PrepareAsync(Next(task), CancellationToken.None)).Path;
        GitScene.Run(path, "commit", "--quiet", "--amend", "--message", "Rewritten");
        var rewritten = GitScene.Run(path, "rev-parse", "HEAD");

        // A crash between the commit and the push: the next run still has it.
        Assert.Equal(rewritten, (await Worktrees.PrepareAsync(Next(task), CancellationToken.None)).Head);
        Assert.IsType<PushEnd.Pushed>(await Worktrees.PushAsync(task, CancellationToken.None));
        Assert.Equal(rewritten, _scene.RemoteTip(task.Branch));
    }

    [Fact]
    public async Task A_hook_of_the_remote_says_why_it_refused()
    {
        var task = GitScene.Task();
        GitScene.Write((await Worktrees.PrepareAsync(task, CancellationToken.None)).Path, "a.txt", "a\n");
        await Worktrees.CommitAsync(task, "x", CancellationToken.None);
        GitScene.Hook(_scene.Remote, "pre-receive", "echo 'Name the ticket.' >&2\nexit 1\n");

        var rejected = Assert.IsType<PushEnd.Rejected>(await Worktrees.PushAsync(task, CancellationToken.None));

        Assert.Contains("pre-receive hook declined", rejected.Why, StringComparison.Ordinal);
        Assert.Contains("Name the ticket.", rejected.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_base_branch_is_no_tasks()
    {
        var refused = await Assert.ThrowsAsync<GitFailedException>(() => Worktrees.PrepareAsync(GitScene.Task("main"), CancellationToken.None));

        Assert.Equal(GitFault.Misconfigured, refused.Fault);
    }

    [Fact]
    public async Task A_link_in_the_worktrees_place_is_not_followed()
    {
        var task = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        Directory.Delete(path, recursive: true);
        var other = GitScene.Task("task/2");
        var elsewhere = (await Worktrees.PrepareAsync(other, CancellationToken.None)).Path;
        GitScene.Write(elsewhere, "precious.txt", "precious\n");
        Directory.CreateSymbolicLink(path, elsewhere);

        var prepared = await Worktrees.PrepareAsync(task, CancellationToken.None);

        Assert.Null(new DirectoryInfo(prepared.Path).LinkTarget);
        Assert.Equal(("precious\n", $"refs/heads/{other.Branch}"), (await File.ReadAllTextAsync(Path.Combine(elsewhere, "precious.txt")), GitScene.Run(elsewhere, "symbolic-ref", "HEAD")));
    }

    [Fact]
    public async Task A_folder_that_is_no_worktree_any_more_is_moved_aside_and_not_deleted()
    {
        var task = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        GitScene.Write(path, "work.txt", "work\n");
        await File.WriteAllTextAsync(Path.Combine(path, ".git"), $"gitdir: {_scene.Person}/.git\n");

        Assert.True((await Worktrees.PrepareAsync(task, CancellationToken.None)).Created);

        var aside = Assert.Single(Directory.EnumerateDirectories(Path.GetDirectoryName(path)!, Path.GetFileName(path) + ".2*"));
        Assert.Equal("work\n", await File.ReadAllTextAsync(Path.Combine(aside, "work.txt")));
    }

    /// <summary>While git makes a worktree it locks it, and killed then, it leaves it locked: with its folder, without it, or with half of it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_worktree_whose_making_was_killed_is_made_and_removed_all_the_same(bool folderThere)
    {
        var task = GitScene.Task();
        var path = (await _scene.Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        var mirror = _scene.Repositories.Of(GitScene.Repository);
        File.Delete(Path.Combine(mirror.Path, "worktrees", task.Id.ToString("N"), "orchestrator-step"));
        await File.WriteAllTextAsync(Path.Combine(mirror.Path, "worktrees", task.Id.ToString("N"), "locked"), "initializing");
        if (!folderThere)
            Directory.Delete(path, recursive: true);

        Assert.Equal("hello\n", await File.ReadAllTextAsync(Path.Combine((await _scene.Worktrees.PrepareAsync(task, CancellationToken.None)).Path, "README.md")));
        await _scene.Worktrees.RemoveAsync(task, CancellationToken.None);

        Assert.False(Directory.Exists(Path.Combine(mirror.Path, "worktrees", task.Id.ToString("N"))));
        Assert.Equal("", GitScene.Run(mirror.Path, "for-each-ref", "refs/heads"));
    }

    [Fact]
    public async Task A_removed_worktree_leaves_its_unpushed_commits_and_nothing_else()
    {
        var task = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        GitScene.Write(path, "a.txt", "a\n");
        Directory.CreateSymbolicLink(Path.Combine(path, "link"), _scene.Person);
        var head = await Worktrees.CommitAsync(task, "Not pushed", CancellationToken.None);

        await Worktrees.RemoveAsync(task, CancellationToken.None);
        await Worktrees.RemoveAsync(task, CancellationToken.None);

        Assert.False(Directory.Exists(path));
        Assert.True(File.Exists(Path.Combine(_scene.Person, "README.md")));
        Assert.Equal([head], Left(task));
        Assert.Empty(GitScene.Run(_scene.Repositories.Of(GitScene.Repository).Path, "for-each-ref", "refs/heads", "refs/orchestrator/known"));
    }

    [Fact]
    public async Task Worktrees_of_ended_tasks_are_pruned_and_open_ones_stay()
    {
        var (open, ended) = (GitScene.Task(), GitScene.Task("task/2"));
        var openPath = (await Worktrees.PrepareAsync(open, CancellationToken.None)).Path;
        var endedPath = (await Worktrees.PrepareAsync(ended, CancellationToken.None)).Path;

        var gonePath = (await Worktrees.PrepareAsync(GitScene.Task("task/3"), CancellationToken.None)).Path;
        ended.EndedAt = DateTimeOffset.UnixEpoch;

        var removed = await Worktrees.PruneAsync((ids, _) => Task.FromResult<IReadOnlyList<DeliveryTask>>([.. new[] { open, ended }.Where(task => ids.Contains(task.Id))]), CancellationToken.None);

        Assert.Equal((2, true, false, false), (removed, Directory.Exists(openPath), Directory.Exists(endedPath), Directory.Exists(gonePath)));
        Assert.Equal(
            [$"refs/heads/{open.Branch}", "refs/heads/task/3"], // of what is known no more nobody knows the branch
            GitScene.Run(_scene.Repositories.Of(GitScene.Repository).Path, "for-each-ref", "--format=%(refname)", "refs/heads").Split('\n'));
    }

    [Fact]
    public async Task The_changes_are_written_down_against_the_merge_base()
    {
        var task = GitScene.Task();
        var prepared = await Worktrees.PrepareAsync(task, CancellationToken.None);
        var mirror = _scene.Repositories.Of(GitScene.Repository);
        var changes = new Changes(_scene.Runner);
        Assert.Equal("# Changes\n", await changes.DescribeAsync(mirror, prepared.Head, CancellationToken.None));

        GitScene.Write(prepared.Path, "src/ä b.txt", "one\ntwo\n");
        GitScene.Write(prepared.Path, "README.md", "hi\n");
        var head = await Worktrees.CommitAsync(task, "verdict: APPROVED", CancellationToken.None);
        _scene.PersonCommits("theirs.txt", "theirs\n"); // is none of the branch's
        await _scene.Repositories.FetchAsync(GitScene.Repository, CancellationToken.None);

        Assert.Equal($"# Changes\n\n## Commits that main has not: 1\n\n- {head[..7]} verdict: APPROVED\n\n## Files: 2\n\n- README.md (+1 -1)\n- src/ä b.txt (+2 -0)\n", await changes.DescribeAsync(mirror, head, CancellationToken.None));

        // An empty commit is no change.
        GitScene.Run(prepared.Path, "reset", "--quiet", "--hard", prepared.Head);
        GitScene.Run(prepared.Path, "commit", "--quiet", "--allow-empty", "--message", "Nothing");
        Assert.Equal("# Changes\n", await changes.DescribeAsync(mirror, GitScene.Run(prepared.Path, "rev-parse", "HEAD"), CancellationToken.None));
    }

    private static async Task<string> WorkAsync(GitScene scene, DeliveryTask task, string file)
    {
        GitScene.Write((await scene.Worktrees.PrepareAsync(task, CancellationToken.None)).Path, file, file + "\n");
        var head = await scene.Worktrees.CommitAsync(task, $"Adds {file}", CancellationToken.None);
        Assert.IsType<PushEnd.Pushed>(await scene.Worktrees.PushAsync(task, CancellationToken.None));
        return head;
    }

    private static DeliveryTask Next(DeliveryTask task) => new() { CorrelationId = task.Id, Repository = task.Repository, Branch = task.Branch, Step = task.Step + 1 };

    private string[] Left(DeliveryTask task) =>
        GitScene.Run(_scene.Repositories.Of(GitScene.Repository).Path, "for-each-ref", "--format=%(objectname)", $"refs/orchestrator/left/{task.Id:N}").Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
