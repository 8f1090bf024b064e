using System.Diagnostics;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Git;

namespace Orchestrator.Tests.Delivery.Git;

/// <summary>Worktrees after agents that meant no good, or knew no better.</summary>
[Trait("Requirement", "FLOW-3")]
public sealed class HostileAgentTests : IDisposable
{
    private readonly GitScene _scene = new();

    private Worktrees Worktrees => _scene.Worktrees;

    public void Dispose() => _scene.Dispose();

    [Theory]
    [InlineData("--assume-unchanged")]
    [InlineData("--skip-worktree")]
    public async Task A_change_that_git_was_told_to_overlook_is_committed(string how)
    {
        var task = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        GitScene.Run(path, "update-index", how, "README.md");
        GitScene.Write(path, "README.md", "hidden\n");

        var head = await Worktrees.CommitAsync(task, "Work", CancellationToken.None);

        Assert.Equal("hidden", GitScene.Run(path, "show", $"{head}:README.md"));
    }

    /// <summary>A suite must run on what is committed: a change that git was told to overlook would be tested, and not merged.</summary>
    [Theory]
    [InlineData("--assume-unchanged")]
    [InlineData("--skip-worktree")]
    public async Task A_change_that_git_was_told_to_overlook_is_not_there_at_the_next_step(string how)
    {
        var task = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        await Worktrees.CommitAsync(task, "Work", CancellationToken.None);
        GitScene.Run(path, "update-index", how, "README.md");
        GitScene.Write(path, "README.md", "hidden\n");

        await Worktrees.PrepareAsync(Next(task), CancellationToken.None);

        Assert.Equal("hello\n", await File.ReadAllTextAsync(Path.Combine(path, "README.md")));
    }

    [Fact]
    public async Task A_worktree_whose_git_file_leads_to_another_tasks_is_not_worked_in()
    {
        var (mine, theirs) = (GitScene.Task(), GitScene.Task("task/2"));
        var path = (await Worktrees.PrepareAsync(mine, CancellationToken.None)).Path;
        var other = (await Worktrees.PrepareAsync(theirs, CancellationToken.None)).Path;
        File.Copy(Path.Combine(other, ".git"), Path.Combine(path, ".git"), overwrite: true);
        GitScene.Write(path, "mine.txt", "mine\n");

        await Assert.ThrowsAsync<GitFailedException>(() => Worktrees.CommitAsync(mine, "Mine", CancellationToken.None));

        Assert.Equal($"refs/heads/{theirs.Branch}", GitScene.Run(other, "symbolic-ref", "HEAD"));
        Assert.Equal("", GitScene.Run(other, "status", "--porcelain"));
        Assert.True((await Worktrees.PrepareAsync(mine, CancellationToken.None)).Created);
    }

    /// <summary>The mirror's settings are shared by all worktrees of the repository, and an agent can write them.</summary>
    [Fact]
    public async Task Settings_that_an_agent_made_send_no_push_elsewhere_and_run_nothing()
    {
        var task = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        var (elsewhere, ran) = (_scene.At("elsewhere.git"), _scene.At("ran"));
        Directory.CreateDirectory(elsewhere);
        GitScene.Run(elsewhere, "init", "--quiet", "--bare");
        GitScene.Run(path, "config", $"url.{elsewhere}.insteadOf", _scene.Remote);
        GitScene.Run(path, "config", "filter.evil.clean", $"touch {ran}; cat");
        GitScene.Write(path, ".gitattributes", "* filter=evil\n");

        var head = await Worktrees.CommitAsync(task, "Work", CancellationToken.None);
        Assert.IsType<PushEnd.Pushed>(await Worktrees.PushAsync(task, CancellationToken.None));

        Assert.Equal(head, _scene.RemoteTip(task.Branch));
        Assert.Equal("", GitScene.Run(elsewhere, "for-each-ref"));
        Assert.False(File.Exists(ran));
    }

    [Theory]
    [InlineData("[core]\n\trepositoryformatversion = 99\n")]
    [InlineData("[[[ this is no settings file")]
    [InlineData("[core]\n\tbare = false\n\tworktree = /tmp\n")]
    [InlineData("[extensions]\n\tworktreeConfig = true\n[core]\n\trepositoryformatversion = 1\n\tbare = true\n")]
    public async Task Settings_that_an_agent_broke_stop_no_other_task(string settings)
    {
        var task = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        var mirror = _scene.Repositories.Of(GitScene.Repository);
        await File.WriteAllTextAsync(Path.Combine(mirror.Path, "config"), settings);
        await File.WriteAllTextAsync(Path.Combine(mirror.Path, "config.worktree"), "[core]\n\tworktree = /tmp\n");
        GitScene.Write(path, "a.txt", "a\n");

        await Worktrees.CommitAsync(task, "Work", CancellationToken.None);
        await Worktrees.PushAsync(task, CancellationToken.None);
        await File.WriteAllTextAsync(Path.Combine(mirror.Path, "config"), settings);
        var other = await Worktrees.PrepareAsync(GitScene.Task("task/2"), CancellationToken.None);

        Assert.Equal("a", _scene.RemoteFile(task.Branch, "a.txt"));
        Assert.Equal("hello\n", await File.ReadAllTextAsync(Path.Combine(other.Path, "README.md")));
    }

