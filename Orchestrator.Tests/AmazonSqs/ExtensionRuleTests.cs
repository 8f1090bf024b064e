using Orchestrator.AmazonSqs;

namespace Orchestrator.Tests.AmazonSqs;

public class ExtensionRuleTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Protection = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(40);
    private static readonly DateTimeOffset FarCap = Now + TimeSpan.FromHours(11);

    [Theory]
    [InlineData(119, nameof(ExtensionDecision.Wait))]
    [InlineData(81, nameof(ExtensionDecision.Wait))]
    [InlineData(80, nameof(ExtensionDecision.Extend))]
    [InlineData(1, nameof(ExtensionDecision.Extend))]
    [InlineData(0, nameof(ExtensionDecision.GiveUp))]
    [InlineData(-5, nameof(ExtensionDecision.GiveUp))]
    public void A_lease_is_extended_while_two_beats_still_fit_into_its_rest(int secondsLeft, string expected) =>
        Assert.Equal(Enum.Parse<ExtensionDecision>(expected), Decide(Now + TimeSpan.FromSeconds(secondsLeft), FarCap));

    [Fact]
    [Trait("Requirement", "PROT-5")]
    public void A_failed_extension_is_tried_again_at_its_time_and_not_before()
    {
        var ends = Now + TimeSpan.FromSeconds(30);
        Assert.Equal(ExtensionDecision.Wait, Decide(ends, FarCap, retryAt: Now + TimeSpan.FromSeconds(1), failures: 1));
        Assert.Equal(ExtensionDecision.Extend, Decide(ends, FarCap, retryAt: Now, failures: 1));
    }

    [Fact]
    [Trait("Requirement", "PROT-1")]
    public void The_last_extension_is_cut_to_what_the_twelve_hours_leave()
    {
        Assert.Equal(120, ExtensionRule.Seconds(Now, FarCap, Protection));
        Assert.Equal(59, ExtensionRule.Seconds(Now, Now + TimeSpan.FromSeconds(60), Protection));
    }

    [Fact]
    [Trait("Requirement", "PROT-1")]
    public void At_twelve_hours_the_lease_is_given_up()
    {
        var cap = Now + TimeSpan.FromSeconds(60);
        Assert.Equal(ExtensionDecision.Wait, Decide(protectedUntil: cap - TimeSpan.FromSeconds(1), cap));
        Assert.Equal(ExtensionDecision.GiveUp, Decide(protectedUntil: Now + TimeSpan.FromSeconds(3), cap: Now + TimeSpan.FromSeconds(4)));
    }

    [Fact]
    [Trait("Requirement", "PROT-1")]
    public void The_twelve_hours_count_from_the_receive_and_anew_from_a_redelivery()
    {
        var lease = new MessageLease(null!, new SqsMessage { MessageId = "m", ReceiptHandle = "first", Body = "" }, 1, Now, Now + Protection);
        Assert.Equal(Now + TimeSpan.FromHours(12), lease.CappedAt);

        lease.TakeOver("second", 2, Now + TimeSpan.FromHours(1), Now + TimeSpan.FromHours(1) + Protection);

        Assert.Equal((Now + TimeSpan.FromHours(13), "second"), (lease.CappedAt, lease.ReceiptHandle));
    }

    [Theory]
    [Trait("Requirement", "PROT-5")]
    [InlineData(null, null, nameof(ExtensionOutcome.Extended))]
    [InlineData("ReceiptHandleIsInvalid", "The input receipt handle is invalid.", nameof(ExtensionOutcome.Lost))]
    [InlineData("MessageNotInflight", "", nameof(ExtensionOutcome.Lost))]
    [InlineData("AWS.SimpleQueueService.MessageNotInflight", "", nameof(ExtensionOutcome.Lost))]
    [InlineData("InvalidParameterValue", "Value x for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.", nameof(ExtensionOutcome.Lost))]
    [InlineData("InvalidParameterValue", "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]", nameof(ExtensionOutcome.Capped))]
    [InlineData("InvalidParameterValue", "something else is wrong", nameof(ExtensionOutcome.Retry))]
    [InlineData("RequestThrottled", "", nameof(ExtensionOutcome.Retry))]
    [InlineData("InternalError", null, nameof(ExtensionOutcome.Retry))]
    public void Only_a_definite_answer_ends_a_lease(string? code, string? message, string expected) =>
        Assert.Equal(Enum.Parse<ExtensionOutcome>(expected), ExtensionRule.Judge(code, message));

    [Fact]
    [Trait("Requirement", "PROT-5")]
    public void Retries_come_fast_and_often_enough_before_the_protection_ends()
    {
        var (now, ends, failures) = (Now, Now + TimeSpan.FromSeconds(40), 0);
        while (now < ends && failures < 1000)
            now = ExtensionRule.RetryAt(now, ends, ++failures);
        Assert.True(ExtensionRule.RetryAt(Now, ends, 1) - Now <= TimeSpan.FromSeconds(1));
        Assert.InRange(failures, 8, 999);
    }

    [Theory]
    [InlineData(80, 10)]
    [InlineData(4, 2)]
    [InlineData(-1, 0.05)]
    public void A_request_that_hangs_leaves_time_for_another(double secondsLeft, double patience) =>
        Assert.Equal(TimeSpan.FromSeconds(patience), ExtensionRule.Patience(TimeSpan.FromSeconds(secondsLeft)));

    private static ExtensionDecision Decide(DateTimeOffset protectedUntil, DateTimeOffset cap, DateTimeOffset retryAt = default, int failures = 0) =>
        ExtensionRule.Decide(Now, protectedUntil, cap, retryAt, failures, Protection, Interval);
}
