using MassTransit;
using Orchestrator.AmazonSqs;

namespace Orchestrator.Tests.AmazonSqs;

public class EntityNameTests
{
    [Theory]
    [InlineData("orders", "orders_error")]
    [InlineData("orders.fifo", "orders_error.fifo")]
    public void A_queue_beside_another_keeps_its_kind(string queue, string expected) => Assert.Equal(expected, EntityNames.WithSuffix(queue, "_error"));

    [Fact]
    public void Names_that_AWS_refuses_are_refused_with_the_reason()
    {
        Assert.Null(EntityNames.QueueNameFault(new string('q', 80)));
        Assert.Contains("81", EntityNames.QueueNameFault(new string('q', 81)));
        Assert.Contains("'.'", EntityNames.QueueNameFault("a.b"));
        Assert.Null(EntityNames.QueueNameFault("a.fifo"));
        Assert.NotNull(EntityNames.QueueNameFault(""));
        Assert.Null(EntityNames.TopicNameFault(new string('t', 256)));
    }

    public sealed class Envelope<T>;

    public sealed record Inner;

    [Theory]
    [InlineData(typeof(Inner), "Orchestrator_Tests_AmazonSqs-EntityNameTests_Inner")]
    [InlineData(typeof(DecisionMessage), "Orchestrator_Tests_AmazonSqs-DecisionMessage")]
    [InlineData(typeof(Fault<DecisionMessage>), "MassTransit-Fault--Orchestrator_Tests_AmazonSqs-DecisionMessage--")]
    public void A_topic_is_named_as_services_on_the_official_package_name_it(Type type, string expected) =>
        Assert.Equal(expected, new AmazonSqsMessageNameFormatter().GetMessageName(type));
}

public sealed record DecisionMessage;
