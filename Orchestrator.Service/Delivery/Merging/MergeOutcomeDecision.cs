using Orchestrator.Persistence.Merging;
using Orchestrator.Service.Delivery.Forge;

namespace Orchestrator.Service.Delivery.Merging;

/// <summary>A step, with what the merge has spent when it is taken.</summary>
internal sealed record MergeDecided(MergeStep Step, MergeSpent Spent);

/// <summary>Decides what follows on what the forge says. Pure: the same evidence gives the same step, whoever drives, and no sequence of answers is endless.</summary>
internal static class MergeOutcomeDecision
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15);

    /// <summary>What follows on the look before anything is done; null if it may be merged.</summary>
    /// <param name="look">At the pull request.</param>
    /// <param name="gated">The head that passed the gates.</param>
    /// <param name="spent">Before.</param>
    /// <param name="options">Bounds.</param>
    public static MergeDecided? BeforeMerge(PullLook look, string gated, MergeSpent spent, MergingOptions options) => look switch
    {
        PullLook.Found { Pull: { Merged: true } merged } => new(Done(merged, gated), spent),
        PullLook.Found { Pull.Open: false } => new(new MergeStep.Drop("Its pull request was closed without a merge."), spent),
        PullLook.Found { Pull: var pull } when pull.Head != gated => new(NewHead(pull.Head, gated), spent),
        PullLook.Missing => new(new MergeStep.Drop("Its pull request is not there, or is hidden from the token."), spent),
        PullLook.Unavailable { Why: var why } => Retry(spent, options, $"The forge does not answer: {why}"),
        PullLook.Unauthorized { Why: var why } => new(new MergeStep.Hold($"The forge refuses the token: {why} Give the service one that may read and merge in this repository."), spent),
        _ => null,
    };

    /// <summary>What follows on the answer to the merge.</summary>
    /// <param name="answer">The forge's.</param>
    /// <param name="look">At the pull request after the answer; null where none was needed, see <see cref="NeedsLook"/>.</param>
    /// <param name="probe">What git says of a conflict; null where it was not asked, see <see cref="NeedsProbe"/>.</param>
    /// <param name="gated">The head that passed the gates.</param>
    /// <param name="spent">Before.</param>
    /// <param name="options">Bounds.</param>
    public static MergeDecided AfterMerge(MergeAnswer answer, PullLook? look, MergeProbeResult? probe, string gated, MergeSpent spent, MergingOptions options) => answer.Result switch
    {
        MergeResult.Merged when Pull(look) is { Merged: true } merged => new(Done(merged with { MergeCommit = answer.MergeCommit ?? merged.MergeCommit }, gated), spent),
        MergeResult.Merged => Retry(spent, options, $"The forge said that it merged it, and a look {Seen(look)}."), // a proxy's 200 merges nothing
        MergeResult.AlreadyMerged when Pull(look) is { Merged: true } merged => new(Done(merged, gated), spent),
        MergeResult.AlreadyMerged => Retry(spent, options, $"The forge said that it is merged, and a look {Seen(look)}."),
        MergeResult.Scheduled when Pull(look) is { Merged: true } merged => new(Done(merged, gated), spent),
        MergeResult.Scheduled => Poll(spent, options, "The forge merges it when its checks succeed.", "See at the forge which checks are missing, then retry the stage."),
        MergeResult.NotMergeableYet when Pull(look) is { Merged: true } merged => new(Done(merged, gated), spent),
        MergeResult.NotMergeableYet when probe is MergeProbeResult.Conflict conflict => new(new MergeStep.Bounce(MergeNotes.Conflict(Pull(look)?.Base ?? "the base branch", conflict.Base, conflict.Files)), spent),
        MergeResult.NotMergeableYet => Poll(spent, options, $"The forge is not ready to merge: {Said(answer)}", "git sees no conflict. Look at the pull request, then retry the stage."),
        MergeResult.WorkInProgress => new(new MergeStep.Hold("The pull request is a draft, or its title says work in progress. Change that, then retry the stage."), spent),
        MergeResult.NotPermitted => new(new MergeStep.Hold($"The token's user may not merge: {Said(answer)} Permit it at the forge, then retry the stage."), spent),
        MergeResult.StyleNotAllowed => new(new MergeStep.Hold($"The repository does not allow this style of merge: {Said(answer)} Allow it at the forge, then retry the stage."), spent),
        MergeResult.NotReady when spent.Polls < options.Polls => new(new MergeStep.RunGates(Pull(look)?.Head ?? gated, $"The forge's own rules are not met: {Said(answer)}"), spent with { Polls = spent.Polls + 1 }),
        MergeResult.NotReady => new(new MergeStep.Hold($"Our gates are passed, and after {spent.Polls} looks the forge's own rules are still not met: {Said(answer)}"), spent),
        MergeResult.Gone => new(new MergeStep.Drop("Its pull request was closed without a merge, or is not there."), spent),
        MergeResult.Conflict when probe is MergeProbeResult.Conflict conflict => new(new MergeStep.Bounce(MergeNotes.Conflict(Pull(look)?.Base ?? "the base branch", conflict.Base, conflict.Files)), spent),
        MergeResult.Conflict => new(new MergeStep.Bounce(MergeNotes.Conflict(Pull(look)?.Base ?? "the base branch", null, [])), spent),
        MergeResult.HeadMoved when Pull(look) is { } pull && pull.Head != gated => new(NewHead(pull.Head, gated), spent),
        MergeResult.HeadMoved => Retry(spent, options, $"The forge said that the head moved, and a look {Seen(look)}."),
        MergeResult.BaseMoved => Retry(spent, options, "The base moved during the merge."),
        MergeResult.PushRejected => new(new MergeStep.Hold($"A rule of the repository refused the merge: {Said(answer)}"), spent),
        MergeResult.Unavailable when Pull(look) is { Merged: true } merged => new(Done(merged, gated), spent), // the answer was lost, the merge was not
        MergeResult.Unavailable => Retry(spent, options, $"The forge did not answer the merge: {Said(answer)}"),
        MergeResult.Unauthorized => new(new MergeStep.Hold($"The forge refuses the token: {Said(answer)}"), spent),
        _ => throw new InvalidOperationException($"Nothing follows on {answer.Result}."),
    };

    /// <summary>Must the pull request be looked at before it can be decided?</summary>
    public static bool NeedsLook(MergeAnswer answer) => answer.Result is not (MergeResult.Gone or MergeResult.WorkInProgress or MergeResult.NotPermitted
        or MergeResult.StyleNotAllowed or MergeResult.PushRejected or MergeResult.BaseMoved or MergeResult.Unauthorized);

    /// <summary>Must git be asked for a conflict? Not at each look: the forge still checks after each push to the base.</summary>
    public static bool NeedsProbe(MergeAnswer answer, MergeSpent spent, MergingOptions options) =>
        answer.Result == MergeResult.Conflict || (answer.Result == MergeResult.NotMergeableYet && (spent.Polls >= options.Polls || spent.Polls % 4 == 1));

    /// <summary>What may pass by itself: again, each time later, and not for ever.</summary>
    public static MergeDecided Retry(MergeSpent spent, MergingOptions options, string why) => spent.Retries >= options.Retries
        ? new(new MergeStep.Hold($"It did not pass by itself after {spent.Retries} repetitions: {why}"), spent)
        : new(new MergeStep.Retry(WaitOf(options, spent.Retries), why), spent with { Retries = spent.Retries + 1 });

    private static MergeDecided Poll(MergeSpent spent, MergingOptions options, string why, string remedy) => spent.Polls >= options.Polls
        ? new(new MergeStep.Hold($"After {spent.Polls} looks there is still no change: {why} {remedy}"), spent)
        : new(new MergeStep.Wait(options.PollInterval, why), spent with { Polls = spent.Polls + 1 });

    private static MergeStep.Finalize Done(PullState pull, string gated) =>
        new(pull.MergeCommit, pull.Head == gated ? "It is merged." : $"It is merged, with the head {pull.Head}, which somebody pushed after the gates had passed {gated}.");

    private static MergeStep.RunGates NewHead(string head, string gated) => new(head, $"Somebody pushed {head} after the gates had passed {gated}.");

    private static TimeSpan WaitOf(MergingOptions options, int retries)
    {
        var wait = options.RetryWait * Math.Pow(2, Math.Min(retries, 20));
        return wait < LongestWait ? wait : LongestWait;
    }

    private static PullState? Pull(PullLook? look) => (look as PullLook.Found)?.Pull;

    private static string Seen(PullLook? look) => look switch
    {
        PullLook.Found { Pull: var pull } => $"shows {(pull.Merged ? "a merged" : pull.Open ? "an open" : "a closed")} pull request at {pull.Head}",
        PullLook.Missing => "finds none",
        null => "was not taken",
        _ => "got no answer",
    };

    private static string Said(MergeAnswer answer) => answer.Text.Length == 0 ? "it does not say why." : answer.Text;
}
