using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Merging;
using Orchestrator.Service.Remote;

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
            return new MergeAnswer(outcome.Result, outcome.Text, outcome.PullRequest?.MergeCommit);
        }
        catch (RemoteException remote)
        {
            return new MergeAnswer(IsRefusal(remote) ? MergeResult.Unauthorized : MergeResult.Unavailable, remote.Message);
        }
    }

    private static bool IsRefusal(RemoteException remote) => remote.Fault is RemoteFault.Unauthorized or RemoteFault.Forbidden;
}
