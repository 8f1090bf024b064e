using Orchestrator.Persistence.Breakers;
using Orchestrator.Service.Lifecycle;

namespace Orchestrator.Service.Resilience;

internal static partial class ResilienceLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The breaker of {Scope} {Name} is open until {Until}: {Reason}")]
    public static partial void Opened(this ILogger log, BreakerScope scope, string name, DateTimeOffset until, string? reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The breaker of {Scope} {Name} is closed")]
    public static partial void Closed(this ILogger log, BreakerScope scope, string name);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} jobs that were held for {For} in {Lanes} are released")]
    public static partial void Released(this ILogger log, int count, HoldReason @for, string lanes);

    [LoggerMessage(Level = LogLevel.Error, Message = "Lane {Lane} is not claimed on this host, its preflight failed: {Detail}")]
    public static partial void PreflightFailed(this ILogger log, string lane, string detail);

    [LoggerMessage(Level = LogLevel.Information, Message = "The preflight of lane {Lane} is in order again: {Detail}")]
    public static partial void PreflightRecovered(this ILogger log, string lane, string detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The preflight of lane {Lane} could not be recorded; what was known of it stands")]
    public static partial void PreflightNotRecorded(this ILogger log, string lane, Exception exception);
}
