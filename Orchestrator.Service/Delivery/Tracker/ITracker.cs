namespace Orchestrator.Service.Delivery.Tracker;

/// <summary>
/// The server that holds work items. What it answers in the course of things is a result; what keeps it from answering is a <see cref="Remote.RemoteException"/>.
/// </summary>
internal interface ITracker
{
    /// <summary>Does the server answer, and is the key valid? The id of the key's own user.</summary>
    Task<Guid> PreflightAsync(CancellationToken cancellation);

    /// <summary>Null if there is none.</summary>
    Task<WorkItem?> FindAsync(Guid project, Guid item, CancellationToken cancellation);

    /// <summary>By its key, as people write it: PROJ-12. Null if there is none.</summary>
    Task<WorkItem?> FindAsync(string key, CancellationToken cancellation);

    /// <summary>Items of a project that were written or changed since then, newest change first; at most some hundred.</summary>
    Task<IReadOnlyList<WorkItem>> ChangedSinceAsync(Guid project, DateTimeOffset since, CancellationToken cancellation);

    /// <summary>The states of a project.</summary>
    Task<IReadOnlyList<WorkItemState>> StatesAsync(Guid project, CancellationToken cancellation);

    /// <summary>Moves an item to the state that the settings give for a word of ours; says so if it was there already, and then writes nothing.</summary>
    /// <param name="project">Of the item.</param>
    /// <param name="item">Which.</param>
    /// <param name="word">Stage or state of a task.</param>
    /// <param name="reopen">Move it also if it is cancelled; otherwise it stays so, because whoever cancelled it ended its task.</param>
    /// <param name="cancellation">Ends the call.</param>
    Task<StateSet> SetStateAsync(Guid project, Guid item, string word, bool reopen, CancellationToken cancellation);

    /// <summary>Gives an item exactly these labels.</summary>
    Task SetLabelsAsync(Guid project, Guid item, IReadOnlyCollection<Guid> labels, CancellationToken cancellation);

    /// <summary>Writes a comment once: the server itself refuses a second one with the key.</summary>
    /// <param name="project">Of the item.</param>
    /// <param name="item">On what.</param>
    /// <param name="key">1 to 200 characters.</param>
    /// <param name="text">Plain text; nothing in it is markup.</param>
    /// <param name="cancellation">Ends the call.</param>
    Task<ItemCommentMade> CommentAsync(Guid project, Guid item, string key, string text, CancellationToken cancellation);

    /// <summary>All comments of an item.</summary>
    Task<IReadOnlyList<ItemComment>> CommentsAsync(Guid project, Guid item, CancellationToken cancellation);
}

/// <param name="Id">The server's.</param>
/// <param name="Project">The project's id.</param>
/// <param name="Sequence">The number in PROJ-12.</param>
/// <param name="Name">Its title.</param>
/// <param name="Text">Its description without markup.</param>
/// <param name="State">Id of its state.</param>
/// <param name="Labels">Ids.</param>
/// <param name="Assignees">Ids.</param>
/// <param name="CreatedAt">When it was written.</param>
/// <param name="UpdatedAt">Of its last change.</param>
/// <param name="Archived">Archived, or a draft: nobody works on it.</param>
internal sealed record WorkItem(
    Guid Id, Guid Project, long? Sequence, string Name, string Text, Guid? State, IReadOnlyList<Guid> Labels, IReadOnlyList<Guid> Assignees, DateTimeOffset? CreatedAt, DateTimeOffset? UpdatedAt, bool Archived);

/// <param name="Id">The server's.</param>
/// <param name="Name">As people named it.</param>
/// <param name="Group">backlog, unstarted, started, completed, cancelled or triage.</param>
internal sealed record WorkItemState(Guid Id, string Name, string Group)
{
    /// <summary>Whoever moves an item here wants nothing of it any more.</summary>
    public bool IsCancelled => Group == "cancelled";
}

internal enum StateSet
{
    Moved,

    /// <summary>It was in that state.</summary>
    WasThere,

    /// <summary>There is no such item.</summary>
    NoItem,

    /// <summary>Somebody has cancelled or archived it, and it stays so.</summary>
    Ended,

    /// <summary>The settings have no state for the word, or the project no state of that name.</summary>
    NoState,
}

/// <param name="Id">The server's; null if it was there and the server did not say.</param>
/// <param name="Existed">It was there before.</param>
internal sealed record ItemCommentMade(Guid? Id, bool Existed);

/// <param name="Id">The server's.</param>
/// <param name="Author">Id of the user.</param>
/// <param name="Text">Without markup, cut at some thousand characters.</param>
/// <param name="CreatedAt">When it was written.</param>
/// <param name="Own">One of ours.</param>
internal sealed record ItemComment(Guid Id, Guid? Author, string Text, DateTimeOffset? CreatedAt, bool Own);
