using Orchestrator.Service.Documents.Matching;

namespace Orchestrator.Tests.Documents.Matching;

[Trait("Requirement", "DOC-4")]
public class MatchRetryTests
{
    private static readonly MatchingOptions Options = new();

    [Fact]
    public void Each_retry_waits_longer_than_the_last_until_the_limit()
    {
        var delays = Enumerable.Range(1, Options.MaxAttempts - 1).Select(attempt => Assert.IsType<AfterMatch.RetryAfter>(MatchRetry.Decide(MatchStatus.NoOrder, attempt, Options)).Delay).ToList();
        Assert.Equal(Options.FirstRetry, delays[0]);
        Assert.All(delays.Zip(delays.Skip(1)), pair => Assert.True(pair.Second > pair.First));
        Assert.True(delays[^1] <= Options.LongestRetry);
        Assert.Contains("book the order", Assert.IsType<AfterMatch.GiveUp>(MatchRetry.Decide(MatchStatus.NoOrder, Options.MaxAttempts, Options)).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(11)]
    [InlineData(64)]
    [InlineData(int.MaxValue)]
    public void No_retry_waits_longer_than_the_longest(int attempt) => Assert.InRange(MatchRetry.Delay(attempt, Options), Options.FirstRetry, Options.LongestRetry);

    [Theory]
    [InlineData(MatchStatus.NoOrder, true)]
    [InlineData(MatchStatus.NotReceived, true)]
    [InlineData(MatchStatus.Matched, false)]
    [InlineData(MatchStatus.MatchedWithinTolerance, false)]
    [InlineData(MatchStatus.PriceVariance, false)]
    [InlineData(MatchStatus.OverInvoiced, false)]
    [InlineData(MatchStatus.CurrencyMismatch, false)]
    [InlineData(MatchStatus.Ambiguous, false)]
    public void Only_what_time_can_change_is_tried_again(MatchStatus status, bool again) => Assert.Equal(again, MatchRetry.Decide(status, 1, Options) is AfterMatch.RetryAfter);
}
