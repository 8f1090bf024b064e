using Orchestrator.AmazonSqs;

namespace Orchestrator.Tests.AmazonSqs;

public class AfterFaultTests
{
    [Theory]
    [Trait("Requirement", "PROT-7")]
    [InlineData(true, true, true, nameof(FaultDecision.LetGo))]
    [InlineData(true, false, false, nameof(FaultDecision.LetGo))]
    [InlineData(false, true, true, nameof(FaultDecision.HandBack))]
    [InlineData(false, false, true, nameof(FaultDecision.BackOff))]
    [InlineData(false, true, false, nameof(FaultDecision.BackOff))]
    public void A_message_that_was_not_settled_leaves_by_its_reason(bool isLost, bool isCancelled, bool isStopping, string expected) =>
        Assert.Equal(Enum.Parse<FaultDecision>(expected), AfterFault.Decide(isLost, isCancelled, isStopping));

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    [InlineData(5, 32)]
    [InlineData(9, 512)]
    [InlineData(10, 900)]
    [InlineData(1000, 900)]
    public void Each_failure_waits_longer_up_to_the_most(int receiveCount, int seconds) =>
        Assert.Equal(seconds, AfterFault.BackoffSeconds(receiveCount, TimeSpan.FromSeconds(900)));
}
