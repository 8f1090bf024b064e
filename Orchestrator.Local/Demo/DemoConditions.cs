using Orchestrator.Local.Nodes;
using Orchestrator.Local.Replay;
using Orchestrator.Local.StandIns;

namespace Orchestrator.Local.Demo;

/// <summary>What became of the two tasks.</summary>
/// <param name="Feature">The one that everything happens to.</param>
/// <param name="WhileHeld">The same when its staging host was broken.</param>
/// <param name="FeatureLines">Its timeline.</param>
/// <param name="Urgent">The one that went before it.</param>
/// <param name="UrgentLines">Its timeline.</param>
/// <param name="Comments">What the tracker was told of the first.</param>
internal sealed record DemoEnd(TaskAnswer Feature, TaskAnswer WhileHeld, IReadOnlyList<EventAnswer> FeatureLines, TaskAnswer Urgent, IReadOnlyList<EventAnswer> UrgentLines, IReadOnlyList<string> Comments);

/// <summary>Judges the demo: the timelines must be the expected ones, and the repository must show what they say.</summary>
internal static class DemoConditions
{
    private static readonly string[] Straight =
        ["analysis Opened", "analysis Advanced", "architecture Advanced", "development Advanced", "review Advanced", "testing Advanced", "deploy-staging Advanced", "deploy Advanced", "post-deploy Completed"];

    private static readonly string[] Eventful =
    [
        "analysis Opened", "analysis Advanced", "architecture Advanced",
        "development Advanced", "review Advanced", "testing SentBack", // its code was wrong
        "development Advanced", "review Advanced", "testing Advanced", "deploy-staging HeldUp", "deploy-staging WentOn", "deploy-staging Advanced", "deploy SentBack", // a conflict
        "development Advanced", "review Advanced", "testing Advanced", "deploy-staging Advanced", "deploy Advanced", "post-deploy Completed",
    ];

    public static async Task<IReadOnlyList<Condition>> JudgeAsync(DemoEnd end, Workshop workshop, ServiceProcess node, GiteaStandIn forge, CancellationToken ct)
    {
        // When people pause, it lands between any two stages; that a gate had to wait for the forge is no news.
        var lines = end.FeatureLines.Where(line => line.What is not ("PauseAsked" or "ResumeAsked" or "GatesWait")).ToList();
        var paused = end.FeatureLines.FirstOrDefault(line => line.What == "PauseAsked");
        var resumed = end.FeatureLines.FirstOrDefault(line => line.What == "ResumeAsked");
        var merges = await workshop.MergesAsync(ct);
        var opened = Count(forge, "/pulls", 201);
        var merged = Count(forge, "/merge", 200);
        var queue = await node.QueueAsync(ct);
        var left = JobsIn(queue, [.. ReplayProgress.Open, "Held"]);
        return
        [
            Same($"'{end.Urgent.Title}' went straight through", Straight, [.. end.UrgentLines.Where(line => line.What != "GatesWait").Select(Name)]),
            Same($"'{end.Feature.Title}' went the expected way", Eventful, [.. lines.Select(Name)]),
            Condition.Of("the urgent one went by while the other was paused", paused?.At < end.Urgent.EndedAt && end.Urgent.EndedAt < resumed?.At,
                $"paused {paused?.At:HH:mm:ss.f}, urgent one done {end.Urgent.EndedAt:HH:mm:ss.f}, resumed {resumed?.At:HH:mm:ss.f}"),
            Condition.Of("bad code and a conflict cost a retry each, a broken host none", (end.WhileHeld.Retries, end.Feature.Retries) == (1, 2), $"{end.WhileHeld.Retries} when held, {end.Feature.Retries} at the end"),
            Condition.Of("the hold names what is missing", end.WhileHeld.Reason?.Contains(workshop.DeployStaging, StringComparison.Ordinal) == true, end.WhileHeld.Reason ?? "no reason"),
            Condition.Of("each task has one pull request, merged once", (opened, merged, merges.Count) == (2, 2, 2), $"{opened} opened, {merged} merged, {merges.Count} merge commits on main"),
            Condition.Of("main holds both, and its suite passes", await workshop.SuitePassesAsync(ct) && (await workshop.OnMainAsync("price.mjs", ct)).Contains("net * 119", StringComparison.Ordinal), "node --test on a fresh clone"),
            Condition.Of("the tracker was told once of each: begun, sent back twice, held, done", end.Comments.Count == 5, $"{end.Comments.Count} comments"),
            Condition.Of("no job is left", left == 0, $"{left}"),
        ];
    }

    /// <summary>Is there still something to be done, or to be said?</summary>
    public static async Task<bool> IsQuietAsync(ServiceProcess node, CancellationToken ct) => JobsIn(await node.QueueAsync(ct), ReplayProgress.Open) == 0;

    private static int JobsIn(QueueAnswer queue, IReadOnlyCollection<string> states) => queue.Lanes.Values.SelectMany(lane => lane).Where(state => states.Contains(state.Key)).Sum(state => state.Value);

    private static Condition Same(string sentence, IReadOnlyList<string> expected, IReadOnlyList<string> seen)
    {
        if (expected.SequenceEqual(seen))
            return Condition.Of(sentence, true, $"{seen.Count} lines as expected");
        var at = expected.Zip(seen).TakeWhile(pair => pair.First == pair.Second).Count();
        return Condition.Of(sentence, false, $"line {at + 1} is '{seen.ElementAtOrDefault(at) ?? "missing"}', expected '{expected.ElementAtOrDefault(at) ?? "no more"}'");
    }

    private static string Name(EventAnswer line) => $"{line.Stage} {line.What}";

    private static int Count(GiteaStandIn forge, string ending, int status) =>
        forge.Journal.Count(request => request.Method == "POST" && request.Status == status && request.Path.Split('?')[0].EndsWith(ending, StringComparison.Ordinal));
}
