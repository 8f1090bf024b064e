namespace Orchestrator.Service.Http;

internal static partial class QueueLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Block {Block} of GET /queue could not be read; the others were")]
    public static partial void BlockFailed(this ILogger log, string block, Exception exception);
}