    [Fact]
    public async Task A_name_and_an_address_that_an_agent_set_stay()
    {
        var task = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        GitScene.Run(path, "config", "user.name", "An \"Agent\" \\ # ;");
        GitScene.Run(path, "config", "user.email", "agent@example.com");

        await Worktrees.PrepareAsync(GitScene.Task("task/2"), CancellationToken.None);

        Assert.Equal("An \"Agent\" \\ # ;", GitScene.Run(path, "config", "--local", "user.name"));
        Assert.Equal("agent@example.com", GitScene.Run(path, "config", "--local", "user.email"));
    }

    /// <summary>git can't collect it: a person is told once, and the next step begins in a worktree that can be worked in.</summary>
    [Theory]
    [InlineData("pipe")]
    [InlineData("index")]
    public async Task A_worktree_that_git_makes_no_sense_of_is_put_aside_and_made_anew(string how)
    {
        var task = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        GitScene.Write(path, "a.txt", "a\n");
        if (how == "pipe")
        {
            File.Delete(Path.Combine(path, "README.md"));
            using var made = Process.Start("mkfifo", Path.Combine(path, "README.md"));
            await made.WaitForExitAsync();
        }
        else
        {
            await File.WriteAllTextAsync(GitScene.Run(path, "rev-parse", "--path-format=absolute", "--git-path", "index"), "no index");
        }

        await Assert.ThrowsAsync<GitFailedException>(() => Worktrees.CommitAsync(task, "Work", CancellationToken.None));
        var next = await Worktrees.PrepareAsync(Next(task), CancellationToken.None);

        Assert.True(next.Created);
        Assert.Equal("hello\n", await File.ReadAllTextAsync(Path.Combine(path, "README.md")));
        Assert.Equal("a\n", await File.ReadAllTextAsync(Path.Combine(Assert.Single(Directory.EnumerateDirectories(Path.GetDirectoryName(path)!, Path.GetFileName(path) + ".2*")), "a.txt")));
    }

    [Fact]
    public async Task Files_that_an_agent_left_out_of_its_worktree_are_there_at_the_next_step()
    {
        _scene.PersonCommits("tests/a.txt", "a test\n");
        var task = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        GitScene.Run(path, "sparse-checkout", "set", "src");
        Assert.False(File.Exists(Path.Combine(path, "tests/a.txt")));

        var head = await Worktrees.CommitAsync(task, "Work", CancellationToken.None);
        await Worktrees.PrepareAsync(Next(task), CancellationToken.None);

        Assert.Equal("README.md\ntests/a.txt", GitScene.Run(path, "ls-tree", "-r", "--name-only", head));
        Assert.Equal("a test\n", await File.ReadAllTextAsync(Path.Combine(path, "tests/a.txt")));
    }

    [Fact]
    public async Task A_commit_that_another_was_put_in_the_place_of_is_still_the_one_that_is_checked_out()
    {
        var task = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        GitScene.Write(path, "README.md", "bad\n");
        var bad = await Worktrees.CommitAsync(task, "Bad", CancellationToken.None);
        await Worktrees.PushAsync(task, CancellationToken.None);
        GitScene.Run(path, "replace", bad, _scene.RemoteTip("main"));
        Directory.Delete(path, recursive: true);

        await Worktrees.PrepareAsync(Next(task), CancellationToken.None);

        Assert.Equal("bad\n", await File.ReadAllTextAsync(Path.Combine(path, "README.md")));
    }

    [Fact]
    public async Task A_history_that_an_agent_cut_off_is_whole_again()
    {
        var task = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        GitScene.Write(path, "a.txt", "a\n");
        _scene.PersonCommits("b.txt", "b\n");
        _scene.PersonCommits("c.txt", "c\n");
        GitScene.Run(path, "fetch", "--quiet", "--depth=1", $"file://{_scene.Remote}", "+refs/heads/*:refs/remotes/origin/*");
        var mirror = _scene.Repositories.Of(GitScene.Repository);
        Assert.True(File.Exists(Path.Combine(mirror.Path, "shallow")));

        var head = await Worktrees.CommitAsync(task, "Work", CancellationToken.None);
        await Worktrees.PushAsync(task, CancellationToken.None);

        Assert.Contains("a.txt (+1 -0)", await new Changes(_scene.Runner).DescribeAsync(mirror, head, CancellationToken.None), StringComparison.Ordinal);
        Assert.Equal("3", GitScene.Run(mirror.Path, "rev-list", "--count", "refs/remotes/origin/main"));
    }

