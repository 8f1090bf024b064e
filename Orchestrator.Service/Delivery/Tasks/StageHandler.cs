using Npgsql;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Gates;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Remote;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Delivery.Tasks;

/// <summary>What the service itself does at a stage: a runner, or a reserved job.</summary>
internal interface IStageWork
{
    bool Does(Worker worker);

    /// <summary>Does it. What it throws counts as a fault of the infrastructure, never of the task's code.</summary>
    Task<JobOutcome> RunAsync(DeliveryTask task, Stage stage, JobRun run, CancellationToken cancellation);
}

/// <summary>The lane of runners and reserved jobs. Each works on a repository of its own, with suites and hosts of its own: a fault of one says nothing about the others.</summary>
internal sealed class StageHandler(NpgsqlDataSource database, DeliveryPipeline pipeline, GateRegistry gates, IEnumerable<IStageWork> works, TimeProvider time) : IJobHandler
{
    public async Task<JobOutcome> RunAsync(JobRun run, CancellationToken cancellation) => (await WorkAsync(run, cancellation)).Alone();

    private async Task<JobOutcome> WorkAsync(JobRun run, CancellationToken cancellation)
    {
        var work = run.Read<StageWork>();
        DeliveryTask? task;
        await using (var connection = await database.OpenConnectionAsync(cancellation))
            task = await TaskLedger.GetAsync(connection, work.Task, cancellation);
        if (task is null || task.Step != work.Step)
            return JobOutcome.Fail("Its task has moved on without it.");
        if (pipeline.Find(work.Stage) is not { } stage)
            return JobOutcome.EnvironmentFault($"The pipeline has no stage '{work.Stage}' any more. Put it back and retry the job, or cancel the task.");
        if (works.FirstOrDefault(candidate => candidate.Does(stage.Worker)) is not { } worker)
            return JobOutcome.EnvironmentFault($"Nothing on this node does the work of stage {stage.Name} for {task.Repository}. {(stage.Worker is Worker.Reserved { Job: ReservedJob.Deploy } ? "Configure Orchestrator:Forge" : "Configure it")}, and retry the stage.");
        try
        {
            return Refusal(await gates.AskAsync(task, stage, stage.Enter, cancellation), task, stage) ?? await worker.RunAsync(task, stage, run, cancellation);
        }
        catch (RemoteException remote)
        {
            return remote.Outcome;
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            return JobOutcome.Transient($"{exception.GetType().Name}: {exception.Message}"); // a fault of ours is no fault of the code
        }
    }

    private JobOutcome? Refusal(IReadOnlyList<GateResult> answers, DeliveryTask task, Stage stage) =>
        answers.FirstOrDefault(answer => answer.Answer == GateAnswer.Failed) is { } failed ? JobOutcome.Fail($"{failed.Gate}: {failed.Reason}")
        : answers.FirstOrDefault(answer => answer.Answer != GateAnswer.Passed) is { } open ? time.GetUtcNow() - task.StageSince > stage.GateWithin
            ? JobOutcome.EnvironmentFault($"After {stage.GateWithin} there is still no answer: {open.Gate}: {open.Reason}")
            : JobOutcome.Transient($"{open.Gate}: {open.Reason}")
        : null;
}
