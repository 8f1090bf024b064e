using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MassTransit.Transports;
using Microsoft.Extensions.Logging;

namespace Orchestrator.AmazonSqs;

/// <summary>
/// Receives from one queue and sees each message to its end. A message is registered for protection before anything else happens to
/// it, and leaves by exactly one door: deleted, handed back, backed off, or lost.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A cancellation source without a timer owns nothing, and its token is read after the stop.")]
internal sealed class QueueReceiver
{
    private readonly SqsReceiveEndpointContext _endpoint;
    private readonly ReceiveSettings _settings;
    private readonly Queue _queue;
    private readonly SqsClient _sqs;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly IReceivePipeDispatcher _dispatcher;
    private readonly Settlement _settlement;
    private readonly SettledMemory _settled;
    private readonly LeaseRegistry? _registry;
    private readonly Slots _slots;
    private readonly Outstanding _outstanding = new();
    private readonly Outstanding _polls = new(); // questions to SQS that have no answer yet
    private readonly CancellationTokenSource _stopping = new();
    private readonly int _limit;
    private readonly int _morePollers;

    // Guarded by the lock: what is held, what waits for a place, and how many run.
    private readonly Lock _lock = new();
    private readonly Dictionary<string, MessageLease> _held = [];
    private readonly Queue<MessageLease> _buffer = new();
    private readonly FifoGroups? _groups;
    private int _running;

    private int _extraPollers;

    public QueueReceiver(SqsReceiveEndpointContext endpoint, Queue queue, SettledMemory settled)
    {
        (_endpoint, _queue, _settled) = (endpoint, queue, settled);
        _settings = endpoint.Settings;
        (_sqs, _time, _log) = (endpoint.Broker.Sqs, endpoint.Broker.Time, endpoint.Broker.Log);
        _dispatcher = endpoint.CreateReceivePipeDispatcher();
        _settlement = new Settlement(queue.Name, queue.Url, _sqs, _time, _log);
        _limit = endpoint.ConcurrentMessageLimit ?? int.MaxValue;
        var prefetch = Math.Max(endpoint.PrefetchCount, endpoint.ConcurrentMessageLimit ?? 1);
        _slots = new Slots(prefetch, _time);
        _morePollers = Math.Clamp((prefetch + PollRule.Most - 1) / PollRule.Most - 1, 0, 7);
        _groups = queue.IsFifo && _settings.IsOrdered ? new FifoGroups() : null;
        if (_settings.ProtectiveVisibility is { } protection)
        {
            _registry = new LeaseRegistry(queue.Name, queue.Url, protection, _settings.Interval!.Value, _sqs, _time, _log);
            _registry.Start();
        }
    }

    public CancellationToken Stopping => _stopping.Token;

    public DeliveryMetrics Metrics => _dispatcher.GetMetrics();

