namespace Orchestrator.Service.Reaper;

internal static partial class ReaperLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {Run} of job {Job} was taken from node {Node} ({Verdict}): {Why}")]
    public static partial void Reaped(this ILogger log, Guid job, long run, string? node, Verdict verdict, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {Run} of job {Job} could not be judged; again with the next sweep")]
    public static partial void JudgementFailed(this ILogger log, Guid job, long run, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} queued jobs had an owner and have none any more: {Jobs}")]
    public static partial void Healed(this ILogger log, int count, string jobs);

    [LoggerMessage(Level = LogLevel.Error, Message = "The constraint ck_job_queued_has_no_owner is missing or not valid: queued jobs are kept without an owner by the sanitizer alone. Restore it as migrations/0005_failures.sql has it")]
    public static partial void ConstraintMissing(this ILogger log);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The look for queued jobs with an owner failed")]
    public static partial void SanitizerFailed(this ILogger log, Exception exception);
}
