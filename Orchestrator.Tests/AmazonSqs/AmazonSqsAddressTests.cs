using Orchestrator.AmazonSqs;

namespace Orchestrator.Tests.AmazonSqs;

public class AmazonSqsAddressTests
{
    private static readonly Uri Host = new("amazonsqs://eu-west-1/");
    private static readonly Uri ScopedHost = new("amazonsqs://eu-west-1/green");

    [Theory]
    [InlineData("queue:orders", "amazonsqs://eu-west-1/orders")]
    [InlineData("queue:orders.fifo", "amazonsqs://eu-west-1/orders.fifo")]
    [InlineData("topic:news", "amazonsqs://eu-west-1/news?type=topic")]
    [InlineData("queue:orders?durable=false&autodelete=true", "amazonsqs://eu-west-1/orders?durable=false&autodelete=true")]
    [InlineData("amazonsqs://eu-west-1/orders", "amazonsqs://eu-west-1/orders")]
    [InlineData("amazonsqs://eu-west-1/blue/orders", "amazonsqs://eu-west-1/blue/orders")]
    [InlineData("amazonsqs://eu-west-1/news?type=topic", "amazonsqs://eu-west-1/news?type=topic")]
    [InlineData("amazonsqs://eu-west-1/orders?temporary=true", "amazonsqs://eu-west-1/orders?durable=false&autodelete=true")]
    public void Every_form_of_an_address_reads_to_the_same_queue(string text, string expected) =>
        Assert.Equal(new Uri(expected), AmazonSqsAddress.Parse(Host, new Uri(text)).ToUri());

    [Fact]
    public void A_short_address_takes_the_scope_of_its_host() =>
        Assert.Equal(new Uri("amazonsqs://eu-west-1/green/orders"), AmazonSqsAddress.Parse(ScopedHost, new Uri("queue:orders")).ToUri());

    [Theory]
    [InlineData("rabbitmq://host/orders")]
    [InlineData("queue:or ders")]
    [InlineData("queue:a.b")]
    public void An_address_of_something_else_is_refused(string text) =>
        Assert.Throws<ArgumentException>(() => AmazonSqsAddress.Parse(Host, new Uri(text)));
}
