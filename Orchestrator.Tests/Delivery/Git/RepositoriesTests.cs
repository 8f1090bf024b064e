using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Service.Delivery;
using Orchestrator.Service.Delivery.Git;
using Orchestrator.Service.Run;

namespace Orchestrator.Tests.Delivery.Git;

/// <summary>Mirrors: where they come from, who may work on them, and what they can tell.</summary>
[Trait("Requirement", "FLOW-3")]
public sealed class RepositoriesTests : IDisposable
{
    private const string Nowhere = "0123456789012345678901234567890123456789";

    private readonly GitScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    [Trait("Requirement", "RUN-4")]
    public async Task A_repository_that_is_not_there_holds_its_task_with_the_remedy()
    {
        var failed = await Assert.ThrowsAsync<GitFailedException>(() => _scene.Repositories.FetchAsync("acme/missing", CancellationToken.None));

        var hold = Assert.IsType<JobOutcome.Hold>(failed.Outcome);
        Assert.Contains("Orchestrator:Delivery:Remote", hold.Reason, StringComparison.Ordinal);
        Assert.EndsWith("then retry the stage.", hold.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_that_fetch_at_once_get_one_mirror()
    {
        var mirrors = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => new Repositories(_scene.Options, _scene.Runner, TimeProvider.System, NullLogger<Repositories>.Instance).FetchAsync(GitScene.Repository, CancellationToken.None))));

