namespace Orchestrator.Service.Delivery.Merging;

internal static partial class MergingLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The merge lease {Token} of {Repository} was lost: {Why}")]
    public static partial void Lost(this ILogger log, string repository, long token, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The merge lease {Token} of {Repository} can't be renewed now")]
    public static partial void NotRenewed(this ILogger log, string repository, long token, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The merge lease {Token} of {Repository} can't be given back; it runs out by itself")]
    public static partial void NotReleased(this ILogger log, string repository, long token, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The merge lease {Token} of {Repository}, held by task {Task} on node {Node}, was reclaimed: {Why}")]
    public static partial void Reclaimed(this ILogger log, string repository, long token, Guid task, Guid node, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "Merge of task {Task}: {Step}: {Why}")]
    public static partial void Decided(this ILogger log, Guid task, string step, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The folder {Path} of a rebase can't be removed: {Why}")]
    public static partial void RebaseFolderLeft(this ILogger log, string path, string why);
}
