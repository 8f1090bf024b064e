namespace Orchestrator.Service.Dispatch;

internal static partial class DispatchLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Other nodes could not be told of work in {Lanes}; they find it with their next poll")]
    public static partial void NotNotified(this ILogger log, string lanes, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Dispatch of lane {Lane} failed; again in {Pause}")]
    public static partial void DispatchFailed(this ILogger log, string lane, TimeSpan pause, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The look for due jobs failed; again in {Pause}")]
    public static partial void PromotionFailed(this ILogger log, TimeSpan pause, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection that listens for work was lost; polling meanwhile")]
    public static partial void ListeningFailed(this ILogger log, Exception exception);
}
