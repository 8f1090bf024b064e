using Orchestrator.Service.Finalize;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Nodes;

/// <summary>Gives running work its drain time when the node stops; what has not ended by then is stopped, and its job handed back.</summary>
internal sealed class Drain(RunningJobs running, Lanes lanes, HandBack handBack, NodeOptions options, TimeProvider time) : IHostedLifecycleService, IDisposable
{
    private ITimer? _timer;

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _timer = time.CreateTimer(_ => running.StopForGood(), null, options.Drain, Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The bus has stopped: wake-ups of claimed jobs that it still had are gone.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        foreach (var lane in lanes.Enabled)
        {
            foreach (var job in lane.Line.ExpectNoMore())
                await handBack.AsyncOf(job, lane, StopReason.NodeStopping);
        }
    }

    public void Dispose() => _timer?.Dispose();
}
