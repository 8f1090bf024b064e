using MassTransit;
using MassTransit.Serialization;
using Orchestrator.AmazonSqs;

namespace Orchestrator.Tests.AmazonSqs;

public class AttributeBudgetTests
{
    [Fact]
    public void A_move_with_too_many_headers_keeps_ten_attributes_and_the_reason_among_them()
    {
        var message = new SqsMessage
        {
            MessageId = "id",
            Body = "{}",
            MessageAttributes = Enumerable.Range(0, 10).ToDictionary(i => $"h{i}", _ => AttributeBudget.Text("v")),
        };
        message.MessageAttributes.Remove("h9");
        message.MessageAttributes[AttributeBudget.ContentType] = AttributeBudget.Text("application/json");

        var entry = MoveTransport.Entry(message, Reasons("boom \u0001\uFFFE" + new string('x', 5000)), isFifo: false, maxBytes: 1_000_000);

        Assert.Equal(10, entry.MessageAttributes!.Count);
        Assert.Equal("application/json", entry.MessageAttributes["Content-Type"].StringValue);
        Assert.Equal("fault", entry.MessageAttributes[MessageHeaders.Reason].StringValue);
        var text = entry.MessageAttributes[MessageHeaders.FaultMessage].StringValue!;
        Assert.True(text.Length <= 1024);
        Assert.DoesNotContain('\u0001', text);
        Assert.DoesNotContain('\uFFFE', text);
    }

    [Fact]
    public void A_move_of_a_message_at_the_size_limit_drops_attributes_rather_than_failing()
    {
        var message = new SqsMessage { MessageId = "id", Body = new string('b', 990) };

        var entry = MoveTransport.Entry(message, Reasons(new string('x', 500)), isFifo: false, maxBytes: 1000);

        Assert.True(SendBatches.SizeOf(entry) <= 1000);
    }

    [Fact]
    public void A_move_in_FIFO_is_deduplicated_with_itself_only()
    {
        SqsMessage Message(string id) => new()
        {
            MessageId = id,
            Body = "{}",
            Attributes = new() { ["MessageGroupId"] = "g", ["MessageDeduplicationId"] = new string('d', 128) },
        };

        var first = MoveTransport.Entry(Message("11111111-1111-1111-1111-111111111111"), Reasons("x"), isFifo: true, maxBytes: 1000);
        var again = MoveTransport.Entry(Message("11111111-1111-1111-1111-111111111111"), Reasons("x"), isFifo: true, maxBytes: 1000);
        var other = MoveTransport.Entry(Message("22222222-2222-2222-2222-222222222222"), Reasons("x"), isFifo: true, maxBytes: 1000);

        Assert.Equal("g", first.MessageGroupId);
        Assert.Equal(first.MessageDeduplicationId, again.MessageDeduplicationId);
        Assert.NotEqual(first.MessageDeduplicationId, other.MessageDeduplicationId);
        Assert.InRange(first.MessageDeduplicationId!.Length, 1, 128);
    }

    [Theory]
    [InlineData("traceparent", true)]
    [InlineData("MT-Reason", true)]
    [InlineData("with space", false)]
    [InlineData("AWS.x", false)]
    [InlineData(".dot", false)]
    public void A_header_whose_name_AWS_refuses_stays_in_the_envelope(string name, bool travels)
    {
        var attributes = new Dictionary<string, MessageAttribute>();
        var headers = new DictionarySendHeaders();
        headers.Set(name, "v");
        AttributeBudget.AddHeaders(attributes, headers);
        Assert.Equal(travels, attributes.ContainsKey(name));
    }

    private static IEnumerable<KeyValuePair<string, object>> Reasons(string message) =>
        [new(MessageHeaders.Reason, "fault"), new(MessageHeaders.FaultMessage, message)];
}
