using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Merging;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Delivery.Tasks;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Delivery.Reserved;

/// <summary>
/// Delivers a task: opens its pull request, merges exactly the head that passed the gates, and says so at the forge. Each part looks first whether it has been done, so a crash
/// between any two doubles nothing.
/// </summary>
internal sealed class DeployStage(IForge forge, TaskPullRequests pulls, Merger merger, MergingOptions options, TimeProvider time) : IStageWork
{
    private const string Context = "orchestrator/delivery";

    public bool Does(Worker worker) => worker is Worker.Reserved { Job: ReservedJob.Deploy };

    public async Task<JobOutcome> RunAsync(DeliveryTask task, Stage stage, JobRun run, CancellationToken cancellation)
    {
        if (!options.Enabled)
            return JobOutcome.EnvironmentFault("Merging is switched off by Orchestrator:Delivery:Merging:Enabled. Switch it on, then retry the stage.");
        if (task.HeadSha is not { Length: > 0 } head)
            return JobOutcome.Fail("The task has no commit: none of its stages has pushed one.");
        var number = task.PullRequest ?? await pulls.OpenAsync(task, cancellation);
        return await merger.DriveAsync(new MergeWork(task.Id, task.Step, task.Repository, task.Branch, number, head), cancellation) switch
        {
            MergeStep.Finalize done => await FinishAsync(task, number, head, done, cancellation),
            MergeStep.Wait wait => JobOutcome.Transient(wait.Why, wait.For),
            MergeStep.Retry again => JobOutcome.Transient(again.Why, again.After),
            MergeStep.Bounce bounce => JobOutcome.Fail(bounce.Note),
            MergeStep.RunGates gates => NewHead(task, gates),
            MergeStep.Hold hold => JobOutcome.EnvironmentFault(hold.Reason),
            MergeStep.Drop drop => JobOutcome.EnvironmentFault($"{drop.Reason} Cancel the task, or open the pull request again and retry the stage."),
            var other => throw new InvalidOperationException($"Nothing follows from {other}."),
        };
    }

    private async Task<JobOutcome> FinishAsync(DeliveryTask task, long number, string head, MergeStep.Finalize done, CancellationToken cancellation)
    {
        // A merge that was just made answers no commit, and one that is found made does: both speak of the same, or a crash in between would speak of two.
        var commit = done.Commit ?? (await forge.FindAsync(task.Repository, number, cancellation))?.MergeCommit ?? head;
        // Before the outcome is stored, and idempotent: a crash in between says it again, and the forge hears it once.
        await forge.SetStatusAsync(task.Repository, commit, new CommitStatus(Context, StatusState.Success, "Delivered"), cancellation);
        await forge.CommentAsync(task.Repository, number, $"delivered-{task.Id:N}", $"Delivered as {commit}. {done.Why}", cancellation);
        var text = new MergeRecord(number, commit, done.Why).Text;
        return JobOutcome.Done(async (scope, stop) => await TaskLedger.StoreArtifactAsync(scope.Connection, task.Id, task.Step, Artifacts.Merge, text, time.GetUtcNow(), stop));
    }

    // The new head stands in the row before the gates are asked for it: they judge what would land.
    private static JobOutcome NewHead(DeliveryTask task, MergeStep.RunGates gates) => JobOutcome.Done(
        async (scope, stop) => await TaskLedger.StoreHeadAsync(scope.Connection, task.Id, task.Step, gates.Head, stop), new NewHead(gates.Head, gates.Why));
}