    /// <summary>Polls until the endpoint stops; a failed receive ends it with its exception, and it may be called again.</summary>
    /// <param name="recovered">Called after the first receive that succeeds, which then does not wait for messages; null: nothing had failed.</param>
    /// <param name="abort">Ends a long poll at once. Only for queues that are deleted next: SQS may already have handed out what the aborted poll would bring.</param>
    public async Task Poll(Func<Task>? recovered, CancellationToken abort)
    {
        var gate = _settings.PollGate;
        try
        {
            while (!_stopping.IsCancellationRequested)
            {
                var slots = await _slots.Reserve(_stopping.Token);
                if (gate is { IsOpen: false })
                {
                    _slots.Free(slots); // the gate may stay shut for long, and its slots belong to whoever asks next
                    await gate.WaitUntilOpenAsync(_stopping.Token);
                    continue;
                }
                var received = await Receive(slots, recovered is null ? _settings.WaitTimeSeconds : 0, abort);
                if (_stopping.IsCancellationRequested)
                    return;
                if (recovered is not null)
                {
                    await recovered();
                    recovered = null;
                }
                if (received == PollRule.Most)
                    PollMore();
                else if (received == 0)
                    Telemetry.EmptyReceives.Add(1);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
    }

    /// <summary>Stops receiving, hands back what has not started, and lets what runs end within the given times.</summary>
    public async Task Stop(Task polling, TimeSpan? cancelAfter, TimeSpan? giveUpAfter, CancellationToken ct)
    {
        await _stopping.CancelAsync(); // from here on those who wait for a permit give up, and late arrivals go straight back
        foreach (var lease in TakeUnstarted())
            HandBack(lease);
        await polling;
        await Drain(cancelAfter, giveUpAfter, ct);
        await _settlement.Flush(TimeSpan.FromSeconds(10));
        if (_registry is not null)
            await _registry.DisposeAsync();
    }

    internal void WaitingChanged(int change) => _slots.UnstartedChanged(change);

    internal void Protect(MessageLease lease)
    {
        if (lease.State == LeaseState.Held && !lease.IsLost)
            _registry?.Add(lease);
    }

    /// <summary>Runs one message through the pipeline; the pipeline calls <see cref="Complete"/> or <see cref="Faulted"/>.</summary>
    internal async Task Run(MessageLease lease)
    {
        var context = new SqsReceiveContext(lease, _endpoint);
        lease.Dispatched(context);
        try
        {
            await _dispatcher.Dispatch(context, lease);
        }
        catch (Exception exception)
        {
            // The message has already left through Faulted. An exception before that (an observer's) leaves it to its protection.
            if (lease.State == LeaseState.Held)
                await Faulted(lease, exception);
        }
        finally
        {
            context.Dispose();
            Finished(lease);
        }
    }

    /// <summary>The work is done: remember it, then delete. A crash between the two brings the message again, and the work must be idempotent.</summary>
    internal Task Complete(MessageLease lease)
    {
        if (lease.HasGivenUp)
            return Faulted(lease, new OperationCanceledException("It was not begun."));
        lease.State = LeaseState.Settling;
        _settled.Add(lease.MessageId);
        lock (_lock)
            _held.Remove(lease.MessageId);
        _settlement.Delete(lease); // the lease is kept until the delete is confirmed
        return Task.CompletedTask;
    }

    internal void Deleted(MessageLease lease)
    {
        lease.State = LeaseState.Done;
        _registry?.Remove(lease);
    }

    internal async Task Faulted(MessageLease lease, Exception exception)
    {
        if (lease.State == LeaseState.Settling)
            return; // its work succeeded and its delete is under way; an observer's fault changes nothing
        await WhenNobodyHereAsks();
        lease.State = LeaseState.Done;
        lock (_lock)
            _held.Remove(lease.MessageId); // from here on a redelivery is a new delivery
        if (_registry is not null)
            await _registry.Release(lease);
        lease.HasFailed = true;
        switch (AfterFault.Decide(!lease.IsOurs, exception is OperationCanceledException, _stopping.IsCancellationRequested))
        {
            case FaultDecision.LetGo:
                break;
            case FaultDecision.HandBack:
                Telemetry.HandedBack.Add(1);
                _settlement.MakeVisible(lease.ReceiptHandle, 0);
                break;
            case FaultDecision.BackOff:
                var seconds = AfterFault.BackoffSeconds(lease.ReceiveCount, _settings.MaxRedeliveryDelay);
                ReceiveLog.BackedOff(_log, exception, lease.MessageId, _queue.Name, seconds, lease.ReceiveCount);
                _settlement.MakeVisible(lease.ReceiptHandle, seconds);
                break;
        }
    }

    private async Task<int> Receive(int slots, int waitSeconds, CancellationToken ct)
    {
        IReadOnlyList<SqsMessage> messages;
        _polls.Enter(); // before the question: a stop waits for every poll that was not told of it
        try
        {
            messages = _stopping.IsCancellationRequested ? [] : await _sqs.ReceiveMessage(
                new ReceiveMessageRequest
                {
                    QueueUrl = _queue.Url,
                    MaxNumberOfMessages = slots,
                    WaitTimeSeconds = waitSeconds,
                    VisibilityTimeout = (int?)_settings.ProtectiveVisibility?.TotalSeconds,
                },
                ct);
        }
        catch
        {
            _slots.Free(slots);
            throw;
        }
        finally
        {
            _polls.Leave();
        }
        var taken = 0;
        var now = _time.GetUtcNow();
        foreach (var message in messages)
        {
            if (Accept(message, now))
                taken++;
        }
        _slots.Free(slots - taken);
        if (messages.Count > 0)
            Telemetry.Received.Add(messages.Count);
        return messages.Count;
    }

    /// <summary>While receives come back full there is a backlog: fetch it with short polls of their own, as long as there is room.</summary>
    private void PollMore()
    {
        if (Volatile.Read(ref _extraPollers) >= _morePollers || !_slots.TryReserveFull())
            return;
        Interlocked.Increment(ref _extraPollers);
        _outstanding.Enter();
        _ = PollOnMore();
    }

    private async Task PollOnMore()
    {
        try
        {
            while (await Receive(PollRule.Most, waitSeconds: 0, CancellationToken.None) == PollRule.Most
                && !_stopping.IsCancellationRequested && _settings.PollGate is not { IsOpen: false } && _slots.TryReserveFull())
            {
                PollMore();
            }
        }
        catch (Exception exception)
        {
            ReceiveLog.ExtraPollFailed(_log, exception, _queue.Name); // the main poller meets the same fault and reports it
        }
        finally
        {
            Interlocked.Decrement(ref _extraPollers);
            _outstanding.Leave();
        }
    }

    /// <summary>Answers whether the message now occupies a slot.</summary>
    private bool Accept(SqsMessage message, DateTimeOffset now)
    {
        var count = int.TryParse(message.Attributes?.GetValueOrDefault("ApproximateReceiveCount"), NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : 1;
        if (_stopping.IsCancellationRequested)
        {
            _outstanding.Enter();
            _ = HandBackUnopened(message);
            return false;
        }
        if (DueTime.Remaining(message.MessageAttributes, now) is { } remaining)
        {
            _outstanding.Enter();
            _ = Rehop(message, remaining, count);
            return true;
        }
        var protectedUntil = _settings.ProtectiveVisibility is { } protection ? now + protection : DateTimeOffset.MaxValue;
        MessageLease lease;
        GroupDecision decision;
        lock (_lock)
        {
            // Held first, then settled: whoever settles is remembered before it stops being held, so no redelivery falls between.
            if (_held.TryGetValue(message.MessageId, out var running))
            {
                TakeOver(running, message, count, now, protectedUntil);
                return false;
            }
            if (_settled.Contains(message.MessageId))
            {
                Telemetry.Redelivered.Add(1);
                _settlement.Delete(message.ReceiptHandle);
                return false;
            }
            lease = new MessageLease(this, message, count, now, protectedUntil);
            decision = _groups?.Accept(lease, now) ?? GroupDecision.Run;
            if (decision != GroupDecision.HandBack)
                _held.Add(message.MessageId, lease);
        }
        if (decision == GroupDecision.HandBack)
        {
            Telemetry.HandedBack.Add(1);
            _settlement.MakeVisible(message.ReceiptHandle, 0);
            return false;
        }
        Telemetry.ReceiveCounts.Record(count);
        Telemetry.Held.Add(1);
        _registry?.Add(lease);
        if (decision == GroupDecision.Run)
            Begin(lease);
        else
            _slots.UnstartedChanged(+1);
        return true;
    }

    /// <summary>Starts the message now, or keeps it for a free place under the dispatch limit.</summary>
    private void Begin(MessageLease lease)
    {
        lock (_lock)
        {
            if (_running >= _limit)
            {
                _buffer.Enqueue(lease);
                _slots.UnstartedChanged(+1);
                return;
            }
            _running++;
        }
        Dispatch(lease);
    }

    /// <summary>A thread of the pool runs the message: the poller must not wait for a consumer that computes before it awaits.</summary>
    private void Dispatch(MessageLease lease)
    {
        _outstanding.Enter();
        ThreadPool.UnsafeQueueUserWorkItem(lease, preferLocal: false);
    }

    private void Finished(MessageLease lease)
    {
        MessageLease? next;
        MessageLease? successor = null;
        IReadOnlyCollection<MessageLease> successors = [];
        lock (_lock)
        {
            if (_held.TryGetValue(lease.MessageId, out var held) && held == lease)
                _held.Remove(lease.MessageId);
            if (lease.HasFailed)
                successors = _groups?.Failed(lease, _time.GetUtcNow() + TimeSpan.FromSeconds(AfterFault.BackoffSeconds(lease.ReceiveCount, _settings.MaxRedeliveryDelay))) ?? [];
            else
                successor = _groups?.Succeeded(lease);
            if (!_buffer.TryDequeue(out next))
                _running--;
        }
        Telemetry.Held.Add(-1);
        foreach (var skipped in successors.Reverse()) // the first of them last: where a queue puts what comes back in front, they keep their order
        {
            _slots.UnstartedChanged(-1);
            HandBack(skipped);
        }
        if (successor is not null)
        {
            _slots.UnstartedChanged(-1);
            Begin(successor);
        }
        if (next is not null)
        {
            _slots.UnstartedChanged(-1);
            Dispatch(next);
        }
        _slots.Free(1);
        _outstanding.Leave();
    }

    /// <summary>A redelivery of work that is running here: the newest handle is the one that SQS honours, so the running work takes it over.</summary>
    private void TakeOver(MessageLease running, SqsMessage message, int receiveCount, DateTimeOffset now, DateTimeOffset protectedUntil)
    {
        Telemetry.Swapped.Add(1);
        ReceiveLog.TakenOver(_log, message.MessageId, _queue.Name, receiveCount);
        running.TakeOver(message.ReceiptHandle, receiveCount, now, protectedUntil);
        _registry?.Add(running);
    }

    private async Task Rehop(SqsMessage message, TimeSpan remaining, int receiveCount)
    {
        try
        {
            await _queue.Sends.Send(new SendEntry
            {
                Id = "",
                MessageBody = message.Body,
                MessageAttributes = message.MessageAttributes,
                DelaySeconds = DueTime.SecondsOf(remaining),
                MessageGroupId = message.Attributes?.GetValueOrDefault("MessageGroupId"),
            });
            _settlement.Delete(message.ReceiptHandle);
        }
        catch (Exception exception)
        {
            ReceiveLog.RehopFailed(_log, exception, message.MessageId, _queue.Name);
            _settlement.MakeVisible(message.ReceiptHandle, AfterFault.BackoffSeconds(receiveCount, _settings.MaxRedeliveryDelay));
        }
        finally
        {
            _slots.Free(1);
            _outstanding.Leave();
        }
    }

    private List<MessageLease> TakeUnstarted()
    {
        lock (_lock)
        {
            var unstarted = new List<MessageLease>(_buffer);
            _buffer.Clear();
            if (_groups is not null)
                unstarted.AddRange(_groups.TakeWaiting());
            _slots.UnstartedChanged(-unstarted.Count);
            return unstarted;
        }
    }

    /// <summary>Makes a message that has not started visible to others, and frees its slot.</summary>
    private void HandBack(MessageLease lease)
    {
        Telemetry.Held.Add(-1);
        _slots.Free(1);
        _outstanding.Enter();
        _ = HandBackWhenNobodyHereAsks(lease);
    }

    /// <summary>What comes too late to be worked on.</summary>
    private async Task HandBackUnopened(SqsMessage message)
    {
        await WhenNobodyHereAsks();
        Telemetry.HandedBack.Add(1);
        _settlement.MakeVisible(message.ReceiptHandle, 0);
        _outstanding.Leave();
    }

    /// <summary>At a stop: a poll of ours that is still under way would only be given what is handed back, and each time costs the message a receive.</summary>
    private Task WhenNobodyHereAsks() => _stopping.IsCancellationRequested ? _polls.WhenIdle() : Task.CompletedTask;

    private async Task HandBackWhenNobodyHereAsks(MessageLease lease)
    {
        await WhenNobodyHereAsks();
        lock (_lock)
            _held.Remove(lease.MessageId);
        lease.State = LeaseState.Done;
        Telemetry.HandedBack.Add(1);
        if (_registry is not null)
            await _registry.Release(lease);
        _settlement.MakeVisible(lease.ReceiptHandle, 0);
        _outstanding.Leave();
    }

    private async Task Drain(TimeSpan? cancelAfter, TimeSpan? giveUpAfter, CancellationToken ct)
    {
        var drained = _outstanding.WhenIdle();
        try
        {
            if (cancelAfter is { } patience)
            {
                await Task.WhenAny(drained, Task.Delay(patience, _time, ct));
                if (!drained.IsCompleted)
                    CancelRunning();
            }
            await (giveUpAfter is { } limit ? drained.WaitAsync(limit, _time, ct) : drained.WaitAsync(ct));
        }
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException)
        {
            // The process is about to end: the work is told, and its messages become visible when their protection ends.
            CancelRunning();
            ReceiveLog.NotDrained(_log, _queue.Name, Volatile.Read(ref _running));
        }
    }

    private void CancelRunning()
    {
        MessageLease[] running;
        lock (_lock)
            running = [.. _held.Values];
        foreach (var lease in running)
            lease.Context?.Cancel();
    }
}
