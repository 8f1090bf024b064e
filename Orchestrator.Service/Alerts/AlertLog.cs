namespace Orchestrator.Service.Alerts;

internal static partial class AlertLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Alert {Kind}, {Subject}: {Text}")]
    public static partial void Raised(this ILogger log, AlertKind kind, string subject, string text);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Alert {Kind}, {Subject} was told by {Sink}")]
    public static partial void Told(this ILogger log, AlertKind kind, string subject, string sink);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Alert {Kind}, {Subject} was not told by {Sink}: {Why}")]
    public static partial void NotTold(this ILogger log, AlertKind kind, string subject, string sink, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Alert {Kind}, {Subject} could not be sent by {Sink}")]
    public static partial void NotSent(this ILogger log, AlertKind kind, string subject, string sink, Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Alert {Kind}, {Subject} was told already")]
    public static partial void ToldAlready(this ILogger log, AlertKind kind, string subject);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Whether alert {Kind}, {Subject} was told already can't be asked of the database; it is told all the same")]
    public static partial void NotAsked(this ILogger log, AlertKind kind, string subject, Exception exception);
}
