using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Orchestrator.AmazonSqs;

/// <summary>
/// Keeps the leases of all messages held from one queue, from receive to settled, whatever the messages wait for. One beat per
/// interval extends them together, ten a request. It belongs to the queue, not to the messages: no handler can delay or stop it.
/// </summary>
internal sealed class LeaseRegistry(string queue, string queueUrl, TimeSpan protection, TimeSpan interval, SqsClient sqs, TimeProvider time, ILogger log)
    : IAsyncDisposable
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private readonly HashSet<MessageLease> _leases = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _beating = Task.CompletedTask;

    public void Start() => _beating = Task.Run(Beat);

    /// <summary>Nothing needs to be woken: the protection of a new message outlasts the beat that is awaited.</summary>
    public void Add(MessageLease lease)
    {
        lock (_lock)
            _leases.Add(lease);
    }

    public void Remove(MessageLease lease)
    {
        lock (_lock)
            _leases.Remove(lease);
    }

    /// <summary>Lets go of a message whose visibility is about to be changed: an extension under way must not come after the change.</summary>
    public Task Release(MessageLease lease)
    {
        lock (_lock)
        {
            _leases.Remove(lease);
            return lease.Extending;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _beating;
        _stop.Dispose();
    }

    private async Task Beat()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await Extend(Sort(time.GetUtcNow()));
                await Sleep();
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
            }
            catch (Exception exception)
            {
                // Whatever happens, the next beat comes: a registry that stopped would lose every message that is held.
                ProtectLog.BeatFailed(log, exception, queue);
                await Task.Delay(TimeSpan.FromMilliseconds(100), time, CancellationToken.None);
            }
        }
    }

    private Task Sleep()
    {
        var next = NextRetry(time.GetUtcNow()) is { } sooner && sooner < interval ? sooner : interval;
        return Task.Delay(next > Shortest ? next : Shortest, time, _stop.Token);
    }

    /// <summary>Takes what must be extended now, and gives up what can't be kept.</summary>
    private List<MessageLease> Sort(DateTimeOffset now)
    {
        var due = new List<MessageLease>();
        List<MessageLease>? lost = null;
        lock (_lock)
        {
            foreach (var lease in _leases)
            {
                switch (ExtensionRule.Decide(now, lease.ProtectedUntil, lease.CappedAt, lease.RetryAt, lease.FailedExtensions, protection, interval))
                {
                    case ExtensionDecision.Extend: due.Add(lease); break;
                    case ExtensionDecision.GiveUp: (lost ??= []).Add(lease); break;
                }
            }
        }
        foreach (var lease in lost ?? [])
            Lose(lease, now >= lease.ProtectedUntil ? "its extensions failed until the protection ended" : "SQS holds no message longer than 12 hours");
        return due;
    }

    private TimeSpan? NextRetry(DateTimeOffset now)
    {
        TimeSpan? next = null;
        lock (_lock)
        {
            foreach (var lease in _leases)
            {
                // Wake for a retry, and for the moment at which a lease ends: its work must be told then, not a beat later.
                var end = ExtensionRule.EndOf(lease.ProtectedUntil, lease.CappedAt);
                var at = lease.FailedExtensions > 0 && lease.RetryAt < end ? lease.RetryAt : end;
                if (next is null || at - now < next)
                    next = at - now;
            }
        }
        return next;
    }

    /// <summary>All batches at once: one whose connection hangs must not keep the others from their extension.</summary>
    private Task Extend(List<MessageLease> due) => due.Count == 0 ? Task.CompletedTask : Task.WhenAll(due.Chunk(BatchLimits.MaxEntries).Select(Claim));

    /// <summary>Starts the extension of those that are still held; who lets go of one of them from here on waits for it.</summary>
    private Task Claim(MessageLease[] batch)
    {
        lock (_lock)
        {
            var held = Array.FindAll(batch, _leases.Contains);
            if (held.Length == 0)
                return Task.CompletedTask;
            var extension = Task.Run(() => ExtendBatch(held));
            foreach (var lease in held)
                lease.Extending = extension;
            return extension;
        }
    }

    private async Task ExtendBatch(MessageLease[] batch)
    {
        var asked = time.GetUtcNow();
        var entries = new VisibilityEntry[batch.Length];
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = new VisibilityEntry
            {
                Id = BatchLimits.Ids[i],
                ReceiptHandle = batch[i].ReceiptHandle,
                VisibilityTimeout = ExtensionRule.Seconds(asked, batch[i].CappedAt, protection),
            };
        }
        var failures = new BatchFailure?[entries.Length];
        try
        {
            using var deadline = new CancellationTokenSource(ExtensionRule.Patience(batch.Min(lease => lease.ProtectedUntil) - asked), time);
            var response = await sqs.ChangeMessageVisibilityBatch(queueUrl, entries, deadline.Token);
            foreach (var failure in response.Failed ?? [])
                failures[int.Parse(failure.Id, CultureInfo.InvariantCulture)] = failure;
        }
        catch (Exception exception)
        {
            Array.Fill(failures, new BatchFailure { Code = exception.GetType().Name, Message = exception.Message });
            ProtectLog.ExtensionFailed(log, exception, queue, batch.Length);
        }
        for (var i = 0; i < entries.Length; i++)
            Apply(batch[i], entries[i], asked, failures[i]);
    }

    private void Apply(MessageLease lease, VisibilityEntry entry, DateTimeOffset asked, BatchFailure? failure)
    {
        // A redelivery may have swapped in a newer handle meanwhile: then this answer is about the past.
        if (lease.ReceiptHandle != entry.ReceiptHandle)
            return;
        switch (ExtensionRule.Judge(failure?.Code, failure?.Message))
        {
            case ExtensionOutcome.Extended:
                lease.ProtectedUntil = asked + TimeSpan.FromSeconds(entry.VisibilityTimeout);
                lease.FailedExtensions = 0;
                lease.Extensions++;
                Telemetry.Extensions.Add(1);
                break;
            case ExtensionOutcome.Retry:
                lease.FailedExtensions++;
                lease.RetryAt = ExtensionRule.RetryAt(time.GetUtcNow(), lease.ProtectedUntil, lease.FailedExtensions);
                Telemetry.FailedExtensions.Add(1);
                break;
            case ExtensionOutcome.Lost:
                Telemetry.FailedExtensions.Add(1);
                Lose(lease, $"SQS says {failure!.Code}");
                break;
            case ExtensionOutcome.Capped:
                Telemetry.FailedExtensions.Add(1);
                Lose(lease, "SQS holds no message longer than 12 hours");
                break;
        }
    }

    private void Lose(MessageLease lease, string reason)
    {
        Remove(lease);
        if (lease.State != LeaseState.Held)
            return; // settled meanwhile: nothing was lost
        Telemetry.LeasesLost.Add(1);
        ProtectLog.LeaseLost(log, lease.MessageId, queue, reason);
        lease.Lose();
    }
}
