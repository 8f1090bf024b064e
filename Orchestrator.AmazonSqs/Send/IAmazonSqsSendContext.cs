using MassTransit;
using MassTransit.Context;

namespace Orchestrator.AmazonSqs;

/// <summary>What a message for SQS or SNS has beyond any other message.</summary>
public interface IAmazonSqsSendContext
{
    /// <summary>The group whose messages stay in order (FIFO), or the tenant for fair delivery (standard queues).</summary>
    string? GroupId { get; set; }

    /// <summary>FIFO: messages with one id within five minutes are delivered once. Left out, the message id is used.</summary>
    string? DeduplicationId { get; set; }
}

internal sealed class SqsSendContext<T>(T message, CancellationToken ct) : MessageSendContext<T>(message, ct), IAmazonSqsSendContext
    where T : class
{
    public string? GroupId { get; set; }
    public string? DeduplicationId { get; set; }

    public override void ReadPropertiesFrom(IReadOnlyDictionary<string, object> properties)
    {
        base.ReadPropertiesFrom(properties);
        GroupId = ReadString(properties, PropertyNames.GroupId);
        DeduplicationId = ReadString(properties, PropertyNames.DeduplicationId);
    }

    public override void WritePropertiesTo(IDictionary<string, object> properties)
    {
        base.WritePropertiesTo(properties);
        if (!string.IsNullOrEmpty(GroupId))
            properties[PropertyNames.GroupId] = GroupId;
        if (!string.IsNullOrEmpty(DeduplicationId))
            properties[PropertyNames.DeduplicationId] = DeduplicationId;
    }
}

/// <summary>The keys under which an outbox or a redelivery keeps what <see cref="IAmazonSqsSendContext"/> adds.</summary>
internal static class PropertyNames
{
    public const string GroupId = "SQS-GroupId";
    public const string DeduplicationId = "SQS-DeduplicationId";
}
