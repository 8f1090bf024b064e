using Orchestrator.AmazonSqs;

namespace Orchestrator.Tests.AmazonSqs;

public class DueTimeTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_message_that_came_early_goes_on_with_the_rest_of_its_delay()
    {
        var attributes = new Dictionary<string, MessageAttribute> { [DueTime.Attribute] = AttributeBudget.Text(DueTime.Write(Now + TimeSpan.FromMinutes(40))) };

        Assert.Equal(TimeSpan.FromMinutes(40), DueTime.Remaining(attributes, Now));
        Assert.Equal(900, DueTime.SecondsOf(TimeSpan.FromMinutes(40)));
        Assert.Equal(601, DueTime.SecondsOf(TimeSpan.FromSeconds(600.2)));
        Assert.Null(DueTime.Remaining(attributes, Now + TimeSpan.FromMinutes(40)));
        Assert.Null(DueTime.Remaining(new Dictionary<string, MessageAttribute>(), Now));
        Assert.Null(DueTime.Remaining(null, Now));
    }
}
