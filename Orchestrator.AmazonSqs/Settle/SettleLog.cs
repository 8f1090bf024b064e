using Microsoft.Extensions.Logging;

namespace Orchestrator.AmazonSqs;

internal static partial class SettleLog
{
    [LoggerMessage(LogLevel.Warning, "A settled message of {Queue} could not be deleted ({Code}); its redelivery will be deleted without being run")]
    public static partial void NotDeleted(ILogger log, string queue, string code);

    [LoggerMessage(LogLevel.Debug, "Deleting a message of {Queue} failed with {Code}: {Reason}; it is tried again")]
    public static partial void DeleteRetried(ILogger log, string queue, string code, string? reason);

    [LoggerMessage(LogLevel.Warning, "{Queue} stopped before SQS had confirmed every delete within {Patience}; what was not deleted comes again")]
    public static partial void NotFlushed(ILogger log, string queue, TimeSpan patience);
}
