namespace Orchestrator.AmazonSqs;

/// <summary>Counts what one endpoint holds and has asked for, and tells the poller when it may ask again.</summary>
internal sealed class Slots(int prefetch, TimeProvider time)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _poller;
    private int _taken;
    private int _unstarted;

    public int Taken
    {
        get
        {
            lock (_lock)
                return _taken;
        }
    }

    /// <summary>Waits until a receive is worth a request and reserves the slots for it.</summary>
    public async Task<int> Reserve(CancellationToken ct)
    {
        long? lingering = null;
        while (true)
        {
            Task changed;
            PollDecision decision;
            var lingered = lingering is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero;
            lock (_lock)
            {
                (decision, var messages) = PollRule.Next(prefetch, _taken, _unstarted, lingered >= PollRule.LingerTime);
                if (decision == PollDecision.Ask)
                {
                    _taken += messages;
                    return messages;
                }
                _poller = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                changed = _poller.Task;
            }
            if (decision == PollDecision.WaitForSlot)
            {
                lingering = null;
                await changed.WaitAsync(ct);
                continue;
            }
            lingering ??= time.GetTimestamp();
            using var rest = CancellationTokenSource.CreateLinkedTokenSource(ct);
            await Task.WhenAny(changed, Task.Delay(PollRule.LingerTime - lingered, time, rest.Token));
            await rest.CancelAsync();
            ct.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Reserves a full request's slots if they are free now.</summary>
    public bool TryReserveFull()
    {
        lock (_lock)
        {
            if (prefetch - _taken < PollRule.Most)
                return false;
            _taken += PollRule.Most;
            return true;
        }
    }

    public void Free(int slots)
    {
        if (slots == 0)
            return;
        lock (_lock)
        {
            _taken -= slots;
            Signal();
        }
    }

    /// <summary>Messages in hand that wait, for a permit or for their turn.</summary>
    public void UnstartedChanged(int change)
    {
        lock (_lock)
        {
            _unstarted += change;
            if (_unstarted == 0)
                Signal();
        }
    }

    private void Signal()
    {
        _poller?.TrySetResult();
        _poller = null;
    }
}
