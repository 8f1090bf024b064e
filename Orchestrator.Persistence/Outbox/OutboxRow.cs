using System.Text.Json;
using MassTransit;
using MassTransit.Context;
using MassTransit.Middleware;
using MassTransit.Serialization;

namespace Orchestrator.Persistence.Outbox;

/// <summary>A message that is committed with its cause and sent after it. The table's columns, one to one.</summary>
public sealed class OutboxRow : OutboxMessageContext
{
    /// <summary>Identity of the message, on the wire too; the inbox of its consumers recognises it.</summary>
    public Guid MessageId { get; set; }

    /// <summary>The process that sends it.</summary>
    public long OwnerId { get; set; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Not to be sent before.</summary>
    public DateTimeOffset DueAt { get; set; }

    /// <summary>Failed sends and fresh starts after a crash, so far.</summary>
    public int Attempts { get; set; }

    /// <summary>Address of the endpoint or topic.</summary>
    public required string Destination { get; set; }

    /// <summary>How the body is written.</summary>
    public required string ContentType { get; set; }

    /// <summary>The message's types as URNs, separated by semicolons.</summary>
    public required string MessageType { get; set; }

    /// <summary>The whole envelope.</summary>
    public required string Body { get; set; }

    /// <summary>Transport headers as a JSON object.</summary>
    public string? Headers { get; set; }

    /// <summary>Transport properties as a JSON object.</summary>
    public string? Properties { get; set; }

    /// <summary>The conversation that the message belongs to.</summary>
    public Guid? ConversationId { get; set; }

    /// <summary>What the message is about.</summary>
    public Guid? CorrelationId { get; set; }

    /// <summary>What the message that caused this one was about.</summary>
    public Guid? InitiatorId { get; set; }

    /// <summary>The request that this message is or answers.</summary>
    public Guid? RequestId { get; set; }

    /// <summary>Who sent it.</summary>
    public string? SourceAddress { get; set; }

    /// <summary>Where answers go.</summary>
    public string? ResponseAddress { get; set; }

    /// <summary>Where faults go.</summary>
    public string? FaultAddress { get; set; }

    /// <summary>When it was sent, from the sender's point of view.</summary>
    public DateTimeOffset SentTime { get; set; }

    /// <summary>After this instant nobody wants it any more; it is dropped.</summary>
    public DateTimeOffset? ExpirationTime { get; set; }

    Guid? MessageContext.MessageId => MessageId;

    Uri? MessageContext.SourceAddress => Address(SourceAddress);

    Uri? MessageContext.DestinationAddress => Address(Destination);

    Uri? MessageContext.ResponseAddress => Address(ResponseAddress);

    Uri? MessageContext.FaultAddress => Address(FaultAddress);

    DateTime? MessageContext.SentTime => SentTime.UtcDateTime;

    DateTime? MessageContext.ExpirationTime => ExpirationTime?.UtcDateTime;

    HostInfo MessageContext.Host => MassTransit.Metadata.HostMetadataCache.Host;

    MassTransit.Headers MessageContext.Headers => new DictionarySendHeaders(Read(Headers), useExistingDictionary: true);

    IReadOnlyDictionary<string, object> OutboxMessageContext.Properties => Read(Properties);

    /// <summary>The order is kept by the delivery itself, so the number that the official outbox resumes from is not used.</summary>
    long OutboxMessageContext.SequenceNumber => 0;

    /// <summary>The row of a message that is about to be sent.</summary>
    internal static OutboxRow Of<T>(SendContext<T> message, OutboxOwner owner, DateTimeOffset now)
        where T : class
    {
        message.MessageId ??= NewId.NextGuid();
        var dueAt = message.Delay is { } delay ? now + delay : now;

        // The outbox waits for it; a transport that found it among the properties would wait a second time.
        message.Delay = null;
        var body = message.Serializer.GetMessageBody(message).GetString();
        var properties = new Dictionary<string, object>();
        (message as TransportSendContext)?.WritePropertiesTo(properties);
        return new OutboxRow
        {
            MessageId = message.MessageId.Value,
            OwnerId = owner.Id,
            CreatedAt = now,
            DueAt = dueAt,
            Destination = message.DestinationAddress?.ToString() ?? throw new InvalidOperationException(
                $"The message {TypeCache<T>.ShortName} has no destination, so it can't wait in the outbox. Send it to an endpoint or publish it."),
            ContentType = (message.ContentType ?? message.Serializer.ContentType).ToString(),
            MessageType = string.Join(';', message.SupportedMessageTypes),
            Body = body,
            Headers = Write(message.Headers.GetAll()),
            Properties = Write(properties),
            ConversationId = message.ConversationId,
            CorrelationId = message.CorrelationId,
            InitiatorId = message.InitiatorId,
            RequestId = message.RequestId,
            SourceAddress = message.SourceAddress?.ToString(),
            ResponseAddress = message.ResponseAddress?.ToString(),
            FaultAddress = message.FaultAddress?.ToString(),
            SentTime = now,
            ExpirationTime = message.TimeToLive is { } timeToLive ? now + timeToLive : null,
        };
    }

    private static Uri? Address(string? text) => text is null ? null : new Uri(text);

    private static string? Write(IEnumerable<KeyValuePair<string, object>> pairs)
    {
        var values = pairs.ToDictionary(pair => pair.Key, pair => pair.Value);
        return values.Count == 0 ? null : JsonSerializer.Serialize(values, SystemTextJsonMessageSerializer.Options);
    }

    private static Dictionary<string, object> Read(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize<Dictionary<string, object>>(json, SystemTextJsonMessageSerializer.Options)!;
}
