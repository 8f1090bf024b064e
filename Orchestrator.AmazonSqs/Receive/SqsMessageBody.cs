using System.Text;
using System.Text.Json;
using MassTransit;

namespace Orchestrator.AmazonSqs;

/// <summary>A message's text. Binary serializers send base64, which is told from JSON and XML by its first character.</summary>
internal sealed class SqsMessageBody(string text) : MessageBody
{
    byte[]? _bytes;

    public long? Length => GetBytes().Length;

    public Stream GetStream() => new MemoryStream(GetBytes(), writable: false);

    public byte[] GetBytes() => _bytes ??= Decode();

    public string GetString() => text;

    byte[] Decode()
    {
        if (text.Length > 0 && text[0] is not ('{' or '[' or '<' or '"' or ' ' or '\r' or '\n'))
        {
            var buffer = new byte[text.Length * 3 / 4];
            if (Convert.TryFromBase64String(text, buffer, out var written))
                return buffer[..written];
        }
        return Encoding.UTF8.GetBytes(text);
    }
}

/// <summary>
/// SNS wraps what it delivers without raw delivery (subscriptions of others, other regions) into an envelope of its own: the message
/// is a text inside, and its attributes have another shape.
/// </summary>
internal static class SnsEnvelope
{
    public static (string Body, Dictionary<string, MessageAttribute>? Attributes) Unwrap(string body, Dictionary<string, MessageAttribute>? attributes)
    {
        if (attributes?.ContainsKey(AttributeBudget.ContentType) == true
            || !body.StartsWith('{') || !body.Contains("\"TopicArn\"", StringComparison.OrdinalIgnoreCase))
            return (body, attributes);
        try
        {
            using var document = JsonDocument.Parse(body);
            var (topic, message, carried) = (default(JsonElement), default(JsonElement), default(JsonElement));
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.Name.Equals("TopicArn", StringComparison.OrdinalIgnoreCase))
                    topic = property.Value;
                else if (property.Name.Equals("Message", StringComparison.OrdinalIgnoreCase))
                    message = property.Value;
                else if (property.Name.Equals("MessageAttributes", StringComparison.OrdinalIgnoreCase))
                    carried = property.Value;
            }
            // A subscription's confirmation has a TopicArn too, but its Message is a sentence for people: left as it is.
            if (topic.ValueKind != JsonValueKind.String || message.ValueKind != JsonValueKind.String || !message.GetString()!.TrimStart().StartsWith('{'))
                return (body, attributes);
            return (message.GetString()!, Attributes(carried) ?? attributes);
        }
        catch (JsonException)
        {
            return (body, attributes);
        }
    }

    private static Dictionary<string, MessageAttribute>? Attributes(JsonElement carried)
    {
        if (carried.ValueKind != JsonValueKind.Object)
            return null;
        var attributes = new Dictionary<string, MessageAttribute>();
        foreach (var property in carried.EnumerateObject())
        {
            if (property.Value.TryGetProperty("Value", out var value))
                attributes[property.Name] = AttributeBudget.Text(value.GetString() ?? "");
        }
        return attributes;
    }
}
