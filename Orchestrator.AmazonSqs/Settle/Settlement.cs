using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Orchestrator.AmazonSqs;

/// <summary>Deletes and hands back the messages of one queue, in batches. What a batch refuses is tried again alone.</summary>
internal sealed class Settlement
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    /// <summary>A refused entry is a few hundred bytes: the request limit is out of reach.</summary>
    private const int Unlimited = int.MaxValue;

    /// <summary>Nobody waits for a delete: the message stays protected and its place is free already, so a little patience fills requests.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(5);

    private readonly string _queue;
    private readonly string _url;
    private readonly SqsClient _sqs;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Batches<IDeletion> _deletions;
    private readonly Batches<Visibility> _visibilities;
    private int _retrying;

    public Settlement(string queue, string url, SqsClient sqs, TimeProvider time, ILogger log)
    {
        (_queue, _url, _sqs, _time, _log) = (queue, url, sqs, time, log);
        _deletions = new(new BatchLimits(Unlimited, Parallel: 8, Linger), static _ => 0, Delete, time);
        _visibilities = new(new BatchLimits(Unlimited, Parallel: 4, Linger), static _ => 0, Change, time);
    }

    /// <summary>Deletes a settled message; it is told when it is gone, or when its handle is dead.</summary>
    public void Delete(IDeletion deletion) => _deletions.Add(deletion);

    /// <summary>Deletes by handle a message that nobody holds.</summary>
    public void Delete(string receiptHandle) => _deletions.Add(new Loose(receiptHandle));

    /// <summary>Makes the message visible to others after so many seconds.</summary>
    public void MakeVisible(string receiptHandle, int seconds) => _visibilities.Add(new Visibility(receiptHandle, seconds));

    /// <summary>Waits until everything is said to SQS, retries included, or the patience ends.</summary>
    public async Task Flush(TimeSpan patience)
    {
        var deadline = _time.GetTimestamp();
        do
        {
            var rest = patience - _time.GetElapsedTime(deadline);
            if (rest <= TimeSpan.Zero)
                break;
            try
            {
                await Task.WhenAll(_deletions.Flush(), _visibilities.Flush()).WaitAsync(rest, _time);
                if (Volatile.Read(ref _retrying) == 0)
                    return;
                await Task.Delay(TimeSpan.FromMilliseconds(20), _time, CancellationToken.None);
            }
            catch (TimeoutException)
            {
                break;
            }
        }
        while (true);
        // What was not deleted comes again; its consumer must be idempotent, as always.
        SettleLog.NotFlushed(_log, _queue, patience);
    }

    private async Task Delete(IReadOnlyList<IDeletion> batch)
    {
        var failures = await Call(batch, entries => _sqs.DeleteMessageBatch(_url, entries, CancellationToken.None), (deletion, id) => new DeleteEntry { Id = id, ReceiptHandle = deletion.Handle });
        var deleted = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            var deletion = batch[i];
            if (failures[i] is not { } failure)
            {
                deleted++;
                deletion.Deleted();
            }
            else if (SqsError.IsLeaseLost(failure.Code, failure.Message) || failure.Code == "QueueDoesNotExist")
            {
                // The handle is dead. The message comes again, is recognised as settled, and is deleted with its new handle.
                SettleLog.NotDeleted(_log, _queue, failure.Code);
                deletion.Deleted();
            }
            else
            {
                SettleLog.DeleteRetried(_log, _queue, failure.Code, failure.Message);
                _ = Again(deletion, ++deletion.Attempt, _deletions);
            }
        }
        if (deleted > 0)
            Telemetry.Deleted.Add(deleted);
    }

    private async Task Change(IReadOnlyList<Visibility> batch)
    {
        var failures = await Call(batch, entries => _sqs.ChangeMessageVisibilityBatch(_url, entries, CancellationToken.None),
            (change, id) => new VisibilityEntry { Id = id, ReceiptHandle = change.Handle, VisibilityTimeout = change.Seconds });
        for (var i = 0; i < batch.Count; i++)
        {
            // A message that can't be handed back becomes visible by itself when its protection ends; a few tries are enough.
            if (failures[i] is { } failure && !SqsError.IsLeaseLost(failure.Code, failure.Message) && batch[i].Attempt < 3)
                _ = Again(batch[i], ++batch[i].Attempt, _visibilities);
        }
    }

    private async Task Again<TEntry>(TEntry entry, int attempt, Batches<TEntry> batches)
    {
        Interlocked.Increment(ref _retrying);
        var pause = FirstRetry * Math.Pow(2, Math.Min(attempt - 1, 10));
        await Task.Delay(pause < LongestRetry ? pause : LongestRetry, _time);
        batches.Add(entry);
        Interlocked.Decrement(ref _retrying);
    }

    /// <summary>One batch request; answers the failure of each entry, or null. Never throws.</summary>
    private static async Task<BatchFailure?[]> Call<TItem, TEntry>(IReadOnlyList<TItem> items, Func<IReadOnlyList<TEntry>, Task<BatchResponse>> call, Func<TItem, string, TEntry> entry)
    {
        var failures = new BatchFailure?[items.Count];
        try
        {
            var entries = new TEntry[items.Count];
            for (var i = 0; i < entries.Length; i++)
                entries[i] = entry(items[i], BatchLimits.Ids[i]);
            foreach (var failure in (await call(entries)).Failed ?? [])
                failures[int.Parse(failure.Id, CultureInfo.InvariantCulture)] = failure;
        }
        catch (Exception exception)
        {
            var code = SqsError.IsQueueMissing(exception) ? "QueueDoesNotExist" : exception.GetType().Name;
            Array.Fill(failures, new BatchFailure { Code = code, Message = exception.Message });
        }
        return failures;
    }

    private sealed class Loose(string handle) : IDeletion
    {
        public string Handle => handle;
        public int Attempt { get; set; }

        public void Deleted()
        {
        }
    }

    private sealed class Visibility(string handle, int seconds)
    {
        public string Handle => handle;
        public int Seconds => seconds;
        public int Attempt { get; set; }
    }
}

/// <summary>A message to be deleted. The handle is read when the request is made, because a redelivery may bring a newer one.</summary>
internal interface IDeletion
{
    string Handle { get; }
    int Attempt { get; set; }
    void Deleted();
}
