using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Merging;
using Orchestrator.Service.Delivery.Remote;

namespace Orchestrator.Service.Delivery.Reserved;

/// <summary>What a merge needs of the forge, said in the merge's own words.</summary>
internal sealed class ForgeMerges(IForge forge) : IMergeForge
{
    public async Task<PullLook> LookAsync(string repository, long pullRequest, CancellationToken cancellation)
    {
        try
        {
            return await forge.FindAsync(repository, pullRequest, cancellation) is { } pull
                ? new PullLook.Found(new PullState(pull.State == PullRequestState.Merged, pull.State == PullRequestState.Open, pull.Mergeable, pull.Head, pull.Base, pull.MergeCommit))
                : new PullLook.Missing();
        }
        catch (RemoteException remote)
        {
            return IsRefusal(remote) ? new PullLook.Unauthorized(remote.Message) : new PullLook.Unavailable(remote.Message);
        }
    }

    public async Task<MergeAnswer> MergeAsync(string repository, long pullRequest, string head, CancellationToken cancellation)
    {
        try
        {
            var outcome = await forge.MergeAsync(repository, pullRequest, head, deleteBranch: true, cancellation);
            return new MergeAnswer(Of(outcome.Result), outcome.Text, outcome.PullRequest?.MergeCommit);
        }
        catch (RemoteException remote)
        {
            return new MergeAnswer(IsRefusal(remote) ? Merging.MergeResult.Unauthorized : Merging.MergeResult.Unavailable, remote.Message);
        }
    }

    private static bool IsRefusal(RemoteException remote) => remote.Fault is RemoteFault.Unauthorized or RemoteFault.Forbidden;

    private static Merging.MergeResult Of(Forge.MergeResult result) => result switch
    {
        Forge.MergeResult.Merged => Merging.MergeResult.Merged,
        Forge.MergeResult.AlreadyMerged => Merging.MergeResult.AlreadyMerged,
        Forge.MergeResult.Scheduled => Merging.MergeResult.Scheduled,
        Forge.MergeResult.NotMergeableYet => Merging.MergeResult.NotMergeableYet,
        Forge.MergeResult.WorkInProgress => Merging.MergeResult.WorkInProgress,
        Forge.MergeResult.NotPermitted => Merging.MergeResult.NotPermitted,
        Forge.MergeResult.StyleNotAllowed => Merging.MergeResult.StyleNotAllowed,
        Forge.MergeResult.NotReady => Merging.MergeResult.NotReady,
        Forge.MergeResult.Gone => Merging.MergeResult.Gone,
        Forge.MergeResult.Conflict => Merging.MergeResult.Conflict,
        Forge.MergeResult.HeadMoved => Merging.MergeResult.HeadMoved,
        Forge.MergeResult.BaseMoved => Merging.MergeResult.BaseMoved,
        Forge.MergeResult.PushRejected => Merging.MergeResult.PushRejected,
        _ => throw new InvalidOperationException($"The forge's answer {result} has no word for a merge."),
    };
}
