using System.Globalization;
using Npgsql;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Reserved;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Delivery.Tracker;
using Orchestrator.Service.Remote;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Delivery.Reports;

/// <summary>
/// The lane of reports: tells forge or tracker what became of a task. Says what is true now, not what was true when the job was made, and looks again after it has said it; so late, repeated
/// and disordered reports end with the same words.
/// </summary>
internal sealed class ReportHandler(
    NpgsqlDataSource database, DeliveryPipeline pipeline, DeliveryOptions options, TrackerOptions words, ILogger<ReportHandler> log, IForge? forge = null, TaskPullRequests? pulls = null, ITracker? tracker = null) : IJobHandler
{
    private const int MostLooks = 5;

    public async Task<JobOutcome> RunAsync(JobRun run, CancellationToken cancellation)
    {
        var report = run.Read<TaskReport>();
        try
        {
            switch (report.To)
            {
                case ReportTo.Forge when forge is not null:
                    await TellAsync(forge, report, cancellation);
                    return JobOutcome.Done();
                case ReportTo.Tracker when tracker is not null:
                    await TellAsync(tracker, report, cancellation);
                    return JobOutcome.Done();
                default:
                    return JobOutcome.Fail($"No {report.To} is configured on this node any more.");
            }
        }
        catch (RemoteException refused) when (refused.Fault is RemoteFault.Forbidden or RemoteFault.NotFound or RemoteFault.Refused or RemoteFault.Conflict)
        {
            return JobOutcome.Fail(refused.Message); // the task goes on untold; whoever mends it may retry the job
        }
        catch (RemoteException away)
        {
            return away.Outcome;
        }
    }

    private async Task TellAsync(IForge forge, TaskReport report, CancellationToken cancellation)
    {
        if (report.Head is not { } head || await ReadAsync(report.Task, cancellation) is not { } seen)
            return;
        if (seen.Task is { PullRequest: null, EndedAt: null } task)
            await pulls!.OpenAsync(task, cancellation); // the merge finds it
        if (report is { LeftStep: { } left, LeftStage: { } stage })
            await SetAsync(forge, seen, left, stage, head, cancellation);
        await SetAsync(forge, seen, report.Step, report.Stage, head, cancellation);
    }

    private async Task SetAsync(IForge forge, Seen seen, long step, string stage, string head, CancellationToken cancellation)
    {
        for (var look = 1; look <= MostLooks; look++)
        {
            if (ReportWords.StatusOf(seen.Task, seen.Timeline, step, stage, pipeline) is not { } status)
                return;
            await forge.SetStatusAsync(seen.Task.Repository, head, status, cancellation);
            if (status.State != StatusState.Pending)
                return; // how a step ended stays
            seen = await ReadAsync(seen.Task.Id, cancellation) ?? seen;
            if (ReportWords.StatusOf(seen.Task, seen.Timeline, step, stage, pipeline) == status)
                return;
        }
    }

    private async Task TellAsync(ITracker tracker, TaskReport report, CancellationToken cancellation)
    {
        DeliveryTask? task;
        TaskWorkItem? at;
        string? why;
        MergeRecord? merge;
        await using (var connection = await database.OpenConnectionAsync(cancellation))
        {
            task = await TaskLedger.GetAsync(connection, report.Task, cancellation);
            at = task?.ExternalKey is { } key ? await TaskLedger.WorkItemAsync(connection, key, cancellation) : null;
            why = (await TaskLedger.EventAsync(connection, report.Task, report.Line, cancellation))?.Detail;
            merge = MergeRecord.Read(await TaskLedger.ArtifactAsync(connection, report.Task, Artifacts.Merge, cancellation));
        }

        if (task is null || at is null || options.ProjectOf(at.Project) is not { } project)
            return;
        await MoveAsync(tracker, report, task, at, project, cancellation);
        if (ReportWords.CommentOf(report, task, why, merge) is { } text)
            await tracker.CommentAsync(at.Project, at.Item, string.Create(CultureInfo.InvariantCulture, $"{report.Task:N}:{report.Step}:{report.What}"), text, cancellation);
    }

    /// <summary>A report of a step that is over moves nothing: that step's successor has a report of its own. But one that may leave a state of the end must do so itself.</summary>
    private async Task MoveAsync(ITracker tracker, TaskReport report, DeliveryTask task, TaskWorkItem at, ProjectOptions project, CancellationToken cancellation)
    {
        var reopen = report.What == ReportKind.Retried;
        if (task.Step != report.Step && !reopen)
            return;
        for (var look = 1; look <= MostLooks && ReportWords.StateOf(task, project, words) is { } word; look++)
        {
            if (await tracker.SetStateAsync(at.Project, at.Item, word, reopen, cancellation) is var set and not (StateSet.Moved or StateSet.WasThere))
            {
                log.NotMoved(at.Item, word, set);
                return;
            }

            await using var connection = await database.OpenConnectionAsync(cancellation);
            task = await TaskLedger.GetAsync(connection, task.Id, cancellation) ?? task;
            if (ReportWords.StateOf(task, project, words) == word)
                return;
        }
    }

    private async Task<Seen?> ReadAsync(Guid id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await TaskLedger.GetAsync(connection, id, cancellation) is { } task ? new Seen(task, await TaskLedger.EventsAsync(connection, id, cancellation)) : null;
    }

    private sealed record Seen(DeliveryTask Task, IReadOnlyList<TaskEvent> Timeline);
}

internal static partial class ReportLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Work item {Item} was not moved to the state for '{Word}': {Why}")]
    public static partial void NotMoved(this ILogger log, Guid item, string word, StateSet why);
}
