namespace Orchestrator.Service.Delivery.Reconcile;

/// <summary>What tasks believe of the world. The reconciler looks whether it is so, because webhooks get lost: Gitea sends once, and nobody keeps what was sent while the service was away.</summary>
internal interface IKnownWork
{
    /// <summary>The pull requests that tasks wait for.</summary>
    Task<IReadOnlyList<KnownPullRequest>> PullRequestsAsync(CancellationToken cancellation);

    /// <summary>The work items that tasks stand for.</summary>
    Task<IReadOnlyList<KnownWorkItem>> WorkItemsAsync(CancellationToken cancellation);

    /// <summary>The projects in which new work items become tasks, each with the time up to which all its items are known.</summary>
    Task<IReadOnlyList<KnownProject>> ProjectsAsync(CancellationToken cancellation);
}

/// <param name="PullRequest">As the task knows it.</param>
/// <param name="LastReview">Id of the newest review that the task has seen; 0 before the first.</param>
/// <param name="Checks">What the task believes of the checks of the head.</param>
/// <param name="RequiredChecks">The contexts that count; all if there are none.</param>
/// <param name="CommentsSince">Comments up to then are known.</param>
internal sealed record KnownPullRequest(Webhooks.PullRequestAt PullRequest, long LastReview, Forge.ChecksState Checks, IReadOnlyCollection<string> RequiredChecks, DateTimeOffset CommentsSince);

/// <param name="Project">Its project.</param>
/// <param name="Item">Its id.</param>
/// <param name="State">Id of its state, as the task knows it.</param>
/// <param name="Labels">Its labels' ids.</param>
/// <param name="Assignees">Its assignees' ids.</param>
/// <param name="CommentsSince">Comments up to then are known.</param>
internal sealed record KnownWorkItem(Guid Project, Guid Item, Guid? State, IReadOnlyCollection<Guid> Labels, IReadOnlyCollection<Guid> Assignees, DateTimeOffset CommentsSince);

/// <param name="Project">Its id.</param>
/// <param name="ItemsSince">Items written up to then are known.</param>
internal sealed record KnownProject(Guid Project, DateTimeOffset ItemsSince);
