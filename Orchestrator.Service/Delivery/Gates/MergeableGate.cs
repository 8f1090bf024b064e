using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Git;
using Orchestrator.Service.Delivery.Merging;
using Orchestrator.Service.Finalize;

namespace Orchestrator.Service.Delivery.Gates;

/// <summary>
/// Can the task's commit be merged into its base as both are now? git is asked, because the forge says "not mergeable" while it still checks, too; the forge is asked whether the
/// pull request is still to be merged. Fetches into the service's own copy of the repository; no branch moves.
/// </summary>
internal sealed class MergeableGate(Repositories repositories, MergeProbe probe, IForge? forge = null) : IGate
{
    public string Name => "check_branch_mergeable";

    public async Task<GateVerdict> EvaluateAsync(GateEvidence evidence, CancellationToken cancellation)
    {
        var task = evidence.Task;
        if (task.HeadSha is not { Length: > 0 } head)
            return new(GateAnswer.Failed, "The task has no commit: none of its stages has pushed one.");
        var pull = forge is null || task.PullRequest is not { } number ? null : await forge.FindAsync(task.Repository, number, cancellation);
        switch (pull)
        {
            case { State: PullRequestState.Merged }:
                return new(GateAnswer.Passed, $"Pull request {pull.Number} is merged.");
            case { State: PullRequestState.Closed }:
                return new(GateAnswer.CannotTell, $"Pull request {pull.Number} was closed without a merge. Open it again, or cancel the task.");
            case { Draft: true }:
                return new(GateAnswer.NotYet, $"Pull request {pull.Number} is a draft, or its title says work in progress.");
        }

        var mirror = await repositories.FetchAsync(task.Repository, cancellation);
        return await probe.ProbeAsync(mirror, mirror.BaseRef, head, cancellation) switch
        {
            MergeProbeResult.Conflict conflict => new(GateAnswer.Failed, MergeNotes.Conflict(mirror.Base, conflict.Base, conflict.Files)),
            MergeProbeResult.NoSuchCommit missing => new(GateAnswer.CannotTell, $"{mirror.Name} has no commit {missing.Name}."),
            _ => new(GateAnswer.Passed, $"{head} merges into {mirror.Base} without a conflict."),
        };
    }
}
