using System.Buffers;
using System.Globalization;
using System.Text;
using Amazon.Runtime;

namespace Orchestrator.AmazonSqs;

/// <summary>Sends to one queue, or publishes to one topic, in batches. An entry that a batch refused is tried again alone.</summary>
internal sealed class SendBatches
{
    private const int Attempts = 5;
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);

    /// <summary>Characters that SQS refuses anywhere in a message; surrogates are checked by the encoder.</summary>
    private static readonly SearchValues<char> Forbidden = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Where(code => code is not (0x9 or 0xA or 0xD)).Select(code => (char)code), '\uFFFE', '\uFFFF']);

    private readonly string _destination;
    private readonly int _maxBytes;
    private readonly TimeProvider _time;
    private readonly Func<IReadOnlyList<SendEntry>, CancellationToken, Task<BatchResponse>> _call;
    private readonly Action<Exception> _forgetIfMissing;
    private readonly Batches<Pending> _batches;

    SendBatches(
        string destination, int maxBytes, TimeProvider time,
        Func<IReadOnlyList<SendEntry>, CancellationToken, Task<BatchResponse>> call, Action<Exception> forgetIfMissing)
    {
        (_destination, _maxBytes, _time, _call, _forgetIfMissing) = (destination, maxBytes, time, call, forgetIfMissing);
        _batches = new Batches<Pending>(new BatchLimits(maxBytes, Parallel: 8, Linger: TimeSpan.Zero), pending => pending.Size, SendBatch, time);
    }

    public static SendBatches ToQueue(Broker broker, string name, string url) => new(
        $"queue {name}", broker.Options.MaxSendBytes, broker.Time,
        (entries, ct) => broker.Sqs.SendMessageBatch(url, entries, ct),
        exception =>
        {
            if (SqsError.IsQueueMissing(exception))
                broker.ForgetQueue(name);
        });

    public static SendBatches ToTopic(Broker broker, string name, string arn) => new(
        $"topic {name}", broker.Options.MaxPublishBytes, broker.Time,
        (entries, ct) => broker.Sns.PublishBatch(arn, entries, ct),
        exception =>
        {
            if (SqsError.IsTopicMissing(exception))
                broker.ForgetTopic(name);
        });

    /// <summary>Completes when AWS has accepted the message.</summary>
    public Task Send(SendEntry entry)
    {
        var size = SizeOf(entry);
        if (size > _maxBytes)
            throw new ArgumentException(
                $"The message for {_destination} has {size} bytes with its attributes, AWS takes {_maxBytes}: put the payload into S3 (MessageData) and send its address.", nameof(entry));
        if (entry.MessageBody.AsSpan().IndexOfAny(Forbidden) is >= 0 and var position)
            throw new ArgumentException(
                $"The message for {_destination} has the character U+{(int)entry.MessageBody[position]:X4} at position {position}, which SQS refuses: remove it, or send the text as base64.", nameof(entry));
        var pending = new Pending(entry, size);
        _batches.Add(pending);
        return pending.Task;
    }

    /// <summary>Bytes as AWS counts them: the body in UTF-8 and each attribute's name, type and value.</summary>
    public static int SizeOf(SendEntry entry)
    {
        var size = Encoding.UTF8.GetByteCount(entry.MessageBody);
        foreach (var (name, attribute) in entry.MessageAttributes ?? [])
        {
            size += Encoding.UTF8.GetByteCount(name) + attribute.DataType.Length
                + (attribute.BinaryValue?.Length ?? Encoding.UTF8.GetByteCount(attribute.StringValue ?? ""));
        }
        return size;
    }

    private async Task SendBatch(IReadOnlyList<Pending> batch)
    {
        try
        {
            var entries = new SendEntry[batch.Count];
            for (var i = 0; i < entries.Length; i++)
            {
                entries[i] = batch[i].Entry;
                entries[i].Id = BatchLimits.Ids[i];
            }
            var response = await _call(entries, CancellationToken.None);
            foreach (var success in response.Successful ?? [])
                batch[Index(success.Id)].TrySetResult();
            foreach (var failure in response.Failed ?? [])
                Refused(batch[Index(failure.Id)], failure);
            foreach (var pending in batch)
            {
                // Named neither as sent nor as failed: nobody knows, and a caller who waits for ever is worse than a duplicate.
                if (!pending.Task.IsCompleted && !pending.IsRetrying)
                    Refused(pending, new BatchFailure { Code = "NotAnswered", Message = "the answer did not mention the entry" });
            }
        }
        catch (Exception exception)
        {
            _forgetIfMissing(exception);
            foreach (var pending in batch)
                pending.TrySetException(exception);
        }
    }

    private static int Index(string id) => int.Parse(id, CultureInfo.InvariantCulture);

    private void Refused(Pending pending, BatchFailure failure)
    {
        if ((failure.SenderFault && !SqsError.IsThrottling(failure.Code)) || ++pending.Attempt >= Attempts)
        {
            pending.TrySetException(new AmazonServiceException(
                $"AWS refused the message for {_destination} with {failure.Code}: {failure.Message}", failure.SenderFault ? ErrorType.Sender : ErrorType.Receiver,
                failure.Code, "", System.Net.HttpStatusCode.OK));
            return;
        }
        pending.IsRetrying = true;
        _ = SendAlone(pending);
    }

    private async Task SendAlone(Pending pending)
    {
        await Task.Delay(FirstRetry * Math.Pow(2, pending.Attempt - 1), _time);
        pending.IsRetrying = false;
        await SendBatch([pending]);
    }

    private sealed class Pending(SendEntry entry, int size) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public SendEntry Entry => entry;
        public int Size => size;
        public int Attempt { get; set; }
        public bool IsRetrying { get; set; }
    }
}
