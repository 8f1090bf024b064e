using Microsoft.Extensions.Logging;

namespace Orchestrator.AmazonSqs;

internal static partial class JanitorLog
{
    [LoggerMessage(LogLevel.Information, "Removed the leaked temporary queue {Url} of {Owner}")]
    public static partial void Removed(ILogger log, string url, string owner);

    [LoggerMessage(LogLevel.Warning, "The leaked temporary queue {Url} could not be removed; the next sweep tries again")]
    public static partial void NotRemoved(ILogger log, Exception exception, string url);
}
