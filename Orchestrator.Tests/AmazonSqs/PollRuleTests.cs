using Orchestrator.AmazonSqs;

namespace Orchestrator.Tests.AmazonSqs;

public class PollRuleTests
{
    [Theory]
    [Trait("Requirement", "PROT-4")]
    [InlineData(64, 0, 0, false, nameof(PollDecision.Ask), 10)]
    [InlineData(64, 54, 22, false, nameof(PollDecision.Ask), 10)]
    [InlineData(64, 60, 28, false, nameof(PollDecision.Linger), 0)]
    [InlineData(64, 60, 28, true, nameof(PollDecision.Ask), 4)]
    [InlineData(64, 60, 0, false, nameof(PollDecision.Ask), 4)]
    [InlineData(64, 64, 0, true, nameof(PollDecision.WaitForSlot), 0)]
    [InlineData(3, 0, 0, false, nameof(PollDecision.Ask), 3)]
    [InlineData(3, 3, 2, false, nameof(PollDecision.WaitForSlot), 0)]
    public void A_poll_asks_for_all_that_fit_and_waits_for_more_only_while_there_is_work_in_hand(
        int prefetch, int taken, int unstarted, bool lingered, string decision, int messages) =>
        Assert.Equal((Enum.Parse<PollDecision>(decision), messages), PollRule.Next(prefetch, taken, unstarted, lingered));
}
