namespace Orchestrator.Service.Delivery.Runners;

/// <summary>What a stage has already spent on runs that came to nothing, since it was entered.</summary>
/// <param name="Deferrals">Times that it waited for infrastructure.</param>
/// <param name="Repeats">Single repetitions: after a crash, a contradiction, or an end without any sign.</param>
internal readonly record struct DeferralsSpent(int Deferrals, int Repeats);

/// <summary>What follows a run of a stage's suite.</summary>
internal abstract record StageStep
{
    /// <summary>The verdict is PASS: the stage's gate decides on the artifact.</summary>
    public sealed record Advance : StageStep;

    /// <summary>The verdict is FAIL: back to development, at the cost of a developer's retry.</summary>
    public sealed record Rollback(string Reason) : StageStep;

    /// <summary>Nobody's fault yet: the same run again, at no cost.</summary>
    public sealed record Defer(TimeSpan Wait, DeferralsSpent Spent, string Reason) : StageStep;

    /// <summary>A person must look: no rollback, no developer's retry.</summary>
    public sealed record Hold(string Reason) : StageStep;
}

/// <summary>Pure: infrastructure is never a failure of the code, and never waits for ever.</summary>
internal static class DeferralDecision
{
    /// <param name="found">The verdict.</param>
    /// <param name="spent">What was spent before.</param>
    /// <param name="waits">The wait before each deferral; as many deferrals as waits.</param>
    public static StageStep Decide(RunVerdict found, DeferralsSpent spent, IReadOnlyList<TimeSpan> waits)
    {
        var why = $"{found.Rule}: {found.Reason}";
        return found.Class switch
        {
            RunClass.SuitePass => new StageStep.Advance(),
            // A hold at once, whatever was left to spend.
            RunClass.PermanentEnv => new StageStep.Hold($"The environment needs mending ({why})"),
            _ when found.Repeat == Repeat.Once && spent.Repeats == 0 && waits.Count > 0 => new StageStep.Defer(waits[0], spent with { Repeats = 1 }, why),
            RunClass.SuiteFail => new StageStep.Rollback(why),
            _ when found.Repeat == Repeat.Bounded && spent.Deferrals < waits.Count => new StageStep.Defer(waits[spent.Deferrals], spent with { Deferrals = spent.Deferrals + 1 }, why),
            _ => new StageStep.Hold($"It did not pass by itself after {spent.Deferrals + spent.Repeats} repetitions ({why})"),
        };
    }
}
