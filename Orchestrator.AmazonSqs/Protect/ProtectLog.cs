using Microsoft.Extensions.Logging;

namespace Orchestrator.AmazonSqs;

internal static partial class ProtectLog
{
    [LoggerMessage(LogLevel.Warning, "The lease of message {MessageId} of {Queue} is lost because {Reason}; its work is cancelled")]
    public static partial void LeaseLost(ILogger log, string messageId, string queue, string reason);

    [LoggerMessage(LogLevel.Warning, "Extending {Count} messages of {Queue} failed; it is tried again while their protection lasts")]
    public static partial void ExtensionFailed(ILogger log, Exception exception, string queue, int count);

    [LoggerMessage(LogLevel.Error, "A heartbeat of {Queue} failed unexpectedly; the next one follows")]
    public static partial void BeatFailed(ILogger log, Exception exception, string queue);
}
