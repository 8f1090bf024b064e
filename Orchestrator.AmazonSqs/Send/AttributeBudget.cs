using MassTransit;
using MassTransit.Transports;

namespace Orchestrator.AmazonSqs;

/// <summary>
/// Which headers travel as message attributes. SQS allows ten; what does not fit stays in the envelope, where every reader of the
/// envelope finds it, so only a foreign reader of raw attributes misses anything.
/// </summary>
internal static class AttributeBudget
{
    public const int Most = 10;
    public const string ContentType = "Content-Type";
    public const string CorrelationId = "CorrelationId";

    private static readonly TransportSetHeaderAdapter<MessageAttribute> Headers = new(new AttributeConverter(), TransportHeaderOptions.IncludeFaultMessage);

    public static Dictionary<string, MessageAttribute> Of(SendContext context, DateTimeOffset? due, Func<string, bool>? allow)
    {
        var attributes = new Dictionary<string, MessageAttribute>(4) { [ContentType] = Text(context.ContentType?.ToString() ?? "application/octet-stream") };
        if (context.CorrelationId is { } correlation)
            attributes[CorrelationId] = Text(correlation.ToString("D"));
        if (due is { } instant)
            attributes[DueTime.Attribute] = Text(DueTime.Write(instant));
        AddHeaders(attributes, context.Headers, allow);
        return attributes;
    }

    /// <summary>Sets headers as far as the budget goes; the first ones win.</summary>
    public static void AddHeaders(Dictionary<string, MessageAttribute> attributes, Headers headers, Func<string, bool>? allow = null)
    {
        Dictionary<string, MessageAttribute>? converted = null;
        foreach (var header in headers.GetAll())
        {
            if (allow is not null && !allow(header.Key))
                continue;
            converted ??= [];
            var value = new HeaderValue(header.Key, header.Value);
            Headers.Set(converted, in value);
        }
        foreach (var (name, attribute) in converted ?? [])
        {
            if (attributes.Count >= Most && !attributes.ContainsKey(name))
                return;
            if (IsValidName(name) && !string.IsNullOrEmpty(attribute.StringValue))
                attributes[name] = attribute;
        }
    }

    public static MessageAttribute Text(string value) => new() { StringValue = value };

    /// <summary>A name that AWS would refuse must not sink the message: the header stays in the envelope.</summary>
    public static bool IsValidName(string name)
    {
        if (name.Length is 0 or > 256 || name[0] == '.' || name[^1] == '.' || name.Contains("..", StringComparison.Ordinal)
            || name.StartsWith("AWS.", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Amazon.", StringComparison.OrdinalIgnoreCase))
            return false;
        return name.AsSpan().IndexOfAnyExcept(NameCharacters) < 0;
    }

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");

    private sealed class AttributeConverter : IHeaderValueConverter<MessageAttribute>
    {
        public bool TryConvert(HeaderValue headerValue, out HeaderValue<MessageAttribute> result) =>
            Convert(headerValue.IsStringValue(out var text), text, out result);

        public bool TryConvert<T>(HeaderValue<T> headerValue, out HeaderValue<MessageAttribute> result) =>
            Convert(headerValue.IsStringValue(out var text), text, out result);

        private static bool Convert(bool isText, HeaderValue<string> text, out HeaderValue<MessageAttribute> result)
        {
            result = isText ? new HeaderValue<MessageAttribute>(text.Key, Text(text.Value)) : default;
            return isText;
        }
    }
}
