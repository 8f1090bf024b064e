using System.Text.Json.Serialization;

namespace Orchestrator.Service.Delivery.Webhooks;

/// <summary>
/// Something that forge or tracker say has happened. A hint, never the truth: it may come late, twice or out of order, so whoever acts on it reads the present state first.
/// Only comments are their own truth, and they are told once.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "fact")]
[JsonDerivedType(typeof(BranchPushed), "branch-pushed")]
[JsonDerivedType(typeof(PullRequestOpened), "pull-request-opened")]
[JsonDerivedType(typeof(PullRequestReopened), "pull-request-reopened")]
[JsonDerivedType(typeof(PullRequestEdited), "pull-request-edited")]
[JsonDerivedType(typeof(PullRequestSynchronized), "pull-request-synchronized")]
[JsonDerivedType(typeof(PullRequestMerged), "pull-request-merged")]
[JsonDerivedType(typeof(PullRequestClosedUnmerged), "pull-request-closed-unmerged")]
[JsonDerivedType(typeof(ReviewApproved), "review-approved")]
[JsonDerivedType(typeof(ReviewRejected), "review-rejected")]
[JsonDerivedType(typeof(PullRequestCommented), "pull-request-commented")]
[JsonDerivedType(typeof(StatusChanged), "status-changed")]
[JsonDerivedType(typeof(WorkItemCreated), "work-item-created")]
[JsonDerivedType(typeof(WorkItemStateChanged), "work-item-state-changed")]
[JsonDerivedType(typeof(WorkItemLabelsChanged), "work-item-labels-changed")]
[JsonDerivedType(typeof(WorkItemAssigneesChanged), "work-item-assignees-changed")]
[JsonDerivedType(typeof(WorkItemDeleted), "work-item-deleted")]
[JsonDerivedType(typeof(WorkItemCommented), "work-item-commented")]
[JsonDerivedType(typeof(ProjectDeleted), "project-deleted")]
internal abstract record Fact;

/// <summary>A pull request as it was when it was reported.</summary>
/// <param name="Repository">owner/name.</param>
/// <param name="Number">Of the pull request.</param>
/// <param name="Branch">Name of the head's branch.</param>
/// <param name="Head">Full hash of the head.</param>
/// <param name="Base">Name of the branch that it goes into.</param>
internal sealed record PullRequestAt(string Repository, long Number, string Branch, string Head, string Base);

/// <summary>A branch has a new head. <paramref name="Before"/> is null where the branch is new. Deleted branches are not reported.</summary>
internal sealed record BranchPushed(string Repository, string Branch, string? Before, string After, string Actor) : Fact;

internal sealed record PullRequestOpened(PullRequestAt PullRequest, string Author) : Fact;

internal sealed record PullRequestReopened(PullRequestAt PullRequest) : Fact;

/// <summary>Title, text or target changed: what kept it from being merged may be gone.</summary>
internal sealed record PullRequestEdited(PullRequestAt PullRequest) : Fact;

/// <summary>Its head moved.</summary>
internal sealed record PullRequestSynchronized(PullRequestAt PullRequest) : Fact;

internal sealed record PullRequestMerged(PullRequestAt PullRequest, string? MergeCommit) : Fact;

internal sealed record PullRequestClosedUnmerged(PullRequestAt PullRequest) : Fact;

/// <summary>Somebody approved. Of which head is not reported: read the reviews before it counts.</summary>
internal sealed record ReviewApproved(PullRequestAt PullRequest, string Reviewer) : Fact;

/// <summary>Somebody asked for changes.</summary>
internal sealed record ReviewRejected(PullRequestAt PullRequest, string Reviewer, string Text) : Fact;

/// <summary>Somebody wrote a new comment on a pull request; edits and deletions are not reported.</summary>
internal sealed record PullRequestCommented(string Repository, long Number, long Comment, string Author, string Text) : Fact;

/// <summary>One context of a commit has a new state (pending, success, error, failure, warning, skipped). Whether all that is required is there, only the combined status says.</summary>
internal sealed record StatusChanged(string Repository, string Commit, string Context, string State) : Fact;

internal sealed record WorkItemCreated(Guid Project, Guid Item, long? Sequence, string Name) : Fact;

/// <summary>A work item moved to another state; the ids are the tracker's.</summary>
internal sealed record WorkItemStateChanged(Guid Project, Guid Item, Guid? State) : Fact;

internal sealed record WorkItemLabelsChanged(Guid Project, Guid Item) : Fact;

internal sealed record WorkItemAssigneesChanged(Guid Project, Guid Item) : Fact;

internal sealed record WorkItemDeleted(Guid? Project, Guid Item) : Fact;

/// <summary>Somebody wrote a new comment on a work item; the text is without markup. Edits are not reported, so that no old command runs again.</summary>
internal sealed record WorkItemCommented(Guid Project, Guid Item, Guid Comment, Guid? Author, string Text) : Fact;

internal sealed record ProjectDeleted(Guid Project) : Fact;
