using Orchestrator.Service.Receive;

namespace Orchestrator.Service.Dispatch;

/// <summary>Sends wake-ups to a lane's queue.</summary>
internal interface IWakeUps
{
    /// <summary>Returns when the queue has them.</summary>
    Task SendAsync(Lane lane, IReadOnlyList<Guid> jobs, CancellationToken cancellation);
}
