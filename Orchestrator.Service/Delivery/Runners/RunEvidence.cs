namespace Orchestrator.Service.Delivery.Runners;

/// <summary>Tests by what became of them.</summary>
/// <param name="Passed">Those that ran and are as they should be, expected failures among them.</param>
/// <param name="Failed">Those that failed, that could not be set up or collected, and those that were cancelled.</param>
/// <param name="Skipped">Those that did not run.</param>
internal readonly record struct TestCounts(int Passed, int Failed, int Skipped)
{
    public static readonly TestCounts None;

    /// <summary>Those that are proof that the suite ran.</summary>
    public int Ran => Passed + Failed;

    public static TestCounts operator +(TestCounts one, TestCounts other) => new(one.Passed + other.Passed, one.Failed + other.Failed, one.Skipped + other.Skipped);

    public override string ToString() => $"{Passed} passed, {Failed} failed, {Skipped} skipped";
}

/// <summary>What a summary for machines says of the run that it was made by.</summary>
/// <param name="Counts">The tests.</param>
/// <param name="Contradiction">What is wrong with it in itself, such as counts that don't add up; null if nothing is.</param>
/// <param name="Aborted">Does it say that the run was cut off?</param>
internal sealed record MachineSummary(TestCounts Counts, string? Contradiction = null, bool Aborted = false);

/// <summary>How a program could not be started.</summary>
/// <param name="Passes">May it pass by itself: no memory, no free process or file?</param>
/// <param name="Message">What and why, for people.</param>
internal sealed record SpawnFault(bool Passes, string Message);

/// <summary>How a channel to another host failed, where it is known from the channel itself and not from its words.</summary>
internal enum ChannelEnd
{
    /// <summary>There is none, or the exit code is the remote command's own.</summary>
    Sound,

    /// <summary>It broke off, or never came to be: no exit code of the remote command has arrived.</summary>
    Broken,
}

/// <summary>All that is known of a run's end. Nothing is required: what is missing is held against a pass.</summary>
internal sealed record RunEvidence
{
    /// <summary>Exit code, 128 + n for a signal; null if nobody saw it.</summary>
    public int? ExitCode { get; init; }

    /// <summary>A fresh summary for machines; null if there is none, or none that can be read.</summary>
    public MachineSummary? Summary { get; init; }

    /// <summary>Was a summary for machines asked for? Then words that people read don't replace it as a proof of success.</summary>
    public bool SummaryDemanded { get; init; }

    /// <summary>Did our own timer end it?</summary>
    public bool TimedOut { get; init; }

    /// <summary>Had the first test begun, as far as files tell? Null: its words decide.</summary>
    public bool? TestsBegan { get; init; }

    /// <summary>Set if it was never started.</summary>
    public SpawnFault? Spawn { get; init; }

    /// <summary>Of the channel to the host that it ran on.</summary>
    public ChannelEnd Channel { get; init; }

    /// <summary>What it printed, both streams; of long output the beginning and the end.</summary>
    public RunText Text { get; init; } = RunText.Empty;

    /// <summary>Regular expressions of the repository: a failed suite whose words match one was failed by a service that it needs.</summary>
    public IReadOnlyList<System.Text.RegularExpressions.Regex> TransientPatterns { get; init; } = [];
}
