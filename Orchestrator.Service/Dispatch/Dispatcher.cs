using System.Threading.Channels;
using Npgsql;
using Orchestrator.Persistence.Breakers;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Claim;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Nodes;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Resilience;

namespace Orchestrator.Service.Dispatch;

/// <summary>The only place that decides what may run next: due, by priority, within the lane's limit, while the lane is open.</summary>
internal sealed class Dispatcher(
    NpgsqlDataSource database, IWakeUps wakeUps, Lanes lanes, Claims claims, HandBack handBack, NodeLease lease, Preflights preflights, Obstacles obstacles, WorkSignal signal, DispatchOptions options,
    TimeProvider time, ILogger<Dispatcher> log)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        var loops = lanes.Enabled.Select(lane => LaneLoopAsync(lane, stopping)).ToList();
        loops.Add(DueLoopAsync(stopping));
        loops.Add(ListenAsync(stopping));
        await Task.WhenAll(loops);
    }

    private async Task LaneLoopAsync(Lane lane, CancellationToken stopping)
    {
        var woken = Waker(lane.Name);
        try
        {
            while (true)
            {
                try
                {
                    while (await DispatchAsync(lane, stopping) > 0)
                    {
                    }
                }
                catch (Exception exception) when (!stopping.IsCancellationRequested)
                {
                    log.DispatchFailed(lane.Name, options.PollInterval, exception);
                }

                await WaitAsync(woken, options.PollInterval, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private async Task<int> DispatchAsync(Lane lane, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (wakeUps.StayInProcess && lane.Line.MayClaimReady(lane.Options) && !lane.Gate.IsShut && preflights.Passed(lane) && !obstacles.Any && await DispatchClaimedAsync(lane, cancellation) is var claimed and > 0)
            return claimed;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (await JobLedger.LaneLoadAsync(connection, lane.Name, lease.Node.Id, now, cancellation) is not { } load)
            return 0;
        var shut = load.Paused || load.Breaker == BreakerGate.Shut || !preflights.Passed(lane);
        lane.Gate.Shut(shut);
        var (allowed, isProbe) = DispatchDecision.Allowed(load, lane.Room, options.BatchSize, lease.IsHeld && !shut);
        if (allowed == 0)
            return 0;

        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (isProbe && !await BreakerLedger.MayProbeAsync(connection, lane.Name, lane.Options.Credential, now, cancellation))
            return 0; // another node's dispatcher was quicker
        var picked = await PickAsync(connection, lane, allowed, cancellation);
        if (picked.Count == 0)
        {
            await transaction.CommitAsync(cancellation); // jobs that met an obstacle were put aside
            return 0;
        }

        if (isProbe)
            await BreakerLedger.BeginProbeAsync(connection, lane.Name, lane.Options.Credential, picked[0], cancellation);

        await wakeUps.SendAsync(lane, picked, cancellation);
        // A crash at this line sends the same wake-ups twice: the rows are not marked. The claim of the second finds nothing.
        await JobLedger.CommitDispatchedAsync(connection, picked, time.GetUtcNow(), lease.Node.Id, cancellation);
        return picked.Count;
    }

    private async Task<IReadOnlyList<Guid>> PickAsync(NpgsqlConnection connection, Lane lane, int allowed, CancellationToken cancellation)
    {
        await obstacles.LookAgainAsync(connection, lane.Name, cancellation);
        for (;;)
        {
            var picked = await JobLedger.PickAsync(connection, lane.Name, allowed, cancellation);
            var free = await obstacles.PassAsync(connection, lane.Name, picked, cancellation);
            if (free.Count > 0 || picked.Count == 0)
                return free;
        }
    }

    // One transaction instead of two for quick jobs whose wake-ups stay in this process: they are sent claimed.
    private async Task<int> DispatchClaimedAsync(Lane lane, CancellationToken cancellation)
    {
        var room = Math.Min(lane.Line.RoomToClaimReady(lane.Options), options.BatchSize);
        if (room == 0 || !lease.IsHeld)
            return 0;

        var claimed = await claims.ClaimReadyAsync(lane, room, cancellation);
        if (claimed.Count == 0)
            return 0;
        try
        {
            await wakeUps.SendAsync(lane, [.. claimed.Select(job => job.Id)], cancellation);
        }
        catch
        {
            foreach (var job in lane.Line.ExpectNoMore(claimed.Select(job => job.Id)))
                await handBack.AsyncOf(job, lane, StopReason.NodeStopping);
            throw;
        }

        return claimed.Count;
    }

    private async Task DueLoopAsync(CancellationToken stopping)
    {
        const int Batch = 1000;
        var woken = Waker(WorkSignal.Sleepers);
        try
        {
            while (true)
            {
                var pause = options.PollInterval;
                try
                {
                    await using var connection = await database.OpenConnectionAsync(stopping);
                    var due = await JobLedger.PromoteDueAsync(connection, time.GetUtcNow(), Batch, stopping);
                    foreach (var lane in due.Distinct())
                        signal.Submitted(lane);
                    if (due.Count == Batch)
                        continue;
                    if (await JobLedger.NextDueAsync(connection, stopping) is { } next && next - time.GetUtcNow() is var until && until < pause)
                        pause = until > TimeSpan.FromMilliseconds(1) ? until : TimeSpan.FromMilliseconds(1);
                }
                catch (Exception exception) when (!stopping.IsCancellationRequested)
                {
                    log.PromotionFailed(pause, exception);
                }

                await WaitAsync(woken, pause, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private async Task ListenAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(stopping);
                connection.Notification += (_, note) =>
                {
                    if (note.Payload == WorkSignal.Cancels)
                        lease.LookNow();
                    else
                        signal.Heard(note.Payload);
                };
                await using (var listen = new NpgsqlCommand($"LISTEN {WorkSignal.Channel}", connection))
                    await listen.ExecuteNonQueryAsync(stopping);
                while (true)
                    await connection.WaitAsync(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
            }
            catch (Exception exception)
            {
                log.ListeningFailed(exception);
                await Task.Delay(options.PollInterval, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private ChannelReader<bool> Waker(string listener)
    {
        var woken = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        signal.Listen(listener, () => woken.Writer.TryWrite(true));
        return woken.Reader;
    }

    private async Task WaitAsync(ChannelReader<bool> woken, TimeSpan atMost, CancellationToken stopping)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var poll = Task.Delay(atMost, time, wait.Token);
        await Task.WhenAny(woken.WaitToReadAsync(wait.Token).AsTask(), poll);
        await wait.CancelAsync();
        stopping.ThrowIfCancellationRequested();
        woken.TryRead(out _);
    }
}
