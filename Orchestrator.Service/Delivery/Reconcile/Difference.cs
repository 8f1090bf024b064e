using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Tracker;
using Orchestrator.Service.Delivery.Webhooks;

namespace Orchestrator.Service.Delivery.Reconcile;

/// <summary>A fact that a lost webhook would have reported.</summary>
/// <param name="Fact">What it would have said.</param>
/// <param name="Subject">Names the difference.</param>
/// <param name="Once">The subject is the key of the webhook itself, so that it is told once in all; otherwise it is told again as long as the difference stays.</param>
internal sealed record Missed(Fact Fact, string Subject, bool Once = false);

/// <summary>What the world shows and tasks do not know. Pure: it is told what was seen.</summary>
internal static class Difference
{
    private const int MaxStatuses = 20;

    /// <param name="known">What the task believes.</param>
    /// <param name="seen">As it is; null if it is gone.</param>
    /// <param name="reviews">Of it.</param>
    /// <param name="status">Of its present head; null if that was not looked at.</param>
    /// <param name="comments">Of it.</param>
    /// <param name="bot">Whose comments and reviews are the service's own.</param>
    public static IEnumerable<Missed> Of(KnownPullRequest known, PullRequest? seen, IEnumerable<Review> reviews, CombinedStatus? status, IEnumerable<Comment> comments, string bot)
    {
        var at = seen is null ? known.PullRequest : new PullRequestAt(seen.Repository, seen.Number, seen.Branch, seen.Head, seen.Base);
        var subject = $"{at.Repository.ToLowerInvariant()}#{at.Number}";
        foreach (var comment in comments.Where(comment => !IsOwn(comment.Author, bot) && comment.CreatedAt > known.CommentsSince))
            yield return new(new PullRequestCommented(at.Repository, at.Number, comment.Id, comment.Author, comment.Text), GiteaReading.CommentKey(at.Repository, comment.Id), Once: true);
        if (seen is not { State: PullRequestState.Open })
        {
            yield return seen is { State: PullRequestState.Merged } ? new(new PullRequestMerged(at, seen.MergeCommit), $"merged:{subject}") : new(new PullRequestClosedUnmerged(at), $"closed:{subject}");
            yield break;
        }

        if (!seen.Head.Equals(known.PullRequest.Head, StringComparison.OrdinalIgnoreCase))
            yield return new(new PullRequestSynchronized(at), $"head:{subject}:{known.PullRequest.Head}:{seen.Head}");
        foreach (var review in reviews.Where(review => review.Id > known.LastReview && review.State != ReviewState.NoVerdict && !review.Dismissed && !IsOwn(review.Reviewer, bot)))
            yield return new(review.State == ReviewState.Approved ? new ReviewApproved(at, review.Reviewer) : new ReviewRejected(at, review.Reviewer, review.Text), $"review:{subject}:{review.Id}");
        if (status is not null && status.Of(known.RequiredChecks) != known.Checks)
        {
            foreach (var one in status.Statuses.Where(one => known.RequiredChecks.Count == 0 || known.RequiredChecks.Contains(one.Context)).Take(MaxStatuses))
                yield return new(new StatusChanged(at.Repository, status.Commit, one.Context, one.State.ToString().ToLowerInvariant()), $"status:{at.Repository.ToLowerInvariant()}:{status.Commit}:{one.Context}:{one.State}");
        }
    }

    /// <param name="known">What the task believes.</param>
    /// <param name="seen">As it is; null if it is gone.</param>
    /// <param name="comments">Of it.</param>
    /// <param name="bot">Whose comments are the service's own.</param>
    /// <param name="cancelled">States in which nobody wants anything of an item any more.</param>
    public static IEnumerable<Missed> Of(KnownWorkItem known, WorkItem? seen, IEnumerable<ItemComment> comments, Guid? bot, IReadOnlySet<Guid> cancelled)
    {
        if (seen is null)
        {
            yield return new(new WorkItemDeleted(known.Project, known.Item), $"gone:{known.Item:D}");
            yield break;
        }

        foreach (var comment in comments.Where(comment => !comment.Own && comment.Author != bot && comment.CreatedAt > known.CommentsSince))
            yield return new(new WorkItemCommented(known.Project, known.Item, comment.Id, comment.Author, comment.Text), PlaneReading.CommentKey(comment.Id), Once: true);
        if (known.State is null ? seen.Archived || (seen.State is { } now && cancelled.Contains(now)) : seen.State != known.State)
            yield return new(new WorkItemStateChanged(known.Project, known.Item, seen.State), $"state:{known.Item:D}:{known.State}:{seen.State}");
        if (known.Labels is not null && !seen.Labels.ToHashSet().SetEquals(known.Labels))
            yield return new(new WorkItemLabelsChanged(known.Project, known.Item), $"labels:{known.Item:D}");
        if (known.Assignees is not null && !seen.Assignees.ToHashSet().SetEquals(known.Assignees))
            yield return new(new WorkItemAssigneesChanged(known.Project, known.Item), $"assignees:{known.Item:D}");
    }

    /// <summary>An item that is to be begun and of which there is no task: told again as long as there is none.</summary>
    public static Missed ToBegin(WorkItem seen) => new(new WorkItemStateChanged(seen.Project, seen.Id, seen.State), $"begin:{seen.Id:D}");

    /// <summary>An item that was written and of which nobody was told, perhaps.</summary>
    public static Missed Of(WorkItem written) => new(new WorkItemCreated(written.Project, written.Id, written.Sequence, written.Name), PlaneReading.CreatedKey(written.Id), Once: true);

    private static bool IsOwn(string login, string bot) => login.Equals(bot, StringComparison.OrdinalIgnoreCase);
}
