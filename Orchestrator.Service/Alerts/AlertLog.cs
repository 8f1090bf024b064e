namespace Orchestrator.Service.Alerts;

internal static partial class AlertLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Alert {Kind}, {Subject}: {Text}")]
    public static partial void Raised(this ILogger log, AlertKind kind, string subject, string text);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Alert {Kind}, {Subject} could not be sent by {Sink}")]
    public static partial void NotSent(this ILogger log, AlertKind kind, string subject, string sink, Exception exception);
}
