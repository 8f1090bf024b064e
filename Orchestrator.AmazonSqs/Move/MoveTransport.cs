using MassTransit;
using MassTransit.Transports;

namespace Orchestrator.AmazonSqs;

/// <summary>Copies a message to a queue beside its own, as it came. The original is deleted afterwards by its own settlement.</summary>
internal sealed class MoveTransport(SqsReceiveEndpointContext endpoint, Func<string, string> nameOf)
{
    /// <summary>Longer texts say no more and could push a message over the size limit.</summary>
    private const int LongestText = 1024;

    private readonly QueueSpec _target = endpoint.Queue.Beside(NameBeside(endpoint.Queue.Name, nameOf));

    public async Task Send(ReceiveContext context, IEnumerable<KeyValuePair<string, object>> reasons)
    {
        var message = context.GetPayload<MessageLease>().Message;
        var queue = await endpoint.Broker.Queue(_target, CancellationToken.None);
        try
        {
            await queue.Sends.Send(Entry(message, reasons, queue.IsFifo, endpoint.Broker.Options.MaxSendBytes));
        }
        catch (Exception exception) when (SqsError.IsQueueMissing(exception))
        {
            // Somebody deleted the queue while its address was remembered: look again, once.
            endpoint.Broker.ForgetQueue(_target.Name);
            queue = await endpoint.Broker.Queue(_target, CancellationToken.None);
            await queue.Sends.Send(Entry(message, reasons, queue.IsFifo, endpoint.Broker.Options.MaxSendBytes));
        }
    }

    /// <summary>
    /// A move must not fail because of headers: the reasons come first, then as many of the original attributes as the ten allow,
    /// and only as long as the message stays within the size limit. The body, with all headers in its envelope, is unchanged.
    /// </summary>
    internal static SendEntry Entry(SqsMessage message, IEnumerable<KeyValuePair<string, object>> reasons, bool isFifo, int maxBytes)
    {
        var original = message.MessageAttributes ?? [];
        var attributes = new Dictionary<string, MessageAttribute>(AttributeBudget.Most);
        foreach (var name in new[] { AttributeBudget.ContentType, "ContentType", AttributeBudget.CorrelationId })
        {
            if (original.TryGetValue(name, out var kept))
                attributes[name] = kept;
        }
        var headers = new MassTransit.Serialization.DictionarySendHeaders();
        foreach (var (name, value) in reasons)
            headers.Set(name, value is string text ? Clean(text) : value, overwrite: true);
        AttributeBudget.AddHeaders(attributes, headers);
        foreach (var (name, attribute) in original)
        {
            if (attributes.Count >= AttributeBudget.Most)
                break;
            if (!name.StartsWith("MT-", StringComparison.Ordinal) && name != DueTime.Attribute)
                attributes.TryAdd(name, attribute);
        }
        var entry = new SendEntry
        {
            Id = "",
            MessageBody = message.Body,
            MessageAttributes = attributes,
            MessageGroupId = message.Attributes?.GetValueOrDefault("MessageGroupId"),
            MessageDeduplicationId = isFifo ? Deduplication(message) : null,
        };
        while (SendBatches.SizeOf(entry) > maxBytes && attributes.Keys.LastOrDefault(name => name != AttributeBudget.ContentType) is { } dropped)
            attributes.Remove(dropped);
        return entry;
    }

    /// <summary>
    /// The original id would make SQS drop a second move within five minutes without a word; the message's own id makes a repeated
    /// move of this very message one, and leaves every other move alone.
    /// </summary>
    private static string Deduplication(SqsMessage message)
    {
        var original = message.Attributes?.GetValueOrDefault("MessageDeduplicationId") ?? "";
        const int longest = 128;
        var room = longest - message.MessageId.Length - 1;
        return $"{(original.Length > room ? original[..room] : original)}-{message.MessageId}";
    }

    private static string NameBeside(string queueName, Func<string, string> nameOf) =>
        EntityNames.IsFifo(queueName) ? nameOf(queueName[..^EntityNames.Fifo.Length]) + EntityNames.Fifo : nameOf(queueName);

    private static string Clean(string text)
    {
        var kept = text.Length > LongestText ? text[..LongestText] : text;
        return string.Create(kept.Length, kept, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                var character = source[i];
                var isRefused = (char.IsControl(character) && character is not ('\t' or '\n' or '\r')) || char.IsSurrogate(character) || character is '\uFFFE' or '\uFFFF';
                span[i] = isRefused ? ' ' : character;
            }
        });
    }
}

/// <summary>Moves a message whose consumer failed to the error queue, with the reason.</summary>
internal sealed class SqsErrorTransport(SqsReceiveEndpointContext endpoint) : IErrorTransport
{
    private readonly MoveTransport _move = new(endpoint, endpoint.SendTopology.ErrorQueueNameFormatter.FormatErrorQueueName);

    public Task Send(ExceptionReceiveContext context) => _move.Send(context, context.ExceptionHeaders.GetAll());
}

/// <summary>Moves a message that no consumer takes to the skipped queue.</summary>
internal sealed class SqsSkippedTransport(SqsReceiveEndpointContext endpoint) : IDeadLetterTransport
{
    private readonly MoveTransport _move = new(endpoint, endpoint.SendTopology.DeadLetterQueueNameFormatter.FormatDeadLetterQueueName);

    public Task Send(ReceiveContext context, string reason) =>
        _move.Send(context, [new(MessageHeaders.Reason, reason ?? "Unspecified")]);
}
