namespace Orchestrator.Service.Documents.Processes;

internal static partial class ToolLog
{
    [LoggerMessage(LogLevel.Warning, "{Tool} was ended by its limit {End} after {Seconds:0.0} s, peak memory {PeakMebibytes} MiB.")]
    public static partial void HitLimit(this ILogger logger, string tool, ToolEnd end, double seconds, long peakMebibytes);

    [LoggerMessage(LogLevel.Error, "{Tool} is not installed. Install the packages qpdf and poppler-utils, and util-linux for setsid and prlimit.")]
    public static partial void NotInstalled(this ILogger logger, string tool);
}
