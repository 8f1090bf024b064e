using Orchestrator.AmazonSqs;

namespace Orchestrator.Service.Receive;

/// <summary>A lane's queue is polled only while the lane is open and the node holds its lease and is not stopping: a message that can't be worked on costs no receive count.</summary>
internal sealed class LaneGate(Func<bool> nodeMayClaim, TimeProvider time) : IPollGate
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);
    private volatile bool _shut;

    public bool IsOpen => !_shut && nodeMayClaim();

    /// <summary>What the dispatcher saw of the lane: paused, its breaker open, or its preflight failed.</summary>
    public bool IsShut => _shut;

    public void Shut(bool shut) => _shut = shut;

    public async ValueTask WaitUntilOpenAsync(CancellationToken cancellationToken)
    {
        while (!IsOpen)
            await Task.Delay(Look, time, cancellationToken);
    }
}
