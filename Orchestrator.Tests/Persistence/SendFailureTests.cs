using Orchestrator.Persistence.Outbox;

namespace Orchestrator.Tests.Persistence;

public sealed class SendFailureTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(5, 32)]
    [InlineData(9, 300)]
    [InlineData(19, 300)]
    public void A_failed_send_is_tried_again_after_a_doubling_wait_with_a_limit(int attempts, int seconds)
    {
        Assert.Equal(new SendFailure.TryAgain(Now.AddSeconds(seconds)), SendFailure.Decide(attempts, Now, new OutboxOptions()));
    }

    [Fact]
    public void After_the_last_attempt_it_is_given_up()
    {
        Assert.Equal(new SendFailure.GiveUp(), SendFailure.Decide(20, Now, new OutboxOptions()));
    }

    [Fact]
    public void A_thousand_attempts_do_not_overflow_the_wait()
    {
        Assert.Equal(new SendFailure.TryAgain(Now.AddDays(1)), SendFailure.Decide(999, Now, new OutboxOptions { MaxAttempts = 1000, RetryDelay = TimeSpan.FromHours(1), MaxRetryDelay = TimeSpan.FromDays(1) }));
    }
}
