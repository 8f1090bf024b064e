using System.Globalization;
using Npgsql;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Facts;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Tracker;
using Orchestrator.Service.Ingress;

namespace Orchestrator.Service.Delivery.Reports;

/// <summary>Enqueues what a task's transition causes outside, in the transaction of the transition: it is told if the transition stands, and by a lane of its own, so that a server's outage holds up no stage.</summary>
internal sealed class TaskReports(Intake intake, DeliveryOptions options, TrackerOptions words, TimeProvider time, IForge? forge = null, ITracker? tracker = null)
{
    /// <summary>Is there anybody to tell?</summary>
    public bool IsEnabled => options.ReportsEnabled && (forge is not null || tracker is not null);

    /// <param name="connection">In the transaction of the transition.</param>
    /// <param name="task">After it.</param>
    /// <param name="left">Step and stage before it; null where the task is new.</param>
    /// <param name="happened">The lifecycle's event.</param>
    /// <param name="line">Its line in the timeline.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task InsertAsync(NpgsqlConnection connection, DeliveryTask task, (long Step, string Stage)? left, object happened, long line, CancellationToken cancellation)
    {
        if (!IsEnabled || TaskReport.KindOf(happened) is not { } what)
            return;
        var jobs = new List<JobRequest>(2);
        var report = new TaskReport(ReportTo.Forge, task.Id, task.Step, task.Stage, what, line, task.HeadSha, left?.Step == task.Step ? null : left?.Step, left?.Step == task.Step ? null : left?.Stage);
        if (forge is not null && task.HeadSha is not null && what is not (ReportKind.Held or ReportKind.WentOn)
            && HasWork(await TaskLedger.ArtifactAsync(connection, task.Id, Artifacts.Changes, cancellation)))
            jobs.Add(Job(report));
        if (tracker is not null && TaskFacts.IsWorkItem(task.ExternalKey) && (ReportWords.Comments.Contains(what) || HasWord(task)))
            jobs.Add(Job(report with { To = ReportTo.Tracker, Head = null, LeftStep = null, LeftStage = left?.Stage }));
        if (jobs.Count > 0)
            await intake.InsertAsync(connection, jobs, time.GetUtcNow(), cancellation);
    }

    /// <summary>Does the branch differ from its base? Before that, its head is a commit of the base, which is nobody's to review or to judge.</summary>
    internal static bool HasWork(string? changes) =>
        changes is not null && changes.Split('\n').Any(line => line.Trim() is { Length: > 0 } said && said[0] != '#');

    private bool HasWord(DeliveryTask task) =>
        options.Projects.Values.Any(project => project.Repository.Equals(task.Repository, StringComparison.OrdinalIgnoreCase) && ReportWords.StateOf(task, [], project, words) is not null);

    // The line is the transition's own: a task that is held twice at one step is told twice.
    private static JobRequest Job(TaskReport report) => JobRequest.For(DeliveryLanes.Reports, report) with
    {
        DedupeKey = string.Create(CultureInfo.InvariantCulture, $"{report.Task:N}:{report.Step}:{report.What}:{report.Line}:{report.To}"),
    };
}
