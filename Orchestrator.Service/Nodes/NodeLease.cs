using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Nodes;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Nodes;

/// <summary>
/// This node's life: renews its lease on a loop of its own, so that no amount of work can keep it from being renewed. A node that can't
/// renew stops claiming, and ends its own runs when the lease is over: from then on others may take them.
/// </summary>
internal sealed class NodeLease(NpgsqlDataSource database, NodeOptions options, LanesOptions lanes, RunningJobs running, TimeProvider time, ILogger<NodeLease> log) : IHostedLifecycleService, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _look = new(0);
    private Task _loop = Task.CompletedTask;
    private long _renewedAt;
    private int _disposed;
    private volatile bool _registered;
    private int _elsewhere;

    public NodeIdentity Node { get; private set; } = NewLife(options, lanes);

    /// <summary>May this node claim and dispatch? Judged by its own clock, well before the others may act on the lease's end.</summary>
    public bool IsHeld => _registered && SinceRenewal < options.Lease - options.Heartbeat;

    private TimeSpan SinceRenewal => time.GetElapsedTime(Volatile.Read(ref _renewedAt));

    /// <summary>Look for runs that must stop now instead of with the next heartbeat.</summary>
    public void LookNow() => _look.Release();

    /// <summary>First of all services: nothing may claim before the node is known.</summary>
    public async Task StartingAsync(CancellationToken cancellation)
    {
        await RegisterAsync(cancellation);
        _loop = Task.Run(LoopAsync, CancellationToken.None);
    }

    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Last of all: the work has ended or was handed back.</summary>
    public async Task StoppedAsync(CancellationToken cancellation)
    {
        await _stop.CancelAsync();
        await _loop;
        _registered = false;
        try
        {
            await NodeLedger.LeaveAsync(database, Node.Id, cancellation);
        }
        catch (Exception exception)
        {
            log.NotLeft(Node.Id, exception); // the lease ends by itself
        }
    }

    /// <summary>May be called twice: the container knows the lease as itself and as a hosted service.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
        _look.Dispose();
    }

    private async Task RegisterAsync(CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        await NodeLedger.RegisterAsync(database, Node, options.Lease, cancellation);
        Volatile.Write(ref _renewedAt, began);
        _registered = true;
        log.Registered(Node.Id, Node.Name, Node.Pid, options.Lease);
    }

    private async Task LoopAsync()
    {
        var renewAt = options.Heartbeat;
        while (!_stop.IsCancellationRequested)
        {
            await WaitAsync(renewAt - SinceRenewal);
            if (_stop.IsCancellationRequested)
                return;
            try
            {
                if (SinceRenewal >= options.Heartbeat)
                    await RenewAsync();
                await StopRunsThatMustAsync();
                renewAt = options.Heartbeat;
            }
            catch (Exception exception)
            {
                log.NotRenewed(Node.Id, SinceRenewal, exception);
                renewAt = SinceRenewal + (options.Heartbeat / 5); // sooner than a heartbeat, there may be little time left
            }

            if (SinceRenewal >= options.Lease && running.Count > 0)
            {
                log.LeaseOver(Node.Id, running.Count);
                // External processes outlive the lease where nobody else could start them again: only nodes of this host, and those take them over.
                running.StopAll(_elsewhere > 0 ? StopReason.LeaseOver : StopReason.Fenced);
            }
        }
    }

    private async Task RenewAsync()
    {
        // The lease counts from before the call: the answer may have been long on its way.
        var began = time.GetTimestamp();
        using var soon = new CancellationTokenSource(options.Heartbeat, time);
        if (await NodeLedger.RenewAsync(database, Node.Id, soon.Token) is { } elsewhere)
        {
            _elsewhere = elsewhere;
            Volatile.Write(ref _renewedAt, began);
            return;
        }

        log.DeclaredDead(Node.Id, running.Count);
        _registered = false;
        running.StopAll(StopReason.Fenced);
        Node = NewLife(options, lanes);
        await RegisterAsync(soon.Token);
    }

    private async Task StopRunsThatMustAsync()
    {
        if (running.Count == 0)
            return;
        using var soon = new CancellationTokenSource(options.Heartbeat, time);
        await using var connection = await database.OpenConnectionAsync(soon.Token);
        foreach (var (job, run) in await JobLedger.CancelsAskedAsync(connection, Node.Id, soon.Token))
            running.Stop(job, run, StopReason.CancelAsked);
        foreach (var (job, run) in await JobLedger.RunsNotMineAsync(connection, running.Held, soon.Token))
            running.Stop(job, run, StopReason.Fenced);
    }

    private async Task WaitAsync(TimeSpan pause)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        await Task.WhenAny(_look.WaitAsync(wait.Token), Task.Delay(pause > TimeSpan.Zero ? pause : TimeSpan.FromMilliseconds(1), time, wait.Token));
        await wait.CancelAsync();
    }

    private static NodeIdentity NewLife(NodeOptions options, LanesOptions lanes) => new(
        Guid.CreateVersion7(), ProcessIdentity.Host(), options.Name is { Length: > 0 } name ? name : Environment.MachineName,
        Environment.ProcessId, ProcessIdentity.StartOf(Environment.ProcessId)) { Lanes = [.. lanes.Where(lane => lane.Value.Enabled).Select(lane => lane.Key)] };
}
