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
            if ((seen.Task.HeadSha == head && ReportWords.IsRepeated(seen.Task, seen.Timeline, step, stage)) || ReportWords.StatusOf(seen.Task, seen.Timeline, step, stage, pipeline) is not { } status)
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
        if (await ReadAsync(report.Task, cancellation) is not { } seen)
            return;
        TaskWorkItem? at;
        string? why;
        MergeRecord? merge;
        await using (var connection = await database.OpenConnectionAsync(cancellation))
        {
            at = seen.Task.ExternalKey is { } key ? await TaskLedger.WorkItemAsync(connection, key, cancellation) : null;
            why = (await TaskLedger.EventAsync(connection, report.Task, report.Line, cancellation))?.Detail;
            merge = MergeRecord.Read(await TaskLedger.ArtifactAsync(connection, report.Task, Artifacts.Merge, cancellation));
        }

        if (at is null || options.ProjectOf(at.Project) is not { } project)
            return;
        await MoveAsync(tracker, seen, at, project, reopen: report.What == ReportKind.Retried, cancellation);
        if (ReportWords.CommentOf(report, seen.Task, why, merge) is { } text) // the line is the transition's own: held twice at one step is said twice
            await tracker.CommentAsync(at.Project, at.Item, string.Create(CultureInfo.InvariantCulture, $"{report.Task:N}:{report.Step}:{report.What}:{report.Line}"), text, cancellation);
    }

    private async Task MoveAsync(ITracker tracker, Seen seen, TaskWorkItem at, ProjectOptions project, bool reopen, CancellationToken cancellation)
    {
        for (var look = 1; look <= MostLooks && ReportWords.StateOf(seen.Task, seen.Timeline, project, words) is { } word; look++)
        {
            if (await tracker.SetStateAsync(at.Project, at.Item, word, reopen, cancellation) is var set and not (StateSet.Moved or StateSet.WasThere))
            {
                log.NotMoved(at.Item, word, set);
                return;
            }

            seen = await ReadAsync(seen.Task.Id, cancellation) ?? seen;
            if (ReportWords.StateOf(seen.Task, seen.Timeline, project, words) == word)
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
