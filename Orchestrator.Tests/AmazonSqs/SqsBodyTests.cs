using Orchestrator.AmazonSqs;

namespace Orchestrator.Tests.AmazonSqs;

public class SqsBodyTests
{
    [Fact]
    public void An_envelope_of_SNS_is_unwrapped_with_its_attributes()
    {
        const string wrapped = """{"Type":"Notification","TopicArn":"arn:aws:sns:r:1:t","Message":"{\"message\":{}}","MessageAttributes":{"Content-Type":{"Type":"String","Value":"application/vnd.masstransit+json"}}}""";
        var (body, attributes) = SnsEnvelope.Unwrap(wrapped, null);
        Assert.Equal("""{"message":{}}""", body);
        Assert.Equal("application/vnd.masstransit+json", attributes!["Content-Type"].StringValue);
    }

    [Theory]
    [InlineData("""{"message":{}}""")]
    [InlineData("""{"Type":"SubscriptionConfirmation","TopicArn":"arn","Message":"You have chosen to subscribe"}""")]
    [InlineData("""{"TopicArn": broken""")]
    [InlineData("no json")]
    public void Anything_else_is_left_as_it_is(string text) => Assert.Equal(text, SnsEnvelope.Unwrap(text, null).Body);

    [Fact]
    public void A_binary_body_is_read_from_its_base64_and_text_from_its_UTF8()
    {
        byte[] binary = [1, 2, 3, 250, 0];
        Assert.Equal(binary, new SqsMessageBody(Convert.ToBase64String(binary)).GetBytes());
        Assert.Equal("{\"ä\":1}"u8.ToArray(), new SqsMessageBody("{\"ä\":1}").GetBytes());
    }
}
