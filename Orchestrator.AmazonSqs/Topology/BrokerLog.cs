using Microsoft.Extensions.Logging;

namespace Orchestrator.AmazonSqs;

internal static partial class BrokerLog
{
    [LoggerMessage(LogLevel.Information, "Created the queue {Queue}")]
    public static partial void QueueCreated(ILogger log, string queue);

    [LoggerMessage(LogLevel.Warning, "The queue {Queue} has {Attribute} = {Actual}, the configuration wants {Wanted}; the queue is left as it is")]
    public static partial void QueueDiffers(ILogger log, string queue, string attribute, string actual, string wanted);
}
