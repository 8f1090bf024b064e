namespace Orchestrator.Service.Documents.Matching;

/// <summary>What follows a match.</summary>
public abstract record AfterMatch
{
    private AfterMatch() { }

    /// <summary>It is decided, well or badly; time won't change it.</summary>
    public sealed record Settled : AfterMatch;

    /// <summary>The order or the goods may still come: try again after this time, and hold nothing meanwhile.</summary>
    public sealed record RetryAfter(TimeSpan Delay) : AfterMatch;

    /// <summary>It was tried often enough; a person decides.</summary>
    public sealed record GiveUp(string Reason) : AfterMatch;
}

internal static class MatchRetry
{
    /// <param name="status">What the attempt came to.</param>
    /// <param name="attempt">Which attempt that was, from 1.</param>
    /// <param name="options">First wait, growth, limits.</param>
    public static AfterMatch Decide(MatchStatus status, int attempt, MatchingOptions options)
    {
        if (status is not (MatchStatus.NoOrder or MatchStatus.NotReceived)) return new AfterMatch.Settled();
        return attempt >= options.MaxAttempts
            ? new AfterMatch.GiveUp($"{attempt} attempts found {Missing(status)}; book the order or the receipt and match again, or decide by hand.")
            : new AfterMatch.RetryAfter(Delay(attempt, options));
    }

    private static string Missing(MatchStatus status) => status is MatchStatus.NoOrder ? "no order" : "too little received";

    public static TimeSpan Delay(int attempt, MatchingOptions options)
    {
        // In seconds as a double, because a late attempt's power is more than a TimeSpan holds.
        var seconds = options.FirstRetry.TotalSeconds * Math.Pow(options.RetryGrowth, Math.Max(attempt, 1) - 1);
        return seconds < options.LongestRetry.TotalSeconds ? TimeSpan.FromSeconds(seconds) : options.LongestRetry;
    }
}
