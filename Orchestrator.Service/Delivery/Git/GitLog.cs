namespace Orchestrator.Service.Delivery.Git;

internal static partial class GitLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Task {Task}: {What} was put aside as {Ref} of {Mirror}")]
    public static partial void PutAside(this ILogger log, Guid task, string what, string @ref, string mirror);

    [LoggerMessage(Level = LogLevel.Information, Message = "Task {Task}: an unfinished {Operation} in its worktree was ended")]
    public static partial void Aborted(this ILogger log, Guid task, string operation);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} is no worktree of {Mirror} any more; it was moved to {Aside}")]
    public static partial void MovedAside(this ILogger log, string path, string mirror, string aside);

    [LoggerMessage(Level = LogLevel.Information, Message = "Worktree {Path} was removed")]
    public static partial void Removed(this ILogger log, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Worktree {Path} can't be removed: {Why}")]
    public static partial void NotRemoved(this ILogger log, string path, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Worktrees of ended tasks could not be looked for; it is tried again")]
    public static partial void NotKept(this ILogger log, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lock file {Path} of a command that has ended was removed")]
    public static partial void LockRemoved(this ILogger log, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Task {Task}: its worktree can't be cleaned and is made anew: {Why}")]
    public static partial void NotCleaned(this ILogger log, Guid task, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} was a repository of its own in a worktree; its files are taken in, and what made it one is at {Aside}")]
    public static partial void InnerOpened(this ILogger log, string path, string aside);
}
