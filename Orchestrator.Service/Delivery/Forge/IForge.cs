namespace Orchestrator.Service.Delivery.Forge;

/// <summary>
/// The server that holds repositories and pull requests. A repository is named owner/name. What the server answers in the course of things is a result; what keeps it from answering
/// is a <see cref="Remote.RemoteException"/>.
/// </summary>
internal interface IForge
{
    /// <summary>Does the server answer, and is the token valid? Costs two small calls and changes nothing.</summary>
    Task<ForgeIdentity> PreflightAsync(CancellationToken cancellation);

    /// <summary>Null if there is none, or it is hidden from the token.</summary>
    Task<PullRequest?> FindAsync(string repository, long number, CancellationToken cancellation);

    /// <summary>All that are open.</summary>
    Task<IReadOnlyList<PullRequest>> OpenAsync(string repository, CancellationToken cancellation);

    /// <summary>The open one of a branch of the repository itself, not of a fork; into <paramref name="into"/>, or anywhere if that is null.</summary>
    Task<PullRequest?> FindByBranchAsync(string repository, string branch, string? into, CancellationToken cancellation);

    /// <summary>Opens one, or finds the one that is open between the same branches.</summary>
    Task<PullRequestMade> OpenAsync(string repository, string branch, string into, string title, string text, CancellationToken cancellation);

    /// <summary>Merges exactly the head that passed the gates. May be called again whatever became of the last call.</summary>
    /// <param name="repository">owner/name.</param>
    /// <param name="number">Of the pull request.</param>
    /// <param name="head">Full hash; where the server has another head, nothing is merged.</param>
    /// <param name="deleteBranch">Delete the branch afterwards.</param>
    /// <param name="cancellation">Ends the call; the merge may have happened.</param>
    Task<MergeOutcome> MergeAsync(string repository, long number, string head, bool deleteBranch, CancellationToken cancellation);

    /// <summary>All reviews, oldest first. What they amount to, <see cref="Verdict.Of"/> says.</summary>
    Task<IReadOnlyList<Review>> ReviewsAsync(string repository, long number, CancellationToken cancellation);

    /// <summary>The newest status of each context of a commit.</summary>
    Task<CombinedStatus> StatusAsync(string repository, string commit, CancellationToken cancellation);

    /// <summary>Sets a status, unless the newest of its context says the same already: each call would add a row.</summary>
    Task SetStatusAsync(string repository, string commit, CommitStatus status, CancellationToken cancellation);

    /// <summary>Comments on an issue or pull request, oldest first; only those changed since then, if a time is given.</summary>
    Task<IReadOnlyList<Comment>> CommentsAsync(string repository, long number, DateTimeOffset? since, CancellationToken cancellation);

    /// <summary>
    /// Writes a comment once: a hidden mark with the key is looked for first, in comments of this token's own user. Two calls at the same moment may both write.
    /// </summary>
    /// <param name="repository">owner/name.</param>
    /// <param name="number">Of the issue or pull request.</param>
    /// <param name="key">1 to 200 letters, digits and . _ : -</param>
    /// <param name="text">Markdown.</param>
    /// <param name="cancellation">Ends the call.</param>
    Task<CommentMade> CommentAsync(string repository, long number, string key, string text, CancellationToken cancellation);

    /// <summary>Null if there is none.</summary>
    Task<Branch?> BranchAsync(string repository, string name, CancellationToken cancellation);

    /// <summary>False if there was none.</summary>
    Task<bool> DeleteBranchAsync(string repository, string name, CancellationToken cancellation);
}

/// <param name="Version">Of the server, as it says.</param>
/// <param name="Login">Whose token it is.</param>
internal sealed record ForgeIdentity(string Version, string Login);

internal enum PullRequestState
{
    Open,
    Merged,

    /// <summary>Closed without a merge.</summary>
    Closed,
}

/// <param name="Repository">owner/name.</param>
/// <param name="Number">Of the pull request.</param>
/// <param name="State">Open, merged or closed.</param>
/// <param name="Title">Its title.</param>
/// <param name="Author">Login.</param>
/// <param name="Draft">A draft, or by its title work in progress: can't be merged.</param>
/// <param name="Mergeable">False also while the server still checks, which it does anew for all open ones after each push to their base: false is no conflict.</param>
/// <param name="MergeCommit">Once it is merged.</param>
/// <param name="Branch">Name of the head's branch.</param>
/// <param name="HeadRepository">owner/name of the repository of the head, null if that is gone.</param>
/// <param name="Head">Full hash of the head.</param>
/// <param name="Base">Name of the branch that it goes into.</param>
/// <param name="UpdatedAt">Of its last change.</param>
internal sealed record PullRequest(
    string Repository, long Number, PullRequestState State, string Title, string Author, bool Draft, bool Mergeable, string? MergeCommit,
    string Branch, string? HeadRepository, string Head, string Base, DateTimeOffset? UpdatedAt);

/// <param name="PullRequest">The one that is open now.</param>
/// <param name="Existed">It was open before.</param>
internal sealed record PullRequestMade(PullRequest PullRequest, bool Existed);

/// <param name="Id">The server's.</param>
/// <param name="Author">Login.</param>
/// <param name="Text">Markdown, cut at some thousand characters.</param>
/// <param name="CreatedAt">When it was written.</param>
internal sealed record Comment(long Id, string Author, string Text, DateTimeOffset? CreatedAt);

/// <param name="Id">The server's.</param>
/// <param name="Existed">It was there before.</param>
internal sealed record CommentMade(long Id, bool Existed);

/// <param name="Name">Of the branch.</param>
/// <param name="Head">Full hash.</param>
/// <param name="Protected">Rules restrict it.</param>
internal sealed record Branch(string Name, string Head, bool Protected);
