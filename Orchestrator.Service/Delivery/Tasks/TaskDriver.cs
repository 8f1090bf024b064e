using System.Text.Json;
using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Alerts;
using Orchestrator.Service.Delivery.Gates;
using Orchestrator.Service.Delivery.Reports;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Delivery.Tasks;

/// <summary>
/// Moves tasks on: looks at the evidence, decides, and takes the task by a guarded transition, in one transaction with the job that it causes. Whoever
/// comes second with the same evidence writes nothing. Called by whoever hears that something may have changed; the sweep finds what nobody told.
/// </summary>
internal sealed class TaskDriver(
    NpgsqlDataSource database, TaskTransitions transitions, Intake intake, StageJobs jobs, GateRegistry gates, DeliveryPipeline pipeline, TaskReports reports, WorkSignal signal, Alerts.Alerts alerts,
    TimeProvider time, ILogger<TaskDriver> log)
{
    /// <returns>True if the task has moved.</returns>
    public async Task<bool> DriveAsync(Guid id, CancellationToken cancellation)
    {
        DeliveryTask? seen;
        Job? job;
        await using (var connection = await database.OpenConnectionAsync(cancellation))
        {
            seen = await TaskLedger.GetAsync(connection, id, cancellation);
            job = seen?.JobId is { } of ? await JobLedger.GetAsync(connection, of, cancellation) : null;
        }

        if (seen is null || job is null)
            return false;
        var work = new StageJob(job.State, job.Reason, NewHeadOf(job.Result));
        List<GateResult> answers = TaskDecision.NeedsGates(seen, work) && pipeline.Find(seen.Stage) is { } stage ? await gates.AskAsync(seen, stage, stage.Gates, cancellation) : [];
        var next = TaskDecision.Decide(seen, work, answers, pipeline, time.GetUtcNow());
        var moved = next is not NextStep.Nothing && await MoveAsync(seen, next, cancellation);
        if (moved && next is NextStep.GoOn && job.EndedAt is not null)
            await DriveAsync(id, cancellation); // its job has ended meanwhile
        return moved;
    }

    /// <summary>Begins the stage of a task that does not work on it, with a new step.</summary>
    /// <returns>False if somebody else has moved it.</returns>
    public Task<bool> RetryStageAsync(DeliveryTask seen, CancellationToken cancellation) =>
        CommitAsync(seen, async (connection, task) => new StageRetried(await EnterAsync(connection, task, pipeline[task.Stage], cancellation)), "retried by hand", cancellation);

    internal async Task<Entry> EnterAsync(NpgsqlConnection connection, DeliveryTask task, Stage stage, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var step = await TaskLedger.NextStepAsync(connection, cancellation);
        var submitted = await intake.InsertAsync(connection, [jobs.For(task, stage, step)], now, cancellation);
        return new Entry(stage.Name, step, submitted[0].JobId, now);
    }

    private async Task<bool> MoveAsync(DeliveryTask seen, NextStep next, CancellationToken cancellation)
    {
        try
        {
            return await CommitAsync(seen, (connection, task) => EventAsync(connection, task, next, cancellation), Detail(next), cancellation);
        }
        catch (JobRequestException refused)
        {
            // The configuration has changed under the task: its next job can't be made until somebody mends that.
            return await CommitAsync(seen, (_, _) => Task.FromResult<object?>(new HeldUp(Reason.Storable($"The job of the next stage can't be made: {string.Join(" ", refused.Errors)}"))), refused.Message, cancellation);
        }
    }

    private async Task<object?> EventAsync(NpgsqlConnection connection, DeliveryTask task, NextStep next, CancellationToken cancellation) => next switch
    {
        NextStep.Advance { To: null } => new Completed(time.GetUtcNow()),
        NextStep.Advance { To: { } to } advance => new Advanced(await EnterAsync(connection, task, to, cancellation), advance.NewHead),
        NextStep.SendBack back => new SentBack(await EnterAsync(connection, task, back.To, cancellation), Reason.Storable(back.Note)),
        NextStep.GiveUp gaveUp => new GaveUp(time.GetUtcNow(), Reason.Storable(gaveUp.Reason)),
        NextStep.Wait wait => new GatesWait(wait.Until, Reason.Storable(wait.Reason)),
        NextStep.Hold { ForJob: true } when !await IsHeldAsync(connection, task, cancellation) => null, // released since it was seen, and the task with it
        NextStep.Hold hold => new HeldUp(Reason.Storable(hold.Reason), hold.ForJob),
        NextStep.GoOn => new WentOn(),
        _ => throw new InvalidOperationException($"Nothing follows from {next}."),
    };

    private static async Task<bool> IsHeldAsync(NpgsqlConnection connection, DeliveryTask task, CancellationToken cancellation) =>
        task.JobId is { } job && await JobLedger.GetAsync(connection, job, cancellation) is { State: nameof(JobLifecycle.Held) };

    /// <summary>Locks the task as it was seen, applies the event, and writes it with its line of the timeline; with no event nothing is written. What follows comes after the commit.</summary>
    internal async Task<bool> CommitAsync(DeliveryTask seen, Func<NpgsqlConnection, DeliveryTask, Task<object?>> decide, string? detail, CancellationToken cancellation)
    {
        object happened;
        DeliveryTask? task;
        await using (var connection = await database.OpenConnectionAsync(cancellation))
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            task = await TaskLedger.LockAsync(connection, seen.Id, seen.Step, cancellation);
            if (task is null || task.State != seen.State)
                return false; // somebody else was quicker: nothing is written, nothing follows
            var stage = task.Stage;
            if (await decide(connection, task) is not { } decided)
                return false;
            happened = decided;
            if (!await transitions.ApplyAsync(task, happened) || !await TaskLedger.WriteAsync(connection, task, seen.State, seen.Step, cancellation))
                return false;
            if (happened is not GatesWait || seen.State == nameof(TaskLifecycle.Working)) // a repeated look is no news
            {
                var line = await TaskLedger.RecordAsync(
                    connection, task.Id, new TaskEvent(time.GetUtcNow(), seen.Step, stage, happened.GetType().Name, detail is null ? null : Reason.Storable(detail)), cancellation);
                await reports.InsertAsync(connection, task, (seen.Step, stage), happened, line, cancellation);
            }

            await transaction.CommitAsync(cancellation);
        }

        log.Moved(task.Id, happened.GetType().Name, task.Stage, task.State);
        Follow(task, happened);
        return true;
    }

    /// <summary>A new job is there, or the gate of the repository is another's now.</summary>
    internal void Wake()
    {
        signal.Submitted(DeliveryLanes.Agents);
        signal.Submitted(DeliveryLanes.Work);
        if (reports.IsEnabled)
            signal.Submitted(DeliveryLanes.Reports);
    }

    private void Follow(DeliveryTask task, object happened)
    {
        if (happened is HeldUp or GaveUp)
            alerts.Raise(new Alert(happened is HeldUp ? AlertKind.TaskHeld : AlertKind.TaskFailed, $"{task.Repository} {task.Id}", $"Task '{task.Title}' at {task.Stage}: {task.Reason}"));
        if (happened is not GatesWait)
            Wake(); // all: an older task that was resumed meanwhile may go first, in whatever lane
    }

    private static NewHead? NewHeadOf(string? result) =>
        result is null || !result.Contains("\"sha\"", StringComparison.Ordinal) ? null : JsonSerializer.Deserialize<NewHead>(result, JobRun.Json);

    private static string? Detail(NextStep next) => next switch
    {
        NextStep.Advance { To: { } to } => $"to {to.Name}",
        NextStep.SendBack back => $"to {back.To.Name}: {back.Note}",
        NextStep.GiveUp gaveUp => gaveUp.Reason,
        NextStep.Wait wait => wait.Reason,
        NextStep.Hold hold => hold.Reason,
        _ => null,
    };
}
