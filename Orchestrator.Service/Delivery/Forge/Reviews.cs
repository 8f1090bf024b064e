namespace Orchestrator.Service.Delivery.Forge;

internal enum ReviewState
{
    Approved,
    ChangesRequested,

    /// <summary>A comment, a pending one, a request for one: no verdict.</summary>
    NoVerdict,
}

/// <param name="Id">The server's; a later one has a larger one.</param>
/// <param name="Reviewer">Login.</param>
/// <param name="State">What it says.</param>
/// <param name="Commit">The head that was reviewed; null if the server does not say.</param>
/// <param name="Stale">Commits came after it.</param>
/// <param name="Dismissed">Somebody set it aside.</param>
/// <param name="Official">The branch's protection counts it.</param>
/// <param name="Text">What was written.</param>
internal sealed record Review(long Id, string Reviewer, ReviewState State, string? Commit, bool Stale, bool Dismissed, bool Official, string Text);

/// <summary>What the reviews of a pull request amount to.</summary>
/// <param name="Approvers">Whose approval holds for the head in question.</param>
/// <param name="Rejections">Reviews that ask for changes and still stand, whichever head they saw.</param>
internal sealed record Verdict(IReadOnlyList<string> Approvers, IReadOnlyList<Review> Rejections)
{
    public bool IsApproved => Approvers.Count > 0 && Rejections.Count == 0;

    /// <summary>Of each reviewer the last verdict counts; comments in between change nothing.</summary>
    /// <param name="reviews">In any order.</param>
    /// <param name="head">The head that is to be merged.</param>
    /// <param name="officialOnly">Leave out approvals that the branch's protection does not count.</param>
    public static Verdict Of(IEnumerable<Review> reviews, string head, bool officialOnly)
    {
        var last = reviews.Where(review => review.State != ReviewState.NoVerdict && !review.Dismissed)
            .GroupBy(review => review.Reviewer, StringComparer.OrdinalIgnoreCase).Select(own => own.MaxBy(review => review.Id)!).OrderBy(review => review.Id).ToList();
        return new(
            [.. last.Where(review => review.State == ReviewState.Approved && !review.Stale && (review.Official || !officialOnly) && head.Equals(review.Commit, StringComparison.OrdinalIgnoreCase)).Select(review => review.Reviewer)],
            [.. last.Where(review => review.State == ReviewState.ChangesRequested)]);
    }
}
