namespace Orchestrator.Service.Documents.Acquisition;

internal static partial class AcquisitionLog
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "A notification without work is deleted: {Reason}")]
    public static partial void Ignored(this ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Object} is here already; its notification is deleted")]
    public static partial void AlreadyHere(this ILogger log, ObjectIdentity @object);

    [LoggerMessage(Level = LogLevel.Information, Message = "Acquired {Object}: {Documents} document(s), {Superseded} of older versions superseded")]
    public static partial void Acquired(this ILogger log, ObjectIdentity @object, int documents, int superseded);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Object} was not acquired: {Code}. {Reason}")]
    public static partial void NotAcquired(this ILogger log, ObjectIdentity @object, string code, string reason);
}
