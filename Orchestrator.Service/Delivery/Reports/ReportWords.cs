using System.Globalization;
using System.Text;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Classify;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Reserved;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Delivery.Tasks;
using Orchestrator.Service.Delivery.Tracker;

namespace Orchestrator.Service.Delivery.Reports;

/// <summary>What is said of a task, decided from the task and its timeline alone.</summary>
internal static class ReportWords
{
    private const int MostLines = 8;

    /// <summary>Task states for which the settings may give a state of the work item; all others are named by the stage.</summary>
    public static readonly IReadOnlyList<string> TaskStates = [nameof(TaskLifecycle.Held), nameof(TaskLifecycle.Done), nameof(TaskLifecycle.Failed), nameof(TaskLifecycle.Cancelled)];

    /// <summary>What is worth a comment.</summary>
    public static readonly IReadOnlySet<ReportKind> Comments = new HashSet<ReportKind> { ReportKind.Begun, ReportKind.SentBack, ReportKind.Retried, ReportKind.Held, ReportKind.Done, ReportKind.Failed };

    /// <summary>The word for the state in which the work item of the task belongs now; null if the settings have none, and then it stays where it is.</summary>
    /// <param name="task">As it stands.</param>
    /// <param name="timeline">Of the task, oldest first: a stage without a word leaves the item where the last one before it that has one had put it.</param>
    /// <param name="project">The settings of the item's project.</param>
    /// <param name="words">The words there are.</param>
    public static string? StateOf(DeliveryTask task, IReadOnlyList<TaskEvent> timeline, ProjectOptions project, TrackerOptions words)
    {
        return task.State switch
        {
            nameof(TaskLifecycle.Held) => Word(task.State) ?? OfStages(),
            nameof(TaskLifecycle.Done) or nameof(TaskLifecycle.Failed) or nameof(TaskLifecycle.Cancelled) => Word(task.State),
            _ => OfStages(),
        };

        string? OfStages() => timeline.Select(line => line.Stage).Append(task.Stage).Reverse().Select(Word).FirstOrDefault(word => word is not null);
        string? Word(string key) => project.States.TryGetValue(key, out var word) ? word : words.States.ContainsKey(key) ? key : null;
    }

    /// <summary>Has the stage begun anew since that step? Then the later one says what is true of it.</summary>
    public static bool IsRepeated(DeliveryTask task, IReadOnlyList<TaskEvent> timeline, long step, string stage) =>
        (task.Step > step && task.Stage == stage) || timeline.Any(line => line.Step > step && line.Stage == stage);

    /// <summary>What a step's stage is as a commit status; null where nothing is to be said of it.</summary>
    /// <param name="task">As it stands.</param>
    /// <param name="timeline">Of the task, oldest first.</param>
    /// <param name="step">Which step.</param>
    /// <param name="stage">Its stage.</param>
    /// <param name="pipeline">The stages. Of the service's own jobs nothing is said: a merge would wait for the status of its own stage where all of a commit's statuses must be successes.</param>
    public static CommitStatus? StatusOf(DeliveryTask task, IReadOnlyList<TaskEvent> timeline, long step, string stage, DeliveryPipeline pipeline)
    {
        if (pipeline.Find(stage) is not { } known || known.Worker is Worker.Reserved)
            return null;
        var end = timeline.LastOrDefault(line => line.Step == step && line.What is nameof(Advanced) or nameof(Completed) or nameof(SentBack) or nameof(GaveUp) or nameof(TaskCancelAsked));
        return end?.What switch
        {
            nameof(Advanced) => pipeline.After(known)?.Name == StageAfter(task, timeline, step) ? Say(StatusState.Success, "Passed") : null,
            nameof(Completed) => Say(StatusState.Success, "Passed"),
            nameof(SentBack) => Say(StatusState.Failure, "Sent back"),
            nameof(GaveUp) => Say(StatusState.Failure, "Failed, and no retry is left"),
            nameof(TaskCancelAsked) => Say(StatusState.Error, "Cancelled"),
            _ => task.Step == step && task.EndedAt is null ? Say(StatusState.Pending, "Under way") : null,
        };

        CommitStatus Say(StatusState state, string words) => new(CommitStatus.Own + stage, state, words);
    }

    /// <summary>What is written about a report; null if nothing is.</summary>
    /// <param name="report">The report.</param>
    /// <param name="task">As it stands.</param>
    /// <param name="why">What the timeline says of it.</param>
    /// <param name="merge">How it was merged, if it was.</param>
    public static string? CommentOf(TaskReport report, DeliveryTask task, string? why, MergeRecord? merge) => report.What switch
    {
        ReportKind.Begun => $"Task {task.Id} has begun: {task.Repository}, branch {task.Branch}.",
        ReportKind.SentBack => $"Stage {report.LeftStage} was not passed; {report.Stage} begins anew.\n{Lines(why)}",
        ReportKind.Retried => $"Stage {report.Stage} begins anew, because somebody asked for it.",
        ReportKind.Held => $"Held at stage {report.Stage} until somebody looks after it:\n{Lines(why)}",
        ReportKind.Failed => $"Failed at stage {report.Stage}:\n{Lines(why)}",
        ReportKind.Done => Delivered(task, merge),
        _ => null,
    };

    /// <summary>Every rule that the words of projects break.</summary>
    public static IEnumerable<string> Errors(DeliveryOptions options, TrackerOptions words, DeliveryPipeline pipeline)
    {
        foreach (var (id, project) in options.Projects)
        {
            var path = $"Orchestrator:Delivery:Projects:{id}:States";
            foreach (var (key, word) in project.States)
            {
                if (pipeline.Find(key) is null && !TaskStates.Contains(key))
                    yield return $"{path}:{key}: must be a stage of the pipeline ({string.Join(", ", pipeline.Stages.Select(stage => stage.Name))}) or one of {string.Join(", ", TaskStates)}.";
                if (words.IsEnabled && !words.States.ContainsKey(word))
                    yield return $"{path}:{key}: must be a word that Orchestrator:Tracker:States gives a state for ({string.Join(", ", words.States.Keys)}). Found: {word}.";
            }
        }
    }

    private static string? StageAfter(DeliveryTask task, IReadOnlyList<TaskEvent> timeline, long step) =>
        timeline.SkipWhile(line => line.Step != step).FirstOrDefault(line => line.Step != step)?.Stage ?? task.Stage;

    private static string Delivered(DeliveryTask task, MergeRecord? merge) => merge is not null ? $"Done.\n{merge.Sentence}"
        : task.PullRequest is { } number ? string.Create(CultureInfo.InvariantCulture, $"Done. Pull request {number}.")
        : "Done.";

    // The first lines, with whatever looks like a key masked: people of the tracker need not be people of the service.
    private static string Lines(string? why)
    {
        var text = new StringBuilder();
        foreach (var line in (why ?? "").Split('\n').Select(Redaction.Of).Where(line => line.Length > 0).Take(MostLines + 1).Select((line, at) => at < MostLines ? line : "…"))
            text.Append(text.Length == 0 ? "" : "\n").Append(line);
        return text.ToString();
    }
}
