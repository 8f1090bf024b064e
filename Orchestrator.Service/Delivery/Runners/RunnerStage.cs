using System.Globalization;
using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Git;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Delivery.Tasks;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Delivery.Runners;

/// <summary>Runs the suite of a task's repository and leaves the verdict for the stage's gate, exactly as an agent would have.</summary>
internal sealed class RunnerStage(NpgsqlDataSource database, Worktrees worktrees, DeliveryOptions options, TimeProvider time) : IStageWork
{
    public bool Does(Worker worker) => worker is Worker.Runner;

    public async Task<JobOutcome> RunAsync(DeliveryTask task, Stage stage, JobRun run, CancellationToken cancellation)
    {
        var kind = ((Worker.Runner)stage.Worker).Kind;
        if (options.SuiteOf(kind, task.Repository) is not { } suite)
            return JobOutcome.EnvironmentFault($"The {kind} runner has no suite for {task.Repository} on this node. Configure it under Orchestrator:Delivery:Runners, the same on all nodes.");
        string folder, commit;
        try
        {
            (folder, commit, _, _) = await worktrees.PrepareAsync(task, cancellation);
        }
        catch (GitFailedException failed)
        {
            return failed.Outcome;
        }

        var id = run.RunId.ToString(CultureInfo.InvariantCulture);
        var ended = await new SuiteRunner(time).RunAsync(suite, folder, Path.Combine(options.Folder, "suites", task.Id.ToString("N")), id, commit, cancellation);
        var artifact = kind == RunnerKind.Tests ? VerdictArtifact.TestReport : VerdictArtifact.StagingLog;
        var now = time.GetUtcNow();
        return DeferralDecision.Decide(ended.Verdict, await SpentAsync(run.JobId, cancellation), options.Runners.Waits) switch
        {
            StageStep.Advance or StageStep.Rollback => JobOutcome.Done(async (scope, stop) =>
            {
                await TaskLedger.StoreHeadAsync(scope.Connection, task.Id, task.Step, commit, stop); // what was tested, and nothing else, may be merged
                await TaskLedger.StoreArtifactAsync(scope.Connection, task.Id, task.Step, artifact.File, artifact.Text(ended, now), now, stop);
            }),
            StageStep.Defer defer => JobOutcome.Transient(defer.Reason, defer.Wait),
            StageStep.Hold hold => JobOutcome.EnvironmentFault(hold.Reason),
            var other => throw new InvalidOperationException($"Nothing follows from {other}."),
        };
    }

    // The job's own budget counts what this step has waited: it begins anew with each step, and survives every restart.
    private async Task<DeferralsSpent> SpentAsync(Guid job, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var spent = (await JobLedger.GetAsync(connection, job, cancellation))?.TransientAttempts ?? 0;
        return new DeferralsSpent(spent, spent > 0 ? 1 : 0);
    }
}
