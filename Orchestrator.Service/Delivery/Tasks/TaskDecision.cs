using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Gates;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Lifecycle;

namespace Orchestrator.Service.Delivery.Tasks;

/// <summary>What follows for a task.</summary>
public abstract record NextStep
{
    private NextStep()
    {
    }

    /// <summary>Nothing has changed.</summary>
    public sealed record Nothing : NextStep;

    /// <summary>A stage begins: the next, or after the last the end; or one whose gates must be passed again with a new head.</summary>
    public sealed record Advance(Stage? To, bool NewHead = false) : NextStep;

    /// <summary>A stage begins anew, at the cost of a retry.</summary>
    public sealed record SendBack(Stage To, string Note) : NextStep;

    /// <summary>No retry is left.</summary>
    public sealed record GiveUp(string Reason) : NextStep;

    /// <summary>The gates are asked again later.</summary>
    public sealed record Wait(DateTimeOffset Until, string Reason) : NextStep;

    /// <summary>It waits for a person, or for what it lacks.</summary>
    public sealed record Hold(string Reason, bool ForJob = false) : NextStep;

    /// <summary>The job that was held goes on.</summary>
    public sealed record GoOn : NextStep;

    /// <summary>Somebody cancelled the job: the task is held, so that a person says what is to become of it.</summary>
    internal static Hold Cancelled(string? reason) => new($"The job of its stage was cancelled: {reason ?? "no reason was given"} Retry the stage, or cancel the task.");
}

/// <summary>A stage's job as the driver found it.</summary>
/// <param name="State">Name of a state of the job's lifecycle.</param>
/// <param name="Reason">Why it failed, was cancelled or is held.</param>
/// <param name="NewHead">Its work came upon a head that no gate has seen.</param>
public sealed record StageJob(string State, string? Reason, NewHead? NewHead = null);

/// <summary>The result of a stage's job that came upon a head that no gate has seen.</summary>
/// <param name="Sha">Full hash.</param>
/// <param name="Why">For people.</param>
public sealed record NewHead(string Sha, string Why);

/// <summary>Decides from a task, its job and its gates what follows. Pure: the same evidence gives the same answer, whoever drives.</summary>
internal static class TaskDecision
{
    /// <summary>So often in a row may the gates be passed again for a new head; then the base moves faster than they answer.</summary>
    internal const int MostNewHeads = 10;

    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestLook = TimeSpan.FromMinutes(5);

    /// <summary>Are the gates to be asked before it can be decided?</summary>
    public static bool NeedsGates(DeliveryTask task, StageJob job) =>
        task.State == nameof(TaskLifecycle.Waiting) || (task.State == nameof(TaskLifecycle.Working) && job.State == nameof(JobLifecycle.Succeeded));

    public static NextStep Decide(DeliveryTask task, StageJob job, IReadOnlyList<GateResult> gates, DeliveryPipeline pipeline, DateTimeOffset now)
    {
        if (task.State == nameof(TaskLifecycle.Held))
            // Released, its job may have ended before anybody looked. Where the task was held for something else, its job had ended before. One that was cancelled while it was held was not released.
            return job.State is nameof(JobLifecycle.Queued) or nameof(JobLifecycle.Running) or nameof(JobLifecycle.Finalizing) || (task.HeldForJob && job.State is (nameof(JobLifecycle.Succeeded) or nameof(JobLifecycle.Failed)))
                ? new NextStep.GoOn() : new NextStep.Nothing();
        if (task.State is not (nameof(TaskLifecycle.Working) or nameof(TaskLifecycle.Waiting)))
            return new NextStep.Nothing();
        if (pipeline.Find(task.Stage) is not { } stage)
            return new NextStep.Hold($"The pipeline has no stage '{task.Stage}' any more. It has: {string.Join(", ", pipeline.Stages.Select(s => s.Name))}. Put it back and retry the stage, or cancel the task.");
        return job.State switch
        {
            // What lands must have passed the gates as it is: that costs no retry, because it is nobody's failure.
            nameof(JobLifecycle.Succeeded) when job.NewHead is { } moved && stage.OnNewHead is { } again => task.NewHeads < MostNewHeads
                ? new NextStep.Advance(pipeline[again], NewHead: true)
                : new NextStep.Hold($"Its head has moved at {stage.Name} {task.NewHeads} times in a row, each time before its gates were passed again; at last: {moved.Why} Freeze what moves {task.Repository}, then retry the stage."),
            nameof(JobLifecycle.Succeeded) => AfterGates(task, stage, gates, pipeline, now),
            nameof(JobLifecycle.Failed) => Failed(task, stage, job.Reason ?? "Its work failed.", pipeline),
            nameof(JobLifecycle.Held) => new NextStep.Hold(job.Reason ?? "Its job is held.", ForJob: true),
            nameof(JobLifecycle.Cancelled) => NextStep.Cancelled(job.Reason),
            _ => new NextStep.Nothing(),
        };
    }

    private static NextStep AfterGates(DeliveryTask task, Stage stage, IReadOnlyList<GateResult> gates, DeliveryPipeline pipeline, DateTimeOffset now)
    {
        // One that has failed decides, whatever the others can't tell yet.
        var failed = gates.Where(gate => gate.Answer == GateAnswer.Failed).ToList();
        if (failed.Count > 0)
            return Failed(task, stage, Words(failed), pipeline);
        var open = gates.Where(gate => gate.Answer is GateAnswer.NotYet or GateAnswer.CannotTell).ToList();
        if (open.Count == 0)
            return new NextStep.Advance(pipeline.After(stage));
        var waited = now - task.StageSince;
        return waited > stage.GateWithin
            ? new NextStep.Hold($"After {stage.GateWithin} there is still no answer: {Words(open)}")
            : new NextStep.Wait(now + Clamp(waited / 4), Words(open)); // soon at first, seldom later; what the forge reports is heard at once
    }

    private static NextStep Failed(DeliveryTask task, Stage stage, string reason, DeliveryPipeline pipeline) => stage.OnFailure switch
    {
        OnFailure.BackTo back when task.Retries < task.MaxRetries => new NextStep.SendBack(pipeline[back.Stage], reason),
        OnFailure.BackTo => new NextStep.GiveUp($"{stage.Name} failed, and none of {task.MaxRetries} retries is left: {reason}"),
        _ => new NextStep.Hold(reason),
    };

    private static TimeSpan Clamp(TimeSpan wait) => wait < FirstLook ? FirstLook : wait > LongestLook ? LongestLook : wait;

    private static string Words(IEnumerable<GateResult> gates) => string.Join(" ", gates.Select(gate => $"{gate.Gate}: {gate.Reason}"));
}
