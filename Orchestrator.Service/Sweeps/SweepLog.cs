namespace Orchestrator.Service.Sweeps;

internal static partial class SweepLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "{Sweep} failed; it tries again with its next turn")]
    public static partial void SweepFailed(this ILogger log, string sweep, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Sweep} could not do {Piece}; it goes on with the others, and tries again with its next turn")]
    public static partial void PieceFailed(this ILogger log, string sweep, string piece, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "The month {Month} of ended jobs is older than the retention and was dropped, with {Jobs} jobs")]
    public static partial void MonthDropped(this ILogger log, DateOnly month, long jobs);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} wake-ups of lane {Lane} were not claimed for {Age}; they are sent again")]
    public static partial void WakeUpsLost(this ILogger log, string lane, int count, TimeSpan age);
}
