using MassTransit.Transports;

namespace Orchestrator.AmazonSqs;

/// <summary>
/// The right to work on one received message: SQS gives the message to nobody else while the lease is kept. It is a payload of the
/// receive and consume contexts, and lasts from the receive until the message is settled, however long it waits meanwhile.
/// </summary>
public sealed class MessageLease : ReceiveLockContext, IThreadPoolWorkItem, IDeletion
{
    private readonly QueueReceiver _receiver;
    private CancellationTokenSource? _lost;
    private int _isLost;
    private int _waits;

    // Written by the poller and by the heartbeat while others read: ticks, because a date is not read in one piece.
    private long _receivedAt;
    private long _protectedUntil;
    private volatile string _receiptHandle;

    internal MessageLease(QueueReceiver receiver, SqsMessage message, int receiveCount, DateTimeOffset receivedAt, DateTimeOffset protectedUntil)
    {
        _receiver = receiver;
        Message = message;
        _receiptHandle = message.ReceiptHandle;
        ReceiveCount = receiveCount;
        ReceivedAt = receivedAt;
        ProtectedUntil = protectedUntil;
        GroupId = message.Attributes?.GetValueOrDefault("MessageGroupId");
    }

    /// <summary>SQS's id of the message.</summary>
    public string MessageId => Message.MessageId;

    /// <summary>How often SQS has handed the message out, this time included; the redrive policy counts the same.</summary>
    public int ReceiveCount { get; private set; }

    public DateTimeOffset ReceivedAt
    {
        get => new(Volatile.Read(ref _receivedAt), TimeSpan.Zero);
        private set => Volatile.Write(ref _receivedAt, value.UtcTicks);
    }

    /// <summary>Until when SQS keeps the message from others, as far as we know; the last success counts.</summary>
    public DateTimeOffset ProtectedUntil
    {
        get => new(Volatile.Read(ref _protectedUntil), TimeSpan.Zero);
        internal set => Volatile.Write(ref _protectedUntil, value.UtcTicks);
    }

    /// <summary>How often the protection has been extended.</summary>
    public int Extensions { get; internal set; }

    /// <summary>Cancelled when the lease is lost for good: somebody else may be given the message, so the work must stop.</summary>
    public CancellationToken Lost
    {
        get
        {
            var source = Volatile.Read(ref _lost) ?? Interlocked.CompareExchange(ref _lost, new CancellationTokenSource(), null) ?? _lost;
            if (IsLost)
                source.Cancel();
            return source.Token;
        }
    }

    /// <summary>Cancelled when the endpoint stops: work that has not started should give up, and its message is handed back.</summary>
    public CancellationToken Stopping => _receiver.Stopping;

    internal SqsMessage Message { get; }
    internal string ReceiptHandle => _receiptHandle;
    internal string? GroupId { get; }
    internal SqsReceiveContext? Context { get; private set; }
    internal LeaseState State { get; set; } = LeaseState.Held;

    /// <summary>Whether the message's group goes on without it (FIFO): it failed, so its successors must not run.</summary>
    internal bool HasFailed { get; set; }

    /// <summary>The extension that is under way, if any.</summary>
    internal Task Extending { get; set; } = Task.CompletedTask;

    /// <summary>When the protection ends for good, because SQS holds no message longer.</summary>
    internal DateTimeOffset CappedAt => ReceivedAt + ReceiveSettings.HoldCap;

    /// <summary>When a failed extension is tried again.</summary>
    internal DateTimeOffset RetryAt { get; set; }
    internal int FailedExtensions { get; set; }

    /// <summary>Whether SQS still listens to us about the message.</summary>
    internal bool IsOurs { get; private set; } = true;
    internal bool IsLost => Volatile.Read(ref _isLost) != 0;

    /// <summary>
    /// Says that the message, or a part of its work, waits for a permit until the scope ends. A message of which anything waits counts as
    /// not started; several parts may wait at once.
    /// </summary>
    public WaitScope Wait()
    {
        if (Interlocked.Increment(ref _waits) == 1)
            _receiver.WaitingChanged(+1);
        return new WaitScope(this);
    }

    /// <summary>Whether the message, or a part of its work, gave up waiting for a permit.</summary>
    public bool HasGivenUp { get; private set; }

    /// <summary>Says that the message gave up waiting for a permit: it is handed back, also if its pipeline then ends without an exception.</summary>
    public void GiveUp() => HasGivenUp = true;

    private void WaitEnds()
    {
        if (Interlocked.Decrement(ref _waits) == 0)
            _receiver.WaitingChanged(-1);
    }

    internal void Protect() => _receiver.Protect(this);

    /// <summary>
    /// A redelivery brought the newest handle, the only one that SQS honours from here on. SQS counts its 12 hours from this receive.
    /// A lease that was lost is not won back, its work is cancelled; but how the message leaves is ours to say again.
    /// </summary>
    internal void TakeOver(string receiptHandle, int receiveCount, DateTimeOffset receivedAt, DateTimeOffset protectedUntil)
    {
        _receiptHandle = receiptHandle;
        ReceiveCount = receiveCount;
        ReceivedAt = receivedAt;
        ProtectedUntil = protectedUntil;
        FailedExtensions = 0;
        IsOurs = true;
    }

    /// <summary>The dispatch begins.</summary>
    internal void Dispatched(SqsReceiveContext context)
    {
        Context = context;
        if (IsLost)
            context.Cancel();
    }

    internal void Lose()
    {
        IsOurs = false;
        if (Interlocked.Exchange(ref _isLost, 1) != 0)
            return;
        Volatile.Read(ref _lost)?.Cancel();
        Context?.Cancel();
    }

    void IThreadPoolWorkItem.Execute() => _ = _receiver.Run(this);

    string IDeletion.Handle => ReceiptHandle;

    int IDeletion.Attempt { get; set; }

    void IDeletion.Deleted() => _receiver.Deleted(this);

    Task ReceiveLockContext.Complete() => _receiver.Complete(this);

    Task ReceiveLockContext.Faulted(Exception exception) => _receiver.Faulted(this, exception);

    /// <summary>One wait for a permit; ends with its disposal.</summary>
    public readonly struct WaitScope(MessageLease lease) : IDisposable
    {
        public void Dispose() => lease.WaitEnds();
    }

    Task ReceiveLockContext.ValidateLockStatus() => IsLost
        ? Task.FromException(new OperationCanceledException($"The lease of the message {MessageId} was lost before its work began."))
        : Task.CompletedTask;
}

/// <summary>Where a held message stands.</summary>
internal enum LeaseState
{
    /// <summary>It waits or is worked on.</summary>
    Held,

    /// <summary>Its work is done and its delete is under way; it stays protected until the delete has succeeded.</summary>
    Settling,

    /// <summary>It was deleted, handed back or lost.</summary>
    Done,
}
