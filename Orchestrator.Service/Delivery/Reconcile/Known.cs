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

    /// <summary>Those of the items of which there is a task, open or ended.</summary>
    Task<IReadOnlySet<Guid>> WithTaskAsync(IReadOnlyCollection<Guid> items, CancellationToken cancellation);
}

/// <param name="PullRequest">As the task knows it.</param>
/// <param name="LastReview">Id of the newest review that the task has seen; 0 before the first.</param>
/// <param name="Checks">What the task believes of the checks of the head.</param>
/// <param name="RequiredChecks">The contexts that count; all if there are none.</param>
/// <param name="CommentsSince">Comments up to then are known; null where comments move nothing, and then nobody asks for them.</param>
internal sealed record KnownPullRequest(Webhooks.PullRequestAt PullRequest, long LastReview, Forge.ChecksState Checks, IReadOnlyCollection<string> RequiredChecks, DateTimeOffset? CommentsSince);

/// <param name="Project">Its project.</param>
/// <param name="Item">Its id.</param>
/// <param name="State">Id of its state, as the task knows it; null where only its end moves anything.</param>
/// <param name="Labels">Its labels' ids; null where they move nothing.</param>
/// <param name="Assignees">Its assignees' ids; null where they move nothing.</param>
/// <param name="CommentsSince">Comments up to then are known; null where comments move nothing, and then nobody asks for them.</param>
internal sealed record KnownWorkItem(Guid Project, Guid Item, Guid? State, IReadOnlyCollection<Guid>? Labels, IReadOnlyCollection<Guid>? Assignees, DateTimeOffset? CommentsSince);

/// <param name="Project">Its id.</param>
/// <param name="ItemsSince">Items written or changed up to then are known.</param>
/// <param name="Begins">Is an item in this state to be begun? Then such items without a task are told of, as long as there is none; without it, new items are, once each.</param>
internal sealed record KnownProject(Guid Project, DateTimeOffset ItemsSince, Func<Tracker.WorkItemState, bool>? Begins = null);