    /// <summary>The notes of a run are removed before the next: where they are a link, it would be what the link leads to.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_link_in_the_place_of_the_notes_is_removed_and_not_followed(bool committed)
    {
        var (victim, task) = (_scene.At("victim"), GitScene.Task());
        GitScene.Write(victim, "precious.txt", "precious\n");
        if (committed)
        {
            Directory.CreateSymbolicLink(Path.Combine(_scene.Person, ".task"), victim);
            _scene.PersonCommits("b.txt", "b\n");
        }

        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        if (!committed)
            Directory.CreateSymbolicLink(Path.Combine(path, ".task"), victim);
        await Worktrees.PrepareAsync(task, CancellationToken.None); // the same step: what is not committed stays

        Assert.False(Path.Exists(Path.Combine(path, ".task")));
        GitScene.Write(path, ".task/prompt.md", "secret plans\n");
        var head = await Worktrees.CommitAsync(task, "Work", CancellationToken.None);
        Assert.Equal(committed ? ".task\nREADME.md\nb.txt" : "README.md", GitScene.Run(path, "ls-tree", "-r", "--name-only", head));
        await Worktrees.PrepareAsync(Next(task), CancellationToken.None);
        Assert.Equal("precious\n", await File.ReadAllTextAsync(Path.Combine(victim, "precious.txt")));
    }

    /// <summary>git would store its commit's hash alone, which nobody else has: the work would be lost in silence.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_repository_in_the_worktree_is_taken_in_as_files(bool withCommit)
    {
        var task = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        GitScene.Write(path, "inner/work.txt", "work\n");
        GitScene.Run(Path.Combine(path, "inner"), "init", "--quiet");
        if (withCommit)
        {
            GitScene.Run(Path.Combine(path, "inner"), "add", "--all");
            GitScene.Run(Path.Combine(path, "inner"), "commit", "--quiet", "-m", "Inner");
        }

        var head = await Worktrees.CommitAsync(task, "Work", CancellationToken.None);

        Assert.Equal("work", GitScene.Run(path, "show", $"{head}:inner/work.txt"));
    }

    [Fact]
    public async Task What_the_agent_pushed_itself_is_no_obstacle_to_the_rest_of_its_work()
    {
        var task = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        GitScene.Write(path, "a.txt", "a\n");
        GitScene.Run(path, "add", "--all");
        GitScene.Run(path, "commit", "--quiet", "-m", "First half");
        GitScene.Run(path, "push", "--quiet", "origin", $"HEAD:refs/heads/{task.Branch}");
        GitScene.Write(path, "b.txt", "b\n");

        var head = await Worktrees.CommitAsync(task, "Second half", CancellationToken.None);

        Assert.IsType<PushEnd.Pushed>(await Worktrees.PushAsync(task, CancellationToken.None));
        Assert.Equal(head, _scene.RemoteTip(task.Branch));
    }

    [Fact]
    public async Task A_repositorys_own_notes_outlive_those_of_a_run()
    {
        _scene.PersonCommits(".task/keep.md", "kept\n");
        var task = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        File.Delete(Path.Combine(path, ".task", "keep.md")); // as the notes of each run are put there anew
        GitScene.Write(path, ".task/prompt.md", "secret plans\n");
        GitScene.Write(path, "a.txt", "a\n");

        var head = await Worktrees.CommitAsync(task, "Work", CancellationToken.None);

        Assert.Equal(".task/keep.md\nREADME.md\na.txt", GitScene.Run(path, "ls-tree", "-r", "--name-only", head));
    }

    [Fact]
    public async Task The_list_of_changes_holds_no_half_of_a_character()
    {
        var task = GitScene.Task();
        var path = (await Worktrees.PrepareAsync(task, CancellationToken.None)).Path;
        GitScene.Write(path, "a.txt", "a\n");
        GitScene.Run(path, "add", "--all");
        foreach (var first in (string[])["", "a"]) // whatever stands before it, one of the two is cut in the middle
            GitScene.Run(path, "commit", "--quiet", "--allow-empty", "-m", first + string.Concat(Enumerable.Repeat("😀", 300)));

        var text = await new Changes(_scene.Runner).DescribeAsync(_scene.Repositories.Of(GitScene.Repository), GitScene.Run(path, "rev-parse", "HEAD"), CancellationToken.None);

        Assert.Equal(text, System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text)));
    }

    private static DeliveryTask Next(DeliveryTask task) => new() { CorrelationId = task.Id, Repository = task.Repository, Branch = task.Branch, Step = task.Step + 1 };
}
