using Orchestrator.Persistence.Merging;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Merging;

namespace Orchestrator.Tests.Delivery.Merging;

/// <summary>What follows on each answer of the forge.</summary>
[Trait("Requirement", "MRG-2")]
public sealed class MergeOutcomeDecisionTests
{
    private const string Gated = "1111111111111111111111111111111111111111";
    private const string Other = "2222222222222222222222222222222222222222";

    private static readonly MergingOptions Options = new() { Polls = 3, Retries = 3 };
    private static readonly MergeSpent None = new(0, 0);
    private static readonly PullState Open = new(Merged: false, Open: true, Mergeable: true, Gated, "main", null);
    private static readonly PullState Merged = Open with { Merged = true, Open = false, MergeCommit = "m" };
    private static readonly MergeProbeResult Conflict = new MergeProbeResult.Conflict("b", ["a.txt", "b.txt"]);

    /// <summary>One row for each row of what the forge can say, and for what a look shows after it.</summary>
    public static TheoryData<string, string, bool, string> Rows => new()
    {
        { nameof(MergeResult.Merged), "merged", false, nameof(MergeStep.Finalize) },
        { nameof(MergeResult.Merged), "open", false, nameof(MergeStep.Retry) },
        { nameof(MergeResult.Merged), "away", false, nameof(MergeStep.Retry) },
        { nameof(MergeResult.AlreadyMerged), "merged", false, nameof(MergeStep.Finalize) },
        { nameof(MergeResult.AlreadyMerged), "open", false, nameof(MergeStep.Retry) },
        { nameof(MergeResult.Scheduled), "open", false, nameof(MergeStep.Wait) },
        { nameof(MergeResult.Scheduled), "merged", false, nameof(MergeStep.Finalize) },
        { nameof(MergeResult.NotMergeableYet), "open", false, nameof(MergeStep.Wait) },
        { nameof(MergeResult.NotMergeableYet), "open", true, nameof(MergeStep.Bounce) },
        { nameof(MergeResult.NotMergeableYet), "merged", true, nameof(MergeStep.Finalize) },
        { nameof(MergeResult.WorkInProgress), "none", false, nameof(MergeStep.Hold) },
        { nameof(MergeResult.NotPermitted), "none", false, nameof(MergeStep.Hold) },
        { nameof(MergeResult.StyleNotAllowed), "none", false, nameof(MergeStep.Hold) },
        { nameof(MergeResult.NotReady), "open", false, nameof(MergeStep.RunGates) },
        { nameof(MergeResult.Gone), "none", false, nameof(MergeStep.Drop) },
        { nameof(MergeResult.Conflict), "open", false, nameof(MergeStep.Bounce) },
        { nameof(MergeResult.Conflict), "open", true, nameof(MergeStep.Bounce) },
        { nameof(MergeResult.HeadMoved), "moved", false, nameof(MergeStep.RunGates) },
        { nameof(MergeResult.HeadMoved), "open", false, nameof(MergeStep.Retry) },
        { nameof(MergeResult.BaseMoved), "none", false, nameof(MergeStep.Retry) },
        { nameof(MergeResult.PushRejected), "none", false, nameof(MergeStep.Hold) },
        { nameof(MergeResult.Unavailable), "away", false, nameof(MergeStep.Retry) },
        { nameof(MergeResult.Unavailable), "merged", false, nameof(MergeStep.Finalize) },
        { nameof(MergeResult.Unauthorized), "none", false, nameof(MergeStep.Hold) },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Each_answer_has_its_step(string result, string look, bool conflict, string step) =>
        Assert.Equal(step, After(Enum.Parse<MergeResult>(result), look, conflict, None).Step.GetType().Name);

    [Fact]
    public void No_answer_is_without_a_row() =>
        Assert.Empty(Enum.GetNames<MergeResult>().Except(Rows.Select(row => (string)row[0])));

    [Theory]
    [InlineData("merged", nameof(MergeStep.Finalize))]
    [InlineData("closed", nameof(MergeStep.Drop))]
    [InlineData("moved", nameof(MergeStep.RunGates))]
    [InlineData("missing", nameof(MergeStep.Drop))]
    [InlineData("away", nameof(MergeStep.Retry))]
    [InlineData("refused", nameof(MergeStep.Hold))]
    [InlineData("open", null)]
    [InlineData("checking", null)] // not mergeable yet is no reason not to bring it up to date
    public void Before_anything_is_done_a_look_decides(string look, string? step) =>
        Assert.Equal(step, MergeOutcomeDecision.BeforeMerge(Look(look)!, Gated, None, Options)?.Step.GetType().Name);

    [Fact]
    public void A_head_that_was_pushed_after_the_gates_is_the_one_to_test()
    {
        Assert.Equal(Other, ((MergeStep.RunGates)MergeOutcomeDecision.BeforeMerge(Look("moved")!, Gated, None, Options)!.Step).Head);
        Assert.Equal(Other, ((MergeStep.RunGates)After(MergeResult.HeadMoved, "moved", false, None).Step).Head);
    }

    [Fact]
    [Trait("Requirement", "MRG-3")]
    public void A_conflict_goes_back_with_files_and_a_recipe()
    {
        var note = Assert.IsType<MergeStep.Bounce>(After(MergeResult.Conflict, "open", true, None).Step).Note;

        Assert.Contains("- a.txt\n- b.txt\n", note, StringComparison.Ordinal);
        Assert.Contains("git rebase b\n", note, StringComparison.Ordinal);
    }

    /// <summary>Whatever the forge says in whatever order, after the bounded number of steps it ends in one that is no repetition.</summary>
    [Fact]
    public void No_sequence_of_answers_is_endless()
    {
        var seen = new HashSet<MergeSpent>();
        Explore(None, 0);

        void Explore(MergeSpent spent, int depth)
        {
            if (!seen.Add(spent))
                return; // what follows depends on what was spent, not on the way to it
            Assert.InRange(depth, 0, Options.Polls + Options.Retries);
            foreach (var result in Enum.GetValues<MergeResult>())
            {
                foreach (var look in (string[])["open", "away", "missing"])
                {
                    var next = After(result, look, conflict: false, spent);
                    if (next.Step is not (MergeStep.Wait or MergeStep.Retry or MergeStep.RunGates))
                        continue;
                    Assert.Equal(spent.Polls + spent.Retries + 1, next.Spent.Polls + next.Spent.Retries);
                    Explore(next.Spent, depth + 1);
                }
            }
        }
    }

    [Fact]
    public void Git_is_asked_for_a_conflict_at_the_end_of_the_polls_and_now_and_then()
    {
        var asked = Enumerable.Range(0, 9).Where(polls => MergeOutcomeDecision.NeedsProbe(new MergeAnswer(MergeResult.NotMergeableYet), new MergeSpent(polls, 0), new MergingOptions { Polls = 8 }));

        Assert.Equal([1, 5, 8], asked);
    }

    [Fact]
    public void Repetitions_come_later_and_later_and_never_later_than_a_quarter_of_an_hour()
    {
        var options = new MergingOptions { Retries = 100, RetryWait = TimeSpan.FromSeconds(10) };
        var waits = Enumerable.Range(0, 100).Select(retries => ((MergeStep.Retry)MergeOutcomeDecision.Retry(new MergeSpent(0, retries), options, "x").Step).After.TotalSeconds).ToList();

        Assert.Equal([10, 20, 40, 80], waits.Take(4));
        Assert.Equal(900, waits.Max());
    }

    private static MergeDecided After(MergeResult result, string look, bool conflict, MergeSpent spent) =>
        MergeOutcomeDecision.AfterMerge(new MergeAnswer(result, "words"), Look(look), conflict ? Conflict : null, Gated, spent, Options);

    private static PullLook? Look(string look) => look switch
    {
        "open" => new PullLook.Found(Open),
        "checking" => new PullLook.Found(Open with { Mergeable = false }),
        "merged" => new PullLook.Found(Merged),
        "closed" => new PullLook.Found(Open with { Open = false }),
        "moved" => new PullLook.Found(Open with { Head = Other }),
        "missing" => new PullLook.Missing(),
        "away" => new PullLook.Unavailable("refused"),
        "refused" => new PullLook.Unauthorized("bad token"),
        _ => null,
    };
}
