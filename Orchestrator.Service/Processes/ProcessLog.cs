namespace Orchestrator.Service.Processes;

internal static partial class ProcessLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Run {Run} of job {Job} is process {Pid}, command {Command}")]
    public static partial void Spawned(this ILogger log, long run, Guid job, int pid, string command);

    [LoggerMessage(Level = LogLevel.Information, Message = "The process of job {Job} is taken over as run {Run}; it was started as run {ProcessRun}")]
    public static partial void Adopted(this ILogger log, Guid job, long run, long processRun);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {Run} of job {Job} is ended by its watchdog: {Watchdog}")]
    public static partial void WatchdogFired(this ILogger log, long run, Guid job, Watchdog watchdog);

    [LoggerMessage(Level = LogLevel.Error, Message = "Processes {Pids} of run {Run} of job {Job} would not end: they are another user's, or stuck in the kernel")]
    public static partial void NotEnded(this ILogger log, long run, Guid job, string pids);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What run {Run} of job {Job} left could not be taken in; it is tried again")]
    public static partial void NotFinished(this ILogger log, long run, Guid job, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Processes of run {Run}, which nobody owns any more, are ended")]
    public static partial void Strays(this ILogger log, long run);

    [LoggerMessage(Level = LogLevel.Error, Message = "Run {Run} of job {Job} can't be followed; again in a moment")]
    public static partial void NotFollowed(this ILogger log, long run, Guid job, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {Run} is not the owner any more; nothing of it was written, and its process is left to whoever is")]
    public static partial void LetGo(this ILogger log, long run);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The folders of runs could not be looked through")]
    public static partial void FoldersNotLookedAt(this ILogger log, Exception exception);
}
