using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Service.Delivery.Git;
using Orchestrator.Service.Delivery.Merging;
using Orchestrator.Tests.Delivery.Git;

namespace Orchestrator.Tests.Delivery.Merging;

/// <summary>A rebase in a folder of its own, and a try of a merge without any: real histories, real conflicts.</summary>
[Trait("Requirement", "MRG-3")]
public sealed class RebaserTests : IDisposable
{
    private readonly GitScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task What_does_not_touch_is_brought_onto_the_base()
    {
        var head = _scene.PersonCommits("mine.txt", "mine\n", "task/1");
        var onto = _scene.PersonCommits("theirs.txt", "theirs\n");

        var rebased = Assert.IsType<RebaseEnd.Rebased>(await RebaseAsync(head, onto));

        Assert.Equal("README.md\nmine.txt\ntheirs.txt", GitScene.Run(Mirror.Path, "ls-tree", "-r", "--name-only", rebased.Head));
        Assert.Equal("A Person|Orchestrator", GitScene.Run(Mirror.Path, "log", "-1", "--format=%an|%cn", rebased.Head));
        Assert.Equal((onto, head), (GitScene.Run(Mirror.Path, "rev-parse", $"{rebased.Head}^"), _scene.RemoteTip("task/1")));
        NothingIsLeft();
    }

    [Fact]
    public async Task A_conflict_names_its_files_and_leaves_nothing()
    {
        _scene.PersonCommits("sub/ä b.txt", "mine\n", "task/1");
        var head = _scene.PersonCommits("README.md", "mine\n", "task/1");
        _scene.PersonCommits("sub/ä b.txt", "theirs\n");
        var onto = _scene.PersonCommits("README.md", "theirs\n");

        Assert.Equal(["sub/ä b.txt"], Assert.IsType<RebaseEnd.Conflict>(await RebaseAsync(head, onto)).Files); // the first commit that conflicts stops it

        NothingIsLeft();
    }

    [Fact]
    public async Task What_a_dead_rebase_left_is_in_nobodys_way()
    {
        var head = _scene.PersonCommits("README.md", "mine\n", "task/1");
        var onto = _scene.PersonCommits("README.md", "theirs\n");
        var mirror = await _scene.Repositories.FetchAsync(GitScene.Repository, CancellationToken.None);
        var path = Path.Combine(_scene.Options.Folder, "merging", "acme@app");
        GitScene.Run(mirror.Path, "worktree", "add", "--quiet", "--detach", path, head);
        Assert.NotEqual(0, GitScene.Try(path, "rebase", onto).Code);

        Assert.Equal(["README.md"], Assert.IsType<RebaseEnd.Conflict>(await RebaseAsync(head, onto)).Files);

        NothingIsLeft();
    }

    /// <summary>git locks a worktree while it makes it.</summary>
    [Fact]
    public async Task A_rebase_that_was_killed_while_its_folder_was_made_keeps_no_later_one_from_it()
    {
        var head = _scene.PersonCommits("mine.txt", "mine\n", "task/1");
        var onto = _scene.PersonCommits("theirs.txt", "theirs\n");
        var mirror = await _scene.Repositories.FetchAsync(GitScene.Repository, CancellationToken.None);
        GitScene.Run(mirror.Path, "worktree", "add", "--quiet", "--detach", Path.Combine(_scene.Options.Folder, "merging", "acme@app"), head);
        await File.WriteAllTextAsync(Path.Combine(mirror.Path, "worktrees", "acme@app", "locked"), "initializing");

        Assert.IsType<RebaseEnd.Rebased>(await RebaseAsync(head, onto));

        NothingIsLeft();
    }

    /// <summary>The base took the branch's commit and took it back: git leaves the commit out as one that is there already, without a word.</summary>
    [Fact]
    public async Task Lines_that_a_rebase_drops_without_a_conflict_are_found()
    {
        var dropped = _scene.PersonCommits("CHANGELOG.md", "# Log\n- mine\n", "task/1");
        GitScene.Run(_scene.Person, "checkout", "--quiet", "-B", "main", "origin/main");
        GitScene.Run(_scene.Person, "cherry-pick", "-x", dropped);
        GitScene.Run(_scene.Person, "revert", "--no-edit", "HEAD");
        GitScene.Run(_scene.Person, "push", "--quiet", "origin", "main");
        var head = _scene.PersonCommits("more.txt", "more\n", "task/1");

        var lost = Assert.IsType<RebaseEnd.LinesLost>(await RebaseAsync(head, _scene.RemoteTip("main"))).Lines;

        Assert.Equal([new LostLine("CHANGELOG.md", "# Log", 1), new LostLine("CHANGELOG.md", "- mine", 1)], lost);
    }

