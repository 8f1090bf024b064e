using Microsoft.Extensions.Logging;

namespace Orchestrator.Persistence.Outbox;

internal static partial class OutboxLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "The outbox delivers; rows are deleted {Acknowledge}")]
    public static partial void Started(this ILogger log, OutboxAcknowledgement acknowledge);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Message {MessageId} was not sent to {Destination}; it was taken up again {Attempts} times so far")]
    public static partial void SendFailed(this ILogger log, Exception error, Guid messageId, string destination, int attempts);

    [LoggerMessage(Level = LogLevel.Error, Message = "Message {MessageId} is dead and lies in orchestrator.outbox_dead: {Reason}")]
    public static partial void Buried(this ILogger log, Guid messageId, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Took over {Count} due messages of processes that are gone")]
    public static partial void Adopted(this ILogger log, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The outbox could not {Act}; it tries again, and nothing is lost")]
    public static partial void DatabaseFailed(this ILogger log, Exception error, string act);
}