        Assert.Single(mirrors.Distinct());
        Assert.Equal(_scene.RemoteTip("main"), await _scene.Repositories.ResolveAsync(mirrors[0].Path, mirrors[0].BaseRef, CancellationToken.None));
        Assert.Equal("acme@app.git", Path.GetFileName(mirrors[0].Path));
    }

    [Fact]
    public async Task A_fetch_waits_for_another_process()
    {
        var mirror = await _scene.Repositories.FetchAsync(GitScene.Repository, CancellationToken.None);
        var start = new ProcessStartInfo("flock") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])[mirror.Path + ".lock", "sh", "-c", "echo held; read line"])
            start.ArgumentList.Add(argument);
        using var other = Process.Start(start)!;
        Assert.Equal("held", await other.StandardOutput.ReadLineAsync());
        var tip = _scene.PersonCommits("a.txt", "a\n");

        var clock = new TellingClock();
        var fetching = new Repositories(_scene.Options, _scene.Runner, clock, NullLogger<Repositories>.Instance).FetchAsync(GitScene.Repository, CancellationToken.None);
        Assert.Same(clock.Waited, await Task.WhenAny(clock.Waited, fetching));
        Assert.NotEqual(tip, await _scene.Repositories.ResolveAsync(mirror.Path, mirror.BaseRef, CancellationToken.None));
        other.StandardInput.Close();

        await fetching;
        Assert.Equal(tip, await _scene.Repositories.ResolveAsync(mirror.Path, mirror.BaseRef, CancellationToken.None));
    }

    [Theory]
    [InlineData("config.lock")]
    [InlineData("packed-refs.lock")]
    [InlineData("refs/remotes/origin/main.lock")]
    [InlineData("refs/heads/task/1.lock")]
    public async Task A_lock_that_a_killed_git_left_is_removed_and_a_young_one_may_pass_by_itself(string name)
    {
        _scene.PersonCommits("a.txt", "a\n", "task/0");
        var mirror = await _scene.Repositories.FetchAsync(GitScene.Repository, CancellationToken.None);
        GitScene.Run(_scene.Remote, "update-ref", "-d", "refs/heads/task/0"); // so that the next fetch takes the lock of packed references
        GitScene.Run(mirror.Path, "config", "remote.origin.url", "elsewhere"); // and this that of the settings
        var (tip, path) = (_scene.PersonCommits("b.txt", "b\n"), Path.Combine(mirror.Path, name));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, "");

        if (!name.StartsWith("refs/heads", StringComparison.Ordinal)) // no fetch needs that one
            Assert.Equal(GitFault.Busy, (await Assert.ThrowsAsync<GitFailedException>(() => _scene.Repositories.FetchAsync(GitScene.Repository, CancellationToken.None))).Fault);
        Assert.True(File.Exists(path));
        File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-5));
        await _scene.Repositories.FetchAsync(GitScene.Repository, CancellationToken.None);

        Assert.False(File.Exists(path));
        Assert.Equal(tip, await _scene.Repositories.ResolveAsync(mirror.Path, mirror.BaseRef, CancellationToken.None));
    }

    [Fact]
    public async Task Ancestry_is_yes_or_no_or_unknown()
    {
        var mirror = await _scene.Repositories.FetchAsync(GitScene.Repository, CancellationToken.None);
        var old = _scene.RemoteTip("main");
        var tip = _scene.PersonCommits("a.txt", "a\n");
        await _scene.Repositories.FetchAsync(GitScene.Repository, CancellationToken.None);

        Assert.Equal(Ancestry.Yes, await _scene.Repositories.AncestryAsync(mirror.Path, old, tip, CancellationToken.None));
        Assert.Equal(Ancestry.No, await _scene.Repositories.AncestryAsync(mirror.Path, tip, old, CancellationToken.None));
        Assert.Equal(Ancestry.CannotTell, await _scene.Repositories.AncestryAsync(mirror.Path, Nowhere, tip, CancellationToken.None));
        Assert.Null(await _scene.Repositories.ResolveAsync(mirror.Path, "refs/heads/none", CancellationToken.None));
        Assert.Null(await _scene.Repositories.ResolveAsync(mirror.Path, Nowhere, CancellationToken.None));
    }

    [Fact]
    public async Task Worktrees_whose_folders_are_gone_are_forgotten_at_the_start()
    {
        var task = GitScene.Task();
        var prepared = await _scene.Worktrees.PrepareAsync(task, CancellationToken.None);
        Directory.Delete(prepared.Path, recursive: true);
        var mirror = _scene.Repositories.Of(GitScene.Repository);
        Assert.Contains("prunable", GitScene.Run(mirror.Path, "worktree", "list", "--porcelain"), StringComparison.Ordinal);

        await _scene.Repositories.PruneAsync(CancellationToken.None);

        Assert.DoesNotContain(prepared.Path, GitScene.Run(mirror.Path, "worktree", "list", "--porcelain"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_repository_of_its_own_differs_from_the_template()
    {
        _scene.Options.Repositories["Acme/Other"] = new RepositoryOptions { Remote = "git@forge.example:acme/other.git", Base = "trunk" };

        Assert.Equal(("git@forge.example:acme/other.git", "trunk"), (_scene.Repositories.Of("acme/other").Remote, _scene.Repositories.Of("acme/other").Base));
        Assert.Equal((_scene.Remote, "main"), (_scene.Repositories.Of(GitScene.Repository).Remote, _scene.Repositories.Of(GitScene.Repository).Base));
        Assert.Equal(GitFault.Misconfigured, Assert.Throws<GitFailedException>(() => new Repositories(new DeliveryOptions { Folder = "/x" }, _scene.Runner, TimeProvider.System, NullLogger<Repositories>.Instance).Of("acme/app")).Fault);
    }

    [Theory]
    [InlineData("../etc")]
    [InlineData("a/../b")]
    [InlineData("-a/b")]
    [InlineData("a/b/c")]
    [InlineData("a@b/c")]
    [InlineData("a/b\n")]
    [InlineData("a")]
    public void A_name_that_leads_elsewhere_is_no_repository(string name) =>
        Assert.Equal(GitFault.Misconfigured, Assert.Throws<GitFailedException>(() => _scene.Repositories.Of(name)).Fault);

    [Theory]
    [InlineData("https://forge.example/{repository}.git", true)]
    [InlineData("ssh://git@forge.example:2222/{repository}.git", true)]
    [InlineData("git@forge.example:{repository}.git", true)]
    [InlineData("/srv/git/{repository}.git", true)]
    [InlineData("https://forge.example/one.git", false)]
    [InlineData("https://user:password@forge.example/{repository}.git", false)]
    [InlineData("http://forge.example/{repository}.git", false)]
    [InlineData("ext::sh -c {repository}", false)]
    [InlineData("--upload-pack={repository}", false)]
    [InlineData("git://forge.example/{repository}", false)]
    [InlineData("ssh://-oProxyCommand=x/{repository}", false)]
    [InlineData("relative/{repository}", false)]
    public void A_remote_that_is_none_is_refused_at_the_start(string remote, bool allowed)
    {
        var options = new DeliveryOptions { Remote = remote };
        options.Git.TokenVariable = "PATH";

        var broken = options.Check().ToList();

        Assert.Equal(allowed, broken.Count == 0);
        Assert.DoesNotContain(broken, rule => $"{rule.Found}".Contains("password", StringComparison.Ordinal));
    }

    /// <summary>Says when somebody waits.</summary>
    [Fact]
    [Trait("Requirement", "FLOW-3")]
    public async Task Locks_behind_a_link_are_nobody_of_ours()
    {
        var mirror = await _scene.Repositories.FetchAsync(GitScene.Repository, CancellationToken.None);
        var (own, other) = (Path.Combine(mirror.Path, "refs", "heads", "old.lock"), Path.Combine(Directory.CreateDirectory(_scene.At("elsewhere")).FullName, "other.lock"));
        foreach (var file in (string[])[own, other])
        {
            await File.WriteAllTextAsync(file, "");
            File.SetLastWriteTimeUtc(file, TimeProvider.System.GetUtcNow().UtcDateTime - TimeSpan.FromHours(1));
        }

        Directory.CreateSymbolicLink(Path.Combine(mirror.Path, "refs", "heads", "away"), _scene.At("elsewhere"));

        await _scene.Repositories.FetchAsync(GitScene.Repository, CancellationToken.None);

        Assert.Equal((false, true), (File.Exists(own), File.Exists(other)));
    }

    [Fact]
    public void A_repository_is_fetched_from_where_the_settings_spell_it()
    {
        _scene.Options.Projects["11111111-1111-1111-1111-111111111111"] = new ProjectOptions { Repository = "Acme/Shop" };

        Assert.Equal(_scene.At("remote/Acme/Shop.git"), _scene.Repositories.Of("ACME/shop").Remote);
        Assert.Equal(_scene.At("remote/ACME/else.git"), _scene.Repositories.Of("ACME/else").Remote);
    }

    private sealed class TellingClock : TimeProvider
    {
        private readonly TaskCompletionSource _waited = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Waited => _waited.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _waited.TrySetResult();
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }

    [Fact]
    public void Broken_settings_are_told_all_at_once()
    {
        var options = new DeliveryOptions { Base = "-x" };
        options.Repositories["nobody"] = new RepositoryOptions { Base = "a..b" };
        options.Git.Timeout = TimeSpan.Zero;
        options.Git.TokenVariable = "the token itself";
        options.Merging.Lease = TimeSpan.FromDays(1);
        options.Merging.Polls = 0;

        Assert.Equal(["Base", "Repositories", "Repositories:nobody:Base", "Git:Timeout", "Git:TokenVariable", "Merging:Lease", "Merging:Polls"], options.Check().Select(broken => broken.Key));
        Assert.DoesNotContain(options.Check(), broken => $"{broken.Found}".Contains("token itself", StringComparison.Ordinal));
    }
}
