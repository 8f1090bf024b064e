namespace Orchestrator.Service.Delivery.Tasks;

internal static partial class TaskLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Task {Task}: {Event}; at {Stage}, {State}")]
    public static partial void Moved(this ILogger log, Guid task, string @event, string stage, string state);
}
