using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Amazon.Runtime;

namespace Orchestrator.AmazonSqs;

// The requests and answers of the SQS JSON protocol, member for member as they cross the wire.

/// <summary>One attribute of a message; <see cref="DataType"/> is "String", "Number" or "Binary".</summary>
public sealed class MessageAttribute
{
    public string DataType { get; init; } = "String";
    public string? StringValue { get; init; }
    public byte[]? BinaryValue { get; init; }
}

internal sealed class SqsMessage
{
    public string MessageId { get; init; } = "";
    public string ReceiptHandle { get; init; } = "";
    public string Body { get; init; } = "";
    public Dictionary<string, string>? Attributes { get; init; }
    public Dictionary<string, MessageAttribute>? MessageAttributes { get; init; }
}

internal sealed class CreateQueueRequest : AmazonWebServiceRequest
{
    public required string QueueName { get; init; }
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    [JsonPropertyName("tags")] // the only member of the protocol in lower case
    public IReadOnlyDictionary<string, string>? Tags { get; init; }
}

internal sealed class QueueUrlResponse : AmazonWebServiceResponse
{
    public string QueueUrl { get; init; } = "";
}

internal sealed class GetQueueUrlRequest : AmazonWebServiceRequest
{
    public required string QueueName { get; init; }
}

internal sealed class GetQueueAttributesRequest : AmazonWebServiceRequest
{
    public required string QueueUrl { get; init; }
    public string[] AttributeNames { get; init; } = ["All"];
}

internal sealed class GetQueueAttributesResponse : AmazonWebServiceResponse
{
    public Dictionary<string, string>? Attributes { get; init; }
}

internal sealed class SetQueueAttributesRequest : AmazonWebServiceRequest
{
    public required string QueueUrl { get; init; }
    public required IReadOnlyDictionary<string, string> Attributes { get; init; }
}

internal sealed class QueueRequest : AmazonWebServiceRequest
{
    public required string QueueUrl { get; init; }
}

internal sealed class TagQueueRequest : AmazonWebServiceRequest
{
    public required string QueueUrl { get; init; }
    public required IReadOnlyDictionary<string, string> Tags { get; init; }
}

internal sealed class ListQueueTagsResponse : AmazonWebServiceResponse
{
    public Dictionary<string, string>? Tags { get; init; }
}

internal sealed class ListQueuesRequest : AmazonWebServiceRequest
{
    public required string QueueNamePrefix { get; init; }
    public int MaxResults { get; init; } = 1000;
    public string? NextToken { get; init; }
}

internal sealed class ListQueuesResponse : AmazonWebServiceResponse
{
    public List<string>? QueueUrls { get; init; }
    public string? NextToken { get; init; }
}

internal sealed class EmptyResponse : AmazonWebServiceResponse;

internal sealed class ReceiveMessageRequest : AmazonWebServiceRequest
{
    public required string QueueUrl { get; init; }
    public int MaxNumberOfMessages { get; init; }
    public int WaitTimeSeconds { get; init; }
    public int? VisibilityTimeout { get; init; }
    public string[] MessageAttributeNames { get; init; } = ["All"];
    public string[] MessageSystemAttributeNames { get; init; } = ["All"];
    public string? ReceiveRequestAttemptId { get; init; }
}

internal sealed class ReceiveMessageResponse : AmazonWebServiceResponse
{
    public List<SqsMessage>? Messages { get; init; }
}

internal sealed class SendEntry
{
    public required string Id { get; set; }
    public required string MessageBody { get; init; }
    public Dictionary<string, MessageAttribute>? MessageAttributes { get; init; }
    public int? DelaySeconds { get; init; }
    public string? MessageGroupId { get; init; }
    public string? MessageDeduplicationId { get; init; }
}

internal sealed class DeleteEntry
{
    public required string Id { get; init; }
    public required string ReceiptHandle { get; init; }
}

internal sealed class VisibilityEntry
{
    public required string Id { get; init; }
    public required string ReceiptHandle { get; init; }
    public int VisibilityTimeout { get; init; }
}

internal sealed class BatchRequest<TEntry> : AmazonWebServiceRequest
{
    public required string QueueUrl { get; init; }
    public required IReadOnlyList<TEntry> Entries { get; init; }
}

internal sealed class BatchResponse : AmazonWebServiceResponse
{
    public List<BatchSuccess>? Successful { get; init; }
    public List<BatchFailure>? Failed { get; init; }
}

internal sealed class BatchSuccess
{
    public string Id { get; init; } = "";
}

/// <summary>One entry that a batch call refused; <see cref="SenderFault"/> means that sending it again will not help.</summary>
internal sealed class BatchFailure
{
    public string Id { get; init; } = "";
    public string Code { get; init; } = "";
    public string? Message { get; init; }
    public bool SenderFault { get; init; }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CreateQueueRequest))]
[JsonSerializable(typeof(QueueUrlResponse))]
[JsonSerializable(typeof(GetQueueUrlRequest))]
[JsonSerializable(typeof(GetQueueAttributesRequest))]
[JsonSerializable(typeof(GetQueueAttributesResponse))]
[JsonSerializable(typeof(SetQueueAttributesRequest))]
[JsonSerializable(typeof(QueueRequest))]
[JsonSerializable(typeof(TagQueueRequest))]
[JsonSerializable(typeof(ListQueueTagsResponse))]
[JsonSerializable(typeof(ListQueuesRequest))]
[JsonSerializable(typeof(ListQueuesResponse))]
[JsonSerializable(typeof(EmptyResponse))]
[JsonSerializable(typeof(ReceiveMessageRequest))]
[JsonSerializable(typeof(ReceiveMessageResponse))]
[JsonSerializable(typeof(BatchRequest<SendEntry>), TypeInfoPropertyName = "SendBatch")]
[JsonSerializable(typeof(BatchRequest<DeleteEntry>), TypeInfoPropertyName = "DeleteBatch")]
[JsonSerializable(typeof(BatchRequest<VisibilityEntry>), TypeInfoPropertyName = "VisibilityBatch")]
[JsonSerializable(typeof(BatchResponse))]
internal sealed partial class SqsJson : JsonSerializerContext
{
    /// <summary>Escapes as little as JSON allows: a body is JSON itself, and escaping each of its quotes would triple it on the wire.</summary>
    public static SqsJson Wire { get; } = new(new JsonSerializerOptions
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
