namespace Orchestrator.Service.Finalize;

internal static partial class FinalizeLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The monitor of run {Run} of job {Job} gives up: the run is another's, or it took too long")]
    public static partial void MonitorGivesUp(this ILogger log, Guid job, long run);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The monitor of run {Run} of job {Job} could not renew its deadline")]
    public static partial void MonitorNotRenewed(this ILogger log, Guid job, long run, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The {What} of job {Job} could not reach the database; again in {Pause}")]
    public static partial void Repeating(this ILogger log, string what, Guid job, TimeSpan pause, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {Run} of job {Job} is not the owner any more; nothing of it was written")]
    public static partial void Fenced(this ILogger log, Guid job, long run);

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Job} of lane {Lane}: {Event}. {Reason}")]
    public static partial void NotDone(this ILogger log, Guid job, string lane, string @event, string? reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {Job} of lane {Lane} fails; its handler threw when it was told, and what it had stored of that is undone")]
    public static partial void HandlerDidNotTakeFailure(this ILogger log, Guid job, string lane, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Job} of lane {Lane}: its work threw")]
    public static partial void Threw(this ILogger log, Guid job, string lane, Exception exception);
}
