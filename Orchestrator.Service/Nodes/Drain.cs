using Orchestrator.Service.Finalize;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Nodes;

/// <summary>Gives running work its drain time when the node stops; what has not ended by then is stopped, and its job handed back.</summary>
internal sealed class Drain(RunningJobs running, NodeOptions options, TimeProvider time) : IHostedLifecycleService, IDisposable
{
    private ITimer? _timer;

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _timer = time.CreateTimer(_ => running.StopAll(StopReason.NodeStopping), null, options.Drain, Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _timer?.Dispose();
}
