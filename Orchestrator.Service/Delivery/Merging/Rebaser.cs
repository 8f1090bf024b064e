using Orchestrator.Service.Delivery.Git;

namespace Orchestrator.Service.Delivery.Merging;

/// <summary>What became of a rebase.</summary>
internal abstract record RebaseEnd
{
    /// <param name="Head">New; full hash.</param>
    public sealed record Rebased(string Head) : RebaseEnd;

    /// <param name="Files">With conflicts.</param>
    public sealed record Conflict(IReadOnlyList<string> Files) : RebaseEnd;

    /// <summary>It met no conflict, and what the branch adds is not all there.</summary>
    public sealed record LinesLost(IReadOnlyList<LostLine> Lines) : RebaseEnd;
}

/// <summary>Rebases a commit in a worktree of its own, which is gone afterwards. Moves no branch and pushes nothing.</summary>
internal sealed class Rebaser(DeliveryOptions options, GitRunner git, Repositories repositories, TimeProvider time, ILogger<Rebaser> log)
{
    private const int LargestDiff = 64 << 20;

    /// <param name="mirror">Fetched.</param>
    /// <param name="head">Full hash of what is rebased.</param>
    /// <param name="onto">Full hash of the new base.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<RebaseEnd> RebaseAsync(Mirror mirror, string head, string onto, CancellationToken cancellation)
    {
        var path = Path.Combine(options.Folder, "merging", mirror.Name.Folder);
        // Who lost the lease and does not know it yet may still be here.
        using var held = await FolderLock.TakeAsync(path + ".lock", time, cancellation);
        await RemoveAsync(mirror, path, cancellation);
        try
        {
            // Said twice, --force takes a path that is listed and gone also where git was killed while it made it.
            using (await repositories.LockAsync(mirror, cancellation))
                (await git.RunAsync(mirror.Path, ["worktree", "add", "--quiet", "--force", "--force", "--detach", path, head], cancellation)).Must($"making {path}");
            return await RebaseAsync(mirror, path, head, onto, cancellation);
        }
        finally
        {
            await CleanAsync(mirror, path);
        }
    }

    private async Task<RebaseEnd> RebaseAsync(Mirror mirror, string path, string head, string onto, CancellationToken cancellation)
    {
        var done = await git.RunAsync(path, ["rebase", "--quiet", "--no-fork-point", "--no-autosquash", "--no-verify", onto], cancellation);
        if (done.Fault != GitFault.None || done.ExitCode != 0)
        {
            var files = done.Fault == GitFault.None
                ? (await git.RunAsync(path, ["diff", "--name-only", "--diff-filter=U", "-z"], cancellation)).Must("listing conflicts").Fields.Distinct().ToList()
                : [];
            if (files.Count > 0)
                return new RebaseEnd.Conflict(files);
            done.Must($"rebasing {head} onto {onto}");
        }

        var now = await repositories.ResolveAsync(path, "HEAD", cancellation) ?? throw new GitFailedException(GitFault.Failed, $"{path} has no commit after the rebase.");
        var lost = await LostAsync(mirror, head, onto, now, cancellation);
        return lost.Count > 0 ? new RebaseEnd.LinesLost(lost) : new RebaseEnd.Rebased(now);
    }

    private async Task<IReadOnlyList<LostLine>> LostAsync(Mirror mirror, string head, string onto, string now, CancellationToken cancellation)
    {
        var fork = (await git.RunAsync(mirror.Path, ["merge-base", onto, head], cancellation)).Must($"looking for the merge base of {onto} and {head}").Line;
        return AddedLines.Lost(await ReadAsync(fork, head), await ReadAsync(fork, onto), await ReadAsync(onto, now));

        async Task<AddedLines> ReadAsync(string from, string to)
        {
            string[] diff = ["diff", "--unified=0", "--inter-hunk-context=0", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/", "--ignore-submodules=none", from, to];
            return AddedLines.Read((await git.RunAsync(mirror.Path, diff, new GitCall(OutputBytes: LargestDiff), cancellation)).Must("comparing what is added").Output);
        }
    }

    // Also after a cancellation: what is left here would be in the next merge's way.
    private async Task CleanAsync(Mirror mirror, string path)
    {
        try
        {
            if (Directory.Exists(path))
                await git.RunAsync(path, ["rebase", "--abort"], CancellationToken.None); // with none under way it does nothing
            await RemoveAsync(mirror, path, CancellationToken.None);
        }
        catch (Exception exception) when (exception is GitFailedException or IOException or UnauthorizedAccessException)
        {
            log.RebaseFolderLeft(path, exception.Message); // the next rebase here removes it, or says why not
        }
    }

    private async Task RemoveAsync(Mirror mirror, string path, CancellationToken cancellation)
    {
        if (!Directory.Exists(path))
            return;
        Directory.Delete(path, recursive: true);
        using var held = await repositories.LockAsync(mirror, cancellation);
        await repositories.ForgetAsync(mirror.Path, path, cancellation);
    }
}
