using System.Diagnostics.CodeAnalysis;
using MassTransit;
using MassTransit.Transports;
using Microsoft.Extensions.Logging;

namespace Orchestrator.AmazonSqs;

/// <summary>Starts an endpoint's receiving; each start is a new <see cref="ReceiveRun"/>, while what is settled is remembered across them.</summary>
internal sealed class SqsReceiveTransport(SqsReceiveEndpointContext endpoint) : IReceiveTransport
{
    private readonly SettledMemory _settled = new(endpoint.Settings.SettledMemory);

    public ReceiveTransportHandle Start() => new ReceiveRun(endpoint, _settled);

    public void Probe(ProbeContext context)
    {
        var scope = context.CreateScope("receiveTransport");
        scope.Add("type", "AmazonSqs");
        scope.Set(new
        {
            Address = endpoint.InputAddress,
            endpoint.PrefetchCount,
            endpoint.ConcurrentMessageLimit,
            endpoint.Settings.ProtectiveVisibility,
        });
    }

    public ConnectHandle ConnectReceiveObserver(IReceiveObserver observer) => endpoint.ConnectReceiveObserver(observer);

    public ConnectHandle ConnectReceiveTransportObserver(IReceiveTransportObserver observer) => endpoint.ConnectReceiveTransportObserver(observer);

    public ConnectHandle ConnectPublishObserver(IPublishObserver observer) => endpoint.ConnectPublishObserver(observer);

    public ConnectHandle ConnectSendObserver(ISendObserver observer) => endpoint.ConnectSendObserver(observer);
}

/// <summary>One run of an endpoint, from start to stop: topology, polling, recovery from faults, and the orderly end.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A cancellation source without a timer owns nothing, and its token is read after the stop.")]
internal sealed class ReceiveRun : ReceiveTransportHandle
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly SqsReceiveEndpointContext _endpoint;
    private readonly SettledMemory _settled;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private readonly List<string> _subscriptions = [];
    private volatile QueueReceiver? _receiver;
    private int _failures;
    private Queue? _queue;

    public ReceiveRun(SqsReceiveEndpointContext endpoint, SettledMemory settled)
    {
        (_endpoint, _settled) = (endpoint, settled);
        _run = Task.Run(Run);
    }

    private Broker Broker => _endpoint.Broker;

    private bool IsTemporary => _endpoint.Queue.IsTemporary;

    public async Task Stop(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        if (_receiver is null)
            await _run; // it may just be starting to receive
        if (_receiver is { } receiver)
            await receiver.Stop(_run, _endpoint.ConsumerStopTimeout, _endpoint.StopTimeout, cancellationToken);
        if (_queue is { } queue && IsTemporary)
            await Remove(queue);
        await _endpoint.TransportObservers.NotifyCompleted(_endpoint.InputAddress, _receiver?.Metrics ?? NoDeliveries.Instance);
    }

    private async Task Run()
    {
        LogContext.SetCurrentIfNull(_endpoint.LogContext);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await WaitUntilNeeded();
                _queue = await Prepare();
                _receiver ??= new QueueReceiver(_endpoint, _queue, _settled);
                _stop.Token.ThrowIfCancellationRequested(); // a stop that did not see the receiver yet would never end its polling
                if (_failures == 0)
                    await Ready();
                await Poll(_receiver, _queue, _failures == 0 ? null : Ready);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                if (SqsError.IsQueueMissing(exception))
                    Broker.ForgetQueue(_endpoint.Queue.Name);
                var pause = ShortestPause * Math.Pow(2, Math.Min(_failures++, 10));
                pause = pause < LongestPause ? pause : LongestPause;
                ReceiveLog.Failed(Broker.Log, exception, _endpoint.Queue.Name, pause);
                await _endpoint.TransportObservers.NotifyFaulted(_endpoint.InputAddress, exception);
                await Task.Delay(pause, Broker.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>A bus endpoint gets its queue only when a request client first needs it; others wait for what they depend on.</summary>
    private async Task WaitUntilNeeded()
    {
        await _endpoint.DependenciesReady.WaitAsync(_stop.Token);
        var connected = _endpoint.ReceivePipe.Connected;
        if (connected.IsCompleted)
            return;
        await _endpoint.TransportObservers.NotifyReady(_endpoint.InputAddress, isStarted: false);
        await connected.WaitAsync(_stop.Token);
    }

    /// <summary>After a fault only a receive that succeeded counts as health, or an outage would look like one blink after another.</summary>
    private async Task Ready()
    {
        _failures = 0;
        await _endpoint.TransportObservers.NotifyReady(_endpoint.InputAddress);
        ReceiveLog.Receiving(Broker.Log, _endpoint.Queue.Name, _endpoint.PrefetchCount, _endpoint.Settings.ProtectiveVisibility);
    }

    private async Task<Queue> Prepare()
    {
        var queue = await Broker.Queue(_endpoint.Queue, _stop.Token);
        var subscriptions = await Broker.Subscribe(queue, _endpoint.Subscriptions, _stop.Token);
        _subscriptions.Clear();
        _subscriptions.AddRange(subscriptions);
        if (IsTemporary && subscriptions.Count > 0 && Broker.Options.Mode == TopologyMode.Create)
            await Broker.Sqs.TagQueue(queue.Url, TemporaryQueueTags.Subscriptions(subscriptions), _stop.Token);
        if (_endpoint.Queue.MaxReceiveCount is { } count and < 3)
            ReceiveLog.FewReceives(Broker.Log, queue.Name, count);
        if (_endpoint.Settings.PurgeOnStartup && _receiver is null)
            await Purge(queue);
        return queue;
    }

    private async Task Purge(Queue queue)
    {
        try
        {
            await Broker.Sqs.PurgeQueue(queue.Url, _stop.Token);
        }
        catch (Exception exception) when (SqsError.IsPurgeInProgress(exception))
        {
            ReceiveLog.NotPurged(Broker.Log, queue.Name);
        }
    }

    /// <summary>
    /// A long poll is never cancelled: SQS may hand out messages to a poll that nobody reads any more, and they would be hidden
    /// until their protection ends. A temporary queue is deleted right after, so there it does not matter.
    /// </summary>
    private async Task Poll(QueueReceiver receiver, Queue queue, Func<Task>? recovered)
    {
        if (!IsTemporary || Broker.Options.Mode != TopologyMode.Create)
        {
            await receiver.Poll(recovered, CancellationToken.None);
            return;
        }
        using var renewing = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var renewal = RenewLease(queue, renewing.Token);
        try
        {
            await receiver.Poll(recovered, _stop.Token);
        }
        finally
        {
            await renewing.CancelAsync();
            await renewal;
        }
    }

    private async Task RenewLease(Queue queue, CancellationToken ct)
    {
        try
        {
            while (true)
            {
                await Task.Delay(TemporaryQueueJanitor.RenewEvery, Broker.Time, ct);
                try
                {
                    await Broker.Sqs.TagQueue(queue.Url, TemporaryQueueTags.Renewal(Broker.Time.GetUtcNow()), ct);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    ReceiveLog.LeaseNotRenewed(Broker.Log, exception, queue.Name);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task Remove(Queue queue)
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10), Broker.Time);
            await Broker.Remove(queue, _subscriptions, patience.Token);
        }
        catch (Exception exception)
        {
            ReceiveLog.NotRemoved(Broker.Log, exception, queue.Name);
        }
    }

    private sealed class NoDeliveries : DeliveryMetrics
    {
        public static readonly NoDeliveries Instance = new();
        public long DeliveryCount => 0;
        public int ConcurrentDeliveryCount => 0;
    }
}
