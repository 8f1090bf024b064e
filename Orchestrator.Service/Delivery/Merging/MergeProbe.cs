using Orchestrator.Service.Delivery.Git;

namespace Orchestrator.Service.Delivery.Merging;

/// <summary>Would it merge?</summary>
internal abstract record MergeProbeResult
{
    public sealed record Clean : MergeProbeResult;

    /// <param name="Base">Commit of the base; full hash.</param>
    /// <param name="Files">With conflicts.</param>
    public sealed record Conflict(string Base, IReadOnlyList<string> Files) : MergeProbeResult;

    /// <summary>One of the two is not there.</summary>
    public sealed record NoSuchCommit(string Name) : MergeProbeResult;
}

/// <summary>Tries a merge in the object store alone: no worktree, no branch moves. Fit for a gate.</summary>
internal sealed class MergeProbe(GitRunner git, Repositories repositories)
{
    /// <param name="mirror">Fetched.</param>
    /// <param name="into">A commit or ref.</param>
    /// <param name="head">A commit or ref.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<MergeProbeResult> ProbeAsync(Mirror mirror, string into, string head, CancellationToken cancellation)
    {
        // A bad name gives the same exit code as a conflict, so names are looked up first.
        if (await repositories.ResolveAsync(mirror.Path, into, cancellation) is not { } baseCommit)
            return new MergeProbeResult.NoSuchCommit(into);
        if (await repositories.ResolveAsync(mirror.Path, head, cancellation) is not { } headCommit)
            return new MergeProbeResult.NoSuchCommit(head);
        var tried = (await git.RunAsync(mirror.Path, ["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", baseCommit, headCommit], cancellation)).Must($"trying a merge of {headCommit}", 0, 1);
        return tried.ExitCode == 0 ? new MergeProbeResult.Clean() : new MergeProbeResult.Conflict(baseCommit, [.. tried.Fields.Skip(1).Distinct()]); // first the tree, then files
    }
}
