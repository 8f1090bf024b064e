using System.Globalization;
using Npgsql;
using Orchestrator.Contracts;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Tasks;
using Orchestrator.Service.Delivery.Tracker;
using Orchestrator.Service.Delivery.Webhooks;

namespace Orchestrator.Service.Delivery.Facts;

/// <summary>
/// What tasks do with what was reported: a work item that is to be begun becomes a task, one that is cancelled ends its task, and whatever concerns a branch or a pull
/// request makes its task's gates be asked. Acts on the present state, so a fact that comes late, twice or out of order does no harm.
/// </summary>
internal sealed class TaskFacts(NpgsqlDataSource database, ITaskClient tasks, TaskDriver driver, DeliveryOptions options, ILogger<TaskFacts> log, ITracker? tracker = null) : IDeliveryFacts
{
    private const string Prefix = "work-item:";

    public async Task TakeAsync(Webhooks.Delivery delivery, CancellationToken cancellation)
    {
        foreach (var fact in delivery.Facts)
            await TakeAsync(fact, cancellation);
    }

    /// <summary>What the tracker's work items are called as tasks.</summary>
    public static string KeyOf(Guid item) => $"{Prefix}{item:N}";

    public static bool IsWorkItem(string? externalKey) => externalKey?.StartsWith(Prefix, StringComparison.Ordinal) == true;

    private Task TakeAsync(Fact fact, CancellationToken cancellation) => fact switch
    {
        BranchPushed pushed => LookAsync(connection => TaskLedger.OfBranchAsync(connection, pushed.Repository, pushed.Branch, cancellation), cancellation),
        PullRequestOpened { PullRequest: var at } => LookAsync(at, cancellation),
        PullRequestReopened { PullRequest: var at } => LookAsync(at, cancellation),
        PullRequestEdited { PullRequest: var at } => LookAsync(at, cancellation),
        PullRequestSynchronized { PullRequest: var at } => LookAsync(at, cancellation),
        PullRequestMerged { PullRequest: var at } => LookAsync(at, cancellation),
        PullRequestClosedUnmerged { PullRequest: var at } => LookAsync(at, cancellation),
        ReviewApproved { PullRequest: var at } => LookAsync(at, cancellation),
        ReviewRejected { PullRequest: var at } => LookAsync(at, cancellation),
        StatusChanged status => LookAsync(connection => TaskLedger.OfHeadAsync(connection, status.Repository, status.Commit, cancellation), cancellation),
        WorkItemCreated created => LookAsync(created.Project, created.Item, cancellation),
        WorkItemStateChanged changed => LookAsync(changed.Project, changed.Item, cancellation),
        WorkItemDeleted deleted => EndAsync(deleted.Item, "Its work item was deleted.", cancellation),
        _ => Task.CompletedTask, // comments, labels and assignees are no business of a task's
    };

    private Task LookAsync(PullRequestAt at, CancellationToken cancellation) => LookAsync(async connection =>
        await TaskLedger.OfPullRequestAsync(connection, at.Repository, at.Number, cancellation) ?? await TaskLedger.OfBranchAsync(connection, at.Repository, at.Branch, cancellation), cancellation);

    private async Task LookAsync(Func<NpgsqlConnection, Task<Guid?>> find, CancellationToken cancellation)
    {
        Guid? task;
        await using (var connection = await database.OpenConnectionAsync(cancellation))
            task = await find(connection);
        if (task is { } id)
            await driver.DriveAsync(id, cancellation);
    }

    private async Task LookAsync(Guid project, Guid id, CancellationToken cancellation)
    {
        if (tracker is null || options.ProjectOf(project) is not { } settings)
        {
            log.NotOurs(id, tracker is null ? "Orchestrator:Tracker names no server to read it from" : $"Orchestrator:Delivery:Projects has no {project}");
            return;
        }

        if (await tracker.FindAsync(project, id, cancellation) is not { } item)
        {
            await EndAsync(id, "Its work item is gone.", cancellation);
            return;
        }

        var state = (await tracker.StatesAsync(project, cancellation)).FirstOrDefault(state => state.Id == item.State);
        if (item.Archived || state?.IsCancelled == true)
            await EndAsync(id, $"Its work item was {(item.Archived ? "archived" : "cancelled")}.", cancellation);
        else if (state is not null && settings.Begins(state))
            await OpenAsync(item, settings, cancellation);
        else
            log.NotOurs(id, $"its state is {state?.Name ?? "unknown"}, and work begins at {settings.Begin}");
    }

    // Where the item is stands there before the task does: from its first report on it must be found.
    private async Task OpenAsync(WorkItem item, ProjectOptions settings, CancellationToken cancellation)
    {
        await using (var connection = await database.OpenConnectionAsync(cancellation))
            await TaskLedger.KnowWorkItemAsync(connection, KeyOf(item.Id), new TaskWorkItem(item.Project, item.Id), cancellation);
        await tasks.OpenAsync(Request(item, settings), cancellation);
    }

    private async Task EndAsync(Guid item, string reason, CancellationToken cancellation)
    {
        Guid? task;
        await using (var connection = await database.OpenConnectionAsync(cancellation))
            task = await TaskLedger.OfKeyAsync(connection, KeyOf(item), cancellation);
        if (task is { } id)
            await tasks.CancelAsync(id, reason, cancellation);
    }

    // Numbers are each project's own: where several go into one repository, they would take each other's branches.
    private string? BranchOf(WorkItem item, ProjectOptions settings) => item.Sequence is not { } number ? null
        : options.Projects.Values.Count(project => project.Repository.Equals(settings.Repository, StringComparison.OrdinalIgnoreCase)) > 1
            ? string.Create(CultureInfo.InvariantCulture, $"task/{item.Project.ToString("N")[..8]}-{number}")
            : string.Create(CultureInfo.InvariantCulture, $"task/{number}");

    private OpenTask Request(WorkItem item, ProjectOptions settings) => new()
    {
        Repository = settings.Repository,
        Title = TaskTitle.Of(item.Name),
        Description = item.Text.Length == 0 ? null : $"# {TaskTitle.OneLine(item.Name)}\n\n{item.Text}".Replace('\0', ' '),
        ExternalKey = KeyOf(item.Id),
        Branch = BranchOf(item, settings),
    };
}

internal static partial class TaskFactsLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Work item {Item} becomes no task: {Why}")]
    public static partial void NotOurs(this ILogger log, Guid item, string why);
}
