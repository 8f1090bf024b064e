namespace Orchestrator.Service.Documents.Processes;

internal static partial class ToolLog
{
    [LoggerMessage(LogLevel.Warning, "{Tool} was ended by its limit {End} after {Seconds:0.0} s, peak memory {PeakMebibytes} MiB.")]
    public static partial void HitLimit(this ILogger logger, string tool, ToolEnd end, double seconds, long peakMebibytes);

    [LoggerMessage(LogLevel.Error, "{Tool} is not installed. Install the packages qpdf and poppler-utils, and util-linux for setsid and prlimit.")]
    public static partial void NotInstalled(this ILogger logger, string tool);

    [LoggerMessage(LogLevel.Information, "{Count} work folders of killed workers were removed.")]
    public static partial void ForsakenRemoved(this ILogger logger, int count);

    [LoggerMessage(LogLevel.Warning, "Work folders of killed workers could not be looked for; again in {Interval}.")]
    public static partial void ForsakenNotRemoved(this ILogger logger, TimeSpan interval, Exception exception);
}
