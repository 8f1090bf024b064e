using Orchestrator.Service.Delivery.Runners;

namespace Orchestrator.Tests.Delivery.Runners;

/// <summary>What follows a run.</summary>
[Trait("Requirement", "RUN-4")]
public sealed class DeferralDecisionTests
{
    private static readonly IReadOnlyList<TimeSpan> Waits = new RunnersOptions().Waits;

    [Fact]
    public void Infrastructure_is_deferred_three_times_and_then_held()
    {
        var spent = new DeferralsSpent();
        var waits = new List<double>();
        StageStep step;
        while ((step = Step(RunClass.TransientInfra, Repeat.Bounded, spent)) is StageStep.Defer defer)
        {
            waits.Add(defer.Wait.TotalMinutes);
            spent = defer.Spent;
        }

        Assert.Equal([1, 5, 15], waits);
        Assert.IsType<StageStep.Hold>(step);
    }

    [Fact]
    public void What_must_be_mended_is_held_at_once() => Assert.IsType<StageStep.Hold>(Step(RunClass.PermanentEnv, Repeat.No, default));

    [Fact]
    public void A_suite_that_ran_and_failed_goes_back() => Assert.IsType<StageStep.Rollback>(Step(RunClass.SuiteFail, Repeat.No, default));

    [Fact]
    public void A_suite_that_passed_goes_on() => Assert.IsType<StageStep.Advance>(Step(RunClass.SuitePass, Repeat.No, new DeferralsSpent(3, 1)));

    [Fact]
    public void A_crash_is_repeated_once_and_then_the_codes()
    {
        var first = Assert.IsType<StageStep.Defer>(Step(RunClass.SuiteFail, Repeat.Once, default));

        Assert.Equal(new DeferralsSpent(0, 1), first.Spent);
        Assert.IsType<StageStep.Rollback>(Step(RunClass.SuiteFail, Repeat.Once, first.Spent));
    }

    [Fact]
    public void A_contradiction_is_repeated_once_and_then_held()
    {
        var first = Assert.IsType<StageStep.Defer>(Step(RunClass.TransientInfra, Repeat.Once, default));

        Assert.IsType<StageStep.Hold>(Step(RunClass.TransientInfra, Repeat.Once, first.Spent));
    }

    /// <summary>Whatever comes in whatever order, it ends after at most one step for each wait and one for the repetition.</summary>
    [Fact]
    public void No_sequence_of_faults_is_endless()
    {
        var kinds = new[] { (RunClass.TransientInfra, Repeat.Bounded), (RunClass.TransientInfra, Repeat.Once), (RunClass.SuiteFail, Repeat.Once) };
        Explore(default, 0);

        void Explore(DeferralsSpent spent, int depth)
        {
            Assert.InRange(depth, 0, Waits.Count + 1);
            foreach (var (found, repeat) in kinds)
            {
                if (Step(found, repeat, spent) is StageStep.Defer defer)
                    Explore(defer.Spent, depth + 1);
            }
        }
    }

    private static StageStep Step(RunClass found, Repeat repeat, DeferralsSpent spent) => DeferralDecision.Decide(new RunVerdict(found, "rule", "reason", repeat), spent, Waits);
}
