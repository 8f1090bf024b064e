using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Finalize;

namespace Orchestrator.Service.Delivery.Gates;

/// <summary>A gate that looks at the task's pull request.</summary>
internal abstract class ForgeGate(string name, IForge forge) : IGate
{
    public string Name => name;

    protected IForge Forge { get; } = forge;

    public async Task<GateVerdict> EvaluateAsync(GateEvidence evidence, CancellationToken cancellation)
    {
        var task = evidence.Task;
        var pull = task.PullRequest is { } number ? await Forge.FindAsync(task.Repository, number, cancellation) : await Forge.FindByBranchAsync(task.Repository, task.Branch, null, cancellation);
        if (pull is null)
            return new GateVerdict(GateAnswer.NotYet, $"There is no pull request of {task.Branch} yet.");
        if (pull.State == PullRequestState.Closed)
            return new GateVerdict(GateAnswer.CannotTell, $"Pull request {pull.Number} was closed without a merge. Open it again, or cancel the task.");
        if (task.HeadSha is { } gated && pull.Head != gated && pull.State == PullRequestState.Open)
            return new GateVerdict(GateAnswer.NotYet, $"The forge shows {pull.Head} as the head, and the task's last stage left {gated}.");
        return await EvaluateAsync(task, pull, cancellation);
    }

    protected abstract Task<GateVerdict> EvaluateAsync(DeliveryTask task, PullRequest pull, CancellationToken cancellation);
}

/// <summary>Has somebody approved the very head, and nobody asked for changes?</summary>
internal sealed class ApprovedGate(IForge forge, ForgeOptions options) : ForgeGate("check_approved", forge)
{
    protected override async Task<GateVerdict> EvaluateAsync(DeliveryTask task, PullRequest pull, CancellationToken cancellation)
    {
        var verdict = Verdict.Of(await Forge.ReviewsAsync(task.Repository, pull.Number, cancellation), pull.Head, options.OfficialReviewsOnly);
        return verdict.Rejections is [.., var last] ? new GateVerdict(GateAnswer.Failed, $"{last.Reviewer} asks for changes: {last.Text}")
            : verdict.IsApproved ? new GateVerdict(GateAnswer.Passed, $"Approved by {string.Join(", ", verdict.Approvers)}.")
            : new GateVerdict(GateAnswer.NotYet, $"Nobody has approved {pull.Head} yet.");
    }
}

/// <summary>Do the checks of the head succeed? Without any nobody has said anything, and that is no success.</summary>
internal sealed class ChecksGate(IForge forge) : ForgeGate("check_commit_status", forge)
{
    protected override async Task<GateVerdict> EvaluateAsync(DeliveryTask task, PullRequest pull, CancellationToken cancellation)
    {
        var status = (await Forge.StatusAsync(task.Repository, pull.Head, cancellation)).OfOthers(); // the stage's own is pending while it waits here
        return status.Of([]) switch
        {
            ChecksState.Passed => new GateVerdict(GateAnswer.Passed, $"All {status.Statuses.Count} checks of {pull.Head} succeed."),
            ChecksState.Failed => new GateVerdict(GateAnswer.Failed, string.Join(" ", status.Statuses.Where(check => check.State is StatusState.Error or StatusState.Failure).Select(check => $"{check.Context}: {check.Description}"))),
            _ => new GateVerdict(GateAnswer.NotYet, $"The checks of {pull.Head} are not through."),
        };
    }
}
