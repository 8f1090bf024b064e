using System.Net;
using Orchestrator.Service.Remote;

namespace Orchestrator.Service.Delivery.Forge;

/// <summary>What became of a merge.</summary>
internal enum MergeResult
{
    /// <summary>Merged now.</summary>
    Merged,

    /// <summary>It was merged before, perhaps by a call whose answer was lost: success, where the head is the wanted one.</summary>
    AlreadyMerged,

    /// <summary>The server will merge when its checks succeed: wait, finalize nothing.</summary>
    Scheduled,

    /// <summary>The server still checks, or sees a conflict, and does not say which: ask again for some minutes, then look for the conflict with git.</summary>
    NotMergeableYet,

    /// <summary>A draft, or by its title work in progress: until that changes.</summary>
    WorkInProgress,

    /// <summary>The token's user may not merge here: for a person to set right.</summary>
    NotPermitted,

    /// <summary>The repository does not allow this style: for a person to set right.</summary>
    StyleNotAllowed,

    /// <summary>The server's own rules are not met (checks, approvals, outdated, protected files, signing): the gate was not green after all.</summary>
    NotReady,

    /// <summary>Closed without a merge, or not there.</summary>
    Gone,

    /// <summary>Head and base conflict: back to development.</summary>
    Conflict,

    /// <summary>Somebody pushed after the gates: they must be passed again with the new head.</summary>
    HeadMoved,

    /// <summary>The base moved during the merge: try again.</summary>
    BaseMoved,

    /// <summary>A hook of the repository refused it: no repetition helps.</summary>
    PushRejected,

    /// <summary>No answer, or an error of the server's own: whether it merged, a look must show.</summary>
    Unavailable,

    /// <summary>The token is not valid, or not for this.</summary>
    Unauthorized,
}

/// <param name="Result">What became of it.</param>
/// <param name="Text">What the server said; empty if nothing.</param>
/// <param name="PullRequest">As it is, where that was looked at.</param>
internal sealed record MergeOutcome(MergeResult Result, string Text, PullRequest? PullRequest = null)
{
    public bool IsMerged => Result is MergeResult.Merged or MergeResult.AlreadyMerged;

    /// <summary>
    /// What the server's answer to a merge means; null for one that means nothing of that kind. 405 without words is said of what is merged already, which is then looked at.
    /// </summary>
    public static MergeOutcome? Of(RemoteAnswer answer)
    {
        var text = answer.Message;
        return ResultOf(answer, text) is { } result ? new(result, text) : null;
    }

    private static MergeResult? ResultOf(RemoteAnswer answer, string text) => answer.Status switch
    {
        HttpStatusCode.OK => MergeResult.Merged,
        HttpStatusCode.Created => MergeResult.Scheduled,
        HttpStatusCode.NotFound => MergeResult.Gone,
        HttpStatusCode.MethodNotAllowed when text.Length == 0 => MergeResult.AlreadyMerged,
        HttpStatusCode.MethodNotAllowed when Says(text, "try again later") => MergeResult.NotMergeableYet,
        HttpStatusCode.MethodNotAllowed when Says(text, "work in progress") => MergeResult.WorkInProgress,
        HttpStatusCode.MethodNotAllowed when Says(text, "not allowed to merge") => MergeResult.NotPermitted,
        HttpStatusCode.MethodNotAllowed when Says(text, "merge style") => MergeResult.StyleNotAllowed,
        HttpStatusCode.MethodNotAllowed => MergeResult.NotReady,
        HttpStatusCode.Conflict when Says(text, "head out of date") => MergeResult.HeadMoved,
        HttpStatusCode.Conflict when Says(text, "push out of date") => MergeResult.BaseMoved,
        HttpStatusCode.Conflict when Says(text, "already scheduled") => MergeResult.Scheduled,
        HttpStatusCode.Conflict when Says(text, "PushRejected") => MergeResult.PushRejected,
        // A conflict comes as the output of git, in members of its own and without a message.
        HttpStatusCode.Conflict when answer.Part["StdOut"].Exists || answer.Part["StdErr"].Exists || answer.Part["Style"].Exists || Says(text, "conflict") => MergeResult.Conflict,
        HttpStatusCode.Conflict => MergeResult.PushRejected,
        _ => null,
    };

    private static bool Says(string text, string words) => text.Contains(words, StringComparison.OrdinalIgnoreCase);
}
