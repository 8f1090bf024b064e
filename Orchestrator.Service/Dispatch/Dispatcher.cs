using System.Threading.Channels;
using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Claim;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Nodes;
using Orchestrator.Service.Receive;

namespace Orchestrator.Service.Dispatch;

/// <summary>The only place that decides what may run next: due, by priority, within the lane's limit, while the lane is open.</summary>
internal sealed class Dispatcher(
    NpgsqlDataSource database, IWakeUps wakeUps, Lanes lanes, Claims claims, HandBack handBack, NodeLease lease, WorkSignal signal, DispatchOptions options,
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
        if (wakeUps.StayInProcess && lane.Line.MayClaimReady(lane.Options))
            return await DispatchClaimedAsync(lane, cancellation);

        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (await JobLedger.LaneLoadAsync(connection, lane.Name, lease.Node.Id, cancellation) is not { } load)
            return 0;
        lane.Gate.Pause(load.Paused);
        var allowed = DispatchDecision.Allowed(load, lane.Options, options.BatchSize, lease.IsHeld);
        if (allowed == 0)
            return 0;

        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var picked = await JobLedger.PickAsync(connection, lane.Name, allowed, cancellation);
        if (picked.Count == 0)
            return 0;

        await wakeUps.SendAsync(lane, picked, cancellation);
        // A crash at this line sends the same wake-ups twice: the rows are not marked. The claim of the second finds nothing.
        await JobLedger.CommitDispatchedAsync(connection, picked, time.GetUtcNow(), lease.Node.Id, cancellation);
        return picked.Count;
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
