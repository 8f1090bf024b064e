using Microsoft.Extensions.Logging;

namespace Orchestrator.AmazonSqs;

internal static partial class ReceiveLog
{
    [LoggerMessage(LogLevel.Information, "{Queue}: receiving, prefetch {Prefetch}, protection {Protection}")]
    public static partial void Receiving(ILogger log, string queue, int prefetch, TimeSpan? protection);

    [LoggerMessage(LogLevel.Warning, "{Queue}: receiving failed; trying again in {Pause}")]
    public static partial void Failed(ILogger log, Exception exception, string queue, TimeSpan pause);

    [LoggerMessage(LogLevel.Warning, "Message {MessageId} of {Queue} failed outside its consumer and comes again in {Seconds} s (receive {ReceiveCount})")]
    public static partial void BackedOff(ILogger log, Exception exception, string messageId, string queue, int seconds, int receiveCount);

    [LoggerMessage(LogLevel.Warning, "Message {MessageId} of {Queue} was delivered again while it is being worked on (receive {ReceiveCount}); the work goes on with the new handle")]
    public static partial void TakenOver(ILogger log, string messageId, string queue, int receiveCount);

    [LoggerMessage(LogLevel.Warning, "The delayed message {MessageId} of {Queue} could not be sent on; it is tried again when it comes back")]
    public static partial void RehopFailed(ILogger log, Exception exception, string messageId, string queue);

    [LoggerMessage(LogLevel.Debug, "{Queue}: an additional poll failed")]
    public static partial void ExtraPollFailed(ILogger log, Exception exception, string queue);

    [LoggerMessage(LogLevel.Warning, "{Queue} stopped while {Running} messages were still being worked on; they become visible when their protection ends")]
    public static partial void NotDrained(ILogger log, string queue, int running);

    [LoggerMessage(LogLevel.Warning, "{Queue} can be redelivered only {MaxReceiveCount} times before its messages are dead-lettered; hand-backs at a stop spend one each, so allow 3 or more")]
    public static partial void FewReceives(ILogger log, string queue, int maxReceiveCount);

    [LoggerMessage(LogLevel.Warning, "The temporary queue {Queue} could not be removed; the janitor will find it")]
    public static partial void NotRemoved(ILogger log, Exception exception, string queue);

    [LoggerMessage(LogLevel.Warning, "{Queue} was purged less than a minute ago; its messages stay")]
    public static partial void NotPurged(ILogger log, string queue);

    [LoggerMessage(LogLevel.Warning, "The lease of the temporary queue {Queue} could not be renewed; it is tried again")]
    public static partial void LeaseNotRenewed(ILogger log, Exception exception, string queue);
}
