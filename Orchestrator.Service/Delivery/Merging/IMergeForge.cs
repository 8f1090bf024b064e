using Orchestrator.Service.Delivery.Forge;

namespace Orchestrator.Service.Delivery.Merging;

/// <summary>What a merge needs of the server that holds the pull requests.</summary>
internal interface IMergeForge
{
    /// <summary>The pull request as it is now.</summary>
    Task<PullLook> LookAsync(string repository, long pullRequest, CancellationToken cancellation);

    /// <summary>Merges exactly this head. May be called again whatever became of the last call.</summary>
    /// <param name="repository">owner/name.</param>
    /// <param name="pullRequest">Its number.</param>
    /// <param name="head">Full hash; the server must refuse if its head is another.</param>
    /// <param name="cancellation">Ends the call; the merge may have happened.</param>
    Task<MergeAnswer> MergeAsync(string repository, long pullRequest, string head, CancellationToken cancellation);
}

/// <summary>What a look at a pull request gave.</summary>
internal abstract record PullLook
{
    public sealed record Found(PullState Pull) : PullLook;

    /// <summary>There is none, or it is hidden from the token.</summary>
    public sealed record Missing : PullLook;

    /// <summary>The server does not answer, or not well: may pass by itself.</summary>
    public sealed record Unavailable(string Why) : PullLook;

    /// <summary>The server refuses the token.</summary>
    public sealed record Unauthorized(string Why) : PullLook;
}

/// <summary>A pull request.</summary>
/// <param name="Merged">Is it merged?</param>
/// <param name="Open">Is it neither merged nor closed?</param>
/// <param name="Mergeable">False also while the server still checks: false is no conflict.</param>
/// <param name="Head">Full hash.</param>
/// <param name="Base">Name of the branch that it goes into.</param>
/// <param name="MergeCommit">Once it is merged.</param>
internal sealed record PullState(bool Merged, bool Open, bool Mergeable, string Head, string Base, string? MergeCommit);

/// <param name="Result">What it means.</param>
/// <param name="Text">What the server said.</param>
/// <param name="MergeCommit">Where it said so.</param>
internal sealed record MergeAnswer(MergeResult Result, string Text = "", string? MergeCommit = null);