    [Fact]
    public async Task What_the_base_has_taken_over_is_not_lost()
    {
        var taken = _scene.PersonCommits("CHANGELOG.md", "# Log\n- mine\n", "task/1");
        GitScene.Run(_scene.Person, "checkout", "--quiet", "-B", "main", "origin/main");
        GitScene.Run(_scene.Person, "cherry-pick", "-x", taken);
        GitScene.Run(_scene.Person, "push", "--quiet", "origin", "main");
        var head = _scene.PersonCommits("more.txt", "more\n", "task/1");

        var rebased = Assert.IsType<RebaseEnd.Rebased>(await RebaseAsync(head, _scene.RemoteTip("main")));

        Assert.Equal("- mine", GitScene.Run(Mirror.Path, "show", $"{rebased.Head}:CHANGELOG.md").Split('\n')[^1]);
    }

    /// <summary>Two branches insert below one heading, with settings that never conflict: the incident, by its own means.</summary>
    [Fact]
    public async Task A_merge_driver_that_keeps_one_side_is_found_out()
    {
        _scene.PersonCommits(".gitattributes", "CHANGELOG.md merge=one-side\n");
        _scene.PersonCommits("CHANGELOG.md", "# Log\n");
        var head = _scene.PersonCommits("CHANGELOG.md", "# Log\n- mine\n", "task/1");
        var onto = _scene.PersonCommits("CHANGELOG.md", "# Log\n- theirs\n");
        var mirror = await _scene.Repositories.FetchAsync(GitScene.Repository, CancellationToken.None);
        GitScene.Run(mirror.Path, "config", "merge.one-side.driver", "true");

        Assert.Equal([new LostLine("CHANGELOG.md", "- mine", 1)], Assert.IsType<RebaseEnd.LinesLost>(await RebaseAsync(head, onto, mirror)).Lines);
        Assert.IsType<RebaseEnd.Conflict>(await RebaseAsync(head, onto)); // whose fetch makes the settings the service's own again
    }

    [Fact]
    public async Task A_try_says_clean_or_conflict_and_takes_no_bad_name_for_either()
    {
        var head = _scene.PersonCommits("README.md", "mine\n", "task/1");
        var clean = _scene.PersonCommits("mine.txt", "mine\n", "task/2");
        var onto = _scene.PersonCommits("README.md", "theirs\n");
        var mirror = await _scene.Repositories.FetchAsync(GitScene.Repository, CancellationToken.None);
        var probe = new MergeProbe(_scene.Runner, _scene.Repositories);

        var conflict = Assert.IsType<MergeProbeResult.Conflict>(await probe.ProbeAsync(mirror, mirror.BaseRef, head, CancellationToken.None));

        Assert.Equal((onto, "README.md"), (conflict.Base, Assert.Single(conflict.Files)));
        Assert.IsType<MergeProbeResult.Clean>(await probe.ProbeAsync(mirror, mirror.BaseRef, clean, CancellationToken.None));
        Assert.Equal(new MergeProbeResult.NoSuchCommit("refs/heads/none"), await probe.ProbeAsync(mirror, mirror.BaseRef, "refs/heads/none", CancellationToken.None));
        Assert.Equal(new MergeProbeResult.NoSuchCommit("refs/remotes/origin/none"), await probe.ProbeAsync(mirror, "refs/remotes/origin/none", head, CancellationToken.None));
    }

    private Mirror Mirror => _scene.Repositories.Of(GitScene.Repository);

    private async Task<RebaseEnd> RebaseAsync(string head, string onto, Mirror? fetched = null)
    {
        var mirror = fetched ?? await _scene.Repositories.FetchAsync(GitScene.Repository, CancellationToken.None);
        return await new Rebaser(_scene.Options, _scene.Runner, _scene.Repositories, TimeProvider.System, NullLogger<Rebaser>.Instance).RebaseAsync(mirror, head, onto, CancellationToken.None);
    }

    private void NothingIsLeft()
    {
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(_scene.Options.Folder, "merging")));
        Assert.Single(GitScene.Run(Mirror.Path, "worktree", "list").Split('\n'));
    }
}
