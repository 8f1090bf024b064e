using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Mime;
using MassTransit;
using MassTransit.Context;
using MassTransit.Transports;

namespace Orchestrator.AmazonSqs;

/// <summary>One delivery of a message on its way through the receive pipeline.</summary>
internal sealed class SqsReceiveContext : BaseReceiveContext, TransportReceiveContext, IHeaderProvider
{
    private static readonly ContentType Envelope = new("application/vnd.masstransit+json");

    private readonly SqsMessage _message;
    private readonly Dictionary<string, MessageAttribute>? _attributes;

    public SqsReceiveContext(MessageLease lease, SqsReceiveEndpointContext endpoint)
        : base(lease.ReceiveCount > 1, endpoint, lease)
    {
        _message = lease.Message;
        (var body, _attributes) = SnsEnvelope.Unwrap(_message.Body, _message.MessageAttributes);
        Body = new SqsMessageBody(body);
    }

    public override MessageBody Body { get; }

    protected override IHeaderProvider HeaderProvider => this;

    public IDictionary<string, object> GetTransportProperties()
    {
        var properties = new Dictionary<string, object>(2);
        if (_message.Attributes?.GetValueOrDefault("MessageGroupId") is { } group)
            properties[PropertyNames.GroupId] = group;
        if (_message.Attributes?.GetValueOrDefault("MessageDeduplicationId") is { } deduplication)
            properties[PropertyNames.DeduplicationId] = deduplication;
        return properties;
    }

    public IEnumerable<KeyValuePair<string, object>> GetAll()
    {
        yield return new(MessageHeaders.TransportMessageId, _message.MessageId);
        if (SentTime() is { } sent)
            yield return new(MessageHeaders.TransportSentTime, sent);
        foreach (var (name, attribute) in _attributes ?? [])
        {
            if (attribute.StringValue is { } text)
                yield return new(name, text);
        }
    }

    public bool TryGetHeader(string key, [NotNullWhen(true)] out object? value)
    {
        value = key switch
        {
            MessageHeaders.TransportMessageId => _message.MessageId,
            MessageHeaders.TransportSentTime => SentTime(),
            _ => _attributes?.GetValueOrDefault(key)?.StringValue,
        };
        return value is not null;
    }

    protected override ContentType GetContentType()
    {
        var text = _attributes?.GetValueOrDefault(AttributeBudget.ContentType)?.StringValue ?? _attributes?.GetValueOrDefault("ContentType")?.StringValue;
        return text switch
        {
            null => null!, // the endpoint's default deserializer decides
            "application/vnd.masstransit+json" => Envelope,
            _ => ConvertToContentType(text),
        };
    }

    private DateTime? SentTime() =>
        long.TryParse(_message.Attributes?.GetValueOrDefault("SentTimestamp"), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime
            : null;
}
