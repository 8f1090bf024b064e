namespace Orchestrator.Service.Delivery.Webhooks;

internal static partial class WebhookLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "A delivery to /webhooks/{Source} was refused: {Why}; nothing was stored. Sender: {Sender}. If {Source} itself sent it, compare the secrets on both sides")]
    public static partial void Forged(this ILogger log, string source, string why, string? sender);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A signed delivery to /webhooks/{Source} can't be read, nothing was enqueued: {What} Delivery: {Delivery}")]
    public static partial void Unreadable(this ILogger log, string source, string what, string? delivery);

    [LoggerMessage(Level = LogLevel.Information, Message = "A delivery of {Source} of the unknown kind {Kind} was left alone")]
    public static partial void UnknownKind(this ILogger log, string source, string kind);

    [LoggerMessage(Level = LogLevel.Error, Message = "A delivery of {Source} could not be stored, the database is away. Delivery: {Delivery}. {Remedy}")]
    public static partial void NotStored(this ILogger log, string source, string? delivery, string remedy, Exception exception);
}
