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

/// <summary>What the server said to a merge, one for each thing that can follow.</summary>
internal enum MergeResult
{
    /// <summary>200.</summary>
    Merged,

    /// <summary>405 without words: it was merged before.</summary>
    AlreadyMerged,

    /// <summary>201, or 409 "already scheduled": the server merges when its checks succeed.</summary>
    Scheduled,

    /// <summary>405 "try again later": it still checks, or sees a conflict, or failed, and does not say which.</summary>
    NotMergeableYet,

    /// <summary>405: a draft, or by its title work in progress.</summary>
    WorkInProgress,

    /// <summary>405: the token's user may not merge.</summary>
    NotPermitted,

    /// <summary>405: the repository does not allow this style.</summary>
    StyleNotAllowed,

    /// <summary>405 with other words: checks, approvals, outdated, protected files.</summary>
    NotReady,

    /// <summary>404: closed without a merge, or not there.</summary>
    Gone,

    /// <summary>409 with a conflict.</summary>
    Conflict,

    /// <summary>409 "head out of date": somebody pushed after the gates.</summary>
    HeadMoved,

    /// <summary>409 "push out of date": the base moved meanwhile.</summary>
    BaseMoved,

    /// <summary>409: a hook refused it.</summary>
    PushRejected,

    /// <summary>No answer, or an error of the server's own.</summary>
    Unavailable,

    /// <summary>401 or 403: the token is not valid, or not for this.</summary>
    Unauthorized,
}

/// <param name="Result">What it means.</param>
/// <param name="Text">What the server said.</param>
/// <param name="MergeCommit">Where it said so.</param>
internal sealed record MergeAnswer(MergeResult Result, string Text = "", string? MergeCommit = null);
