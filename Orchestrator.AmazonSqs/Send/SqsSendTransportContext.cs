using MassTransit;
using MassTransit.Configuration;
using MassTransit.Transports;

namespace Orchestrator.AmazonSqs;

/// <summary>Turns a send context into an entry for a queue or a topic. Requests need no connection, so the pipe context is itself.</summary>
internal abstract class SqsSendTransportContext(IHostConfiguration host, ISerialization serialization, Broker broker, Func<string, bool>? allowHeader)
    : BaseSendTransportContext(host, serialization), SendTransportContext<PipeContext>
{
    protected Broker Broker => broker;

    public override string ActivitySystem => "aws_sqs";

    public Task Send(IPipe<PipeContext> pipe, CancellationToken cancellationToken) => pipe.Send(this);

    public void Probe(ProbeContext context) => context.CreateScope("amazonSqsSend").Add("entity", EntityName);

    public Task<SendContext<T>> CreateSendContext<T>(PipeContext context, T message, IPipe<SendContext<T>> pipe, CancellationToken cancellationToken)
        where T : class => CreateSendContext(message, pipe, cancellationToken);

    public override async Task<SendContext<T>> CreateSendContext<T>(T message, IPipe<SendContext<T>> pipe, CancellationToken cancellationToken)
    {
        var context = new SqsSendContext<T>(message, cancellationToken);
        await pipe.Send(context);
        return context;
    }

    public Task Send<T>(PipeContext transportContext, SendContext<T> sendContext)
        where T : class
    {
        sendContext.CancellationToken.ThrowIfCancellationRequested();
        return Dispatch((SqsSendContext<T>)sendContext);
    }

    protected abstract Task Dispatch<T>(SqsSendContext<T> context)
        where T : class;

    protected SendEntry Entry<T>(SqsSendContext<T> context, bool isFifo, bool nativeDelay)
        where T : class
    {
        var delay = context.Delay is { } wanted && wanted > TimeSpan.Zero ? wanted : (TimeSpan?)null;
        if (delay is not null && isFifo)
            throw new NotSupportedException(
                $"'{EntityName}' is FIFO, where AWS knows no delay of a single message: schedule the message through a standard queue, or set DelaySeconds for the whole queue.");
        // A hop that SQS itself can hold back needs no due time; anything longer, and anything through SNS, does.
        var needsDue = delay is not null && (!nativeDelay || delay > DueTime.Hop);
        return new SendEntry
        {
            Id = "",
            MessageBody = context.Body.GetString(),
            MessageAttributes = AttributeBudget.Of(context, needsDue ? broker.Time.GetUtcNow() + delay : null, allowHeader),
            DelaySeconds = delay is not null && nativeDelay ? DueTime.SecondsOf(delay.Value) : null,
            MessageGroupId = string.IsNullOrEmpty(context.GroupId) ? (isFifo ? throw NoGroup() : null) : context.GroupId,
            MessageDeduplicationId = isFifo ? Deduplication(context) : null,
        };
    }

    private static string Deduplication<T>(SqsSendContext<T> context)
        where T : class =>
        string.IsNullOrEmpty(context.DeduplicationId) ? (context.MessageId ?? NewId.NextGuid()).ToString("N") : context.DeduplicationId;

    private InvalidOperationException NoGroup() => new(
        $"'{EntityName}' is FIFO and the message has no group: set it with context.SetGroupId(...) when sending.");
}

internal sealed class QueueSendTransportContext(
    IHostConfiguration host, ISerialization serialization, Broker broker, QueueSpec spec, Func<string, bool>? allowHeader)
    : SqsSendTransportContext(host, serialization, broker, allowHeader)
{
    private Queue? _queue;

    public override string EntityName => spec.Name;

    protected override Task Dispatch<T>(SqsSendContext<T> context)
    {
        // The remembered queue spares two awaits per message; a queue that vanished is looked up again after its first failure.
        var queue = _queue;
        return queue is null ? LookUp(context) : Send(queue, context);
    }

    private async Task LookUp<T>(SqsSendContext<T> context)
        where T : class
    {
        Queue queue;
        try
        {
            queue = spec.IsTemporary ? await FindTemporary(context.CancellationToken) : await Broker.Queue(spec, context.CancellationToken);
        }
        catch (Exception exception) when (spec.IsTemporary && SqsError.IsQueueMissing(exception))
        {
            // The requester is gone with its queue. Making the queue anew, as others do, would only leak it.
            SendLog.NobodyWaits(Broker.Log, spec.Name);
            return;
        }
        _queue = queue;
        await Send(queue, context);
    }

    private async Task<Queue> FindTemporary(CancellationToken ct)
    {
        var url = (await Broker.Sqs.GetQueueUrl(spec.Name, ct)).QueueUrl;
        return new Queue(spec.Name, url, "", SendBatches.ToQueue(Broker, spec.Name, url));
    }

    private async Task Send<T>(Queue queue, SqsSendContext<T> context)
        where T : class
    {
        try
        {
            await queue.Sends.Send(Entry(context, queue.IsFifo, nativeDelay: true));
        }
        catch (Exception exception) when (SqsError.IsQueueMissing(exception))
        {
            _queue = null;
            if (!spec.IsTemporary)
                throw;
            SendLog.NobodyWaits(Broker.Log, spec.Name);
        }
    }
}

internal sealed class TopicSendTransportContext(
    IHostConfiguration host, ISerialization serialization, Broker broker, TopicSpec spec, Func<string, bool>? allowHeader)
    : SqsSendTransportContext(host, serialization, broker, allowHeader)
{
    public override string EntityName => spec.Name;

    protected override async Task Dispatch<T>(SqsSendContext<T> context)
    {
        var topic = await Broker.Topic(spec, context.CancellationToken);
        await topic.Publishes.Send(Entry(context, topic.IsFifo, nativeDelay: false));
    }
}
