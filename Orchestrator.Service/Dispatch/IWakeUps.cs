using Orchestrator.Service.Receive;

namespace Orchestrator.Service.Dispatch;

/// <summary>Sends wake-ups to a lane's queue.</summary>
internal interface IWakeUps
{
    /// <summary>Do they end with this process? Then nobody else can come for the jobs, and they may be claimed before they are woken.</summary>
    bool StayInProcess { get; }

    /// <summary>Returns when the queue has them.</summary>
    Task SendAsync(Lane lane, IReadOnlyList<Guid> jobs, CancellationToken cancellation);
}
