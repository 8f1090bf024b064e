using Microsoft.Extensions.Logging;

namespace Orchestrator.AmazonSqs;

internal static partial class SendLog
{
    [LoggerMessage(LogLevel.Warning, "A message for the temporary queue {Queue} was dropped: the queue is gone, and with it whoever waited for the message")]
    public static partial void NobodyWaits(ILogger log, string queue);
}
