using Amazon.Runtime;

namespace Orchestrator.AmazonSqs;

/// <summary>What an error code of SQS or SNS means to the transport.</summary>
internal static class SqsError
{
    public static bool IsQueueMissing(Exception exception) =>
        exception is AmazonServiceException { ErrorCode: "QueueDoesNotExist" or "AWS.SimpleQueueService.NonExistentQueue" };

    public static bool IsTopicMissing(Exception exception) =>
        exception is AmazonServiceException { ErrorCode: "NotFound" or "NotFoundException" };

    public static bool IsAttributeConflict(Exception exception) =>
        exception is AmazonServiceException { ErrorCode: "InvalidParameter" or "InvalidParameterException" } refused
        && refused.Message.Contains("already exists", StringComparison.OrdinalIgnoreCase);

    public static bool IsPurgeInProgress(Exception exception) => exception is AmazonServiceException { ErrorCode: "PurgeQueueInProgress" };

    /// <summary>Too much at once, for SQS or for the key service behind it; SQS may call that the sender's fault, but waiting helps.</summary>
    public static bool IsThrottling(string code) =>
        code.Contains("Throttl", StringComparison.OrdinalIgnoreCase) || code is "SlowDown" or "TooManyRequestsException";

    /// <summary>
    /// The message is held by somebody else or gone. SQS says so in three shapes: the handle is invalid, the message is not in
    /// flight, or a general "invalid parameter" whose text alone tells it from a real mistake in the request.
    /// </summary>
    public static bool IsLeaseLost(string code, string? message) =>
        code.EndsWith("ReceiptHandleIsInvalid", StringComparison.Ordinal)
        || code.EndsWith("MessageNotInflight", StringComparison.Ordinal)
        || (code.EndsWith("InvalidParameterValue", StringComparison.Ordinal) && message is not null
            && (message.Contains("not available for visibility timeout change", StringComparison.OrdinalIgnoreCase)
                || message.Contains("does not exist", StringComparison.OrdinalIgnoreCase)));

    /// <summary>The extension would pass the 12 hours that SQS allows a message to be held since its receive.</summary>
    public static bool IsBeyondCap(string code, string? message) =>
        code.EndsWith("InvalidParameterValue", StringComparison.Ordinal) && message is not null
        && message.Contains("Total VisibilityTimeout", StringComparison.OrdinalIgnoreCase);
}
