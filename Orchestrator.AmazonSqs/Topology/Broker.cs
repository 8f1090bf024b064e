using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace Orchestrator.AmazonSqs;

/// <summary>A queue that exists: where it is, and the batches that go to it.</summary>
internal sealed record Queue(string Name, string Url, string Arn, SendBatches Sends)
{
    public bool IsFifo { get; } = EntityNames.IsFifo(Name);
}

/// <summary>A topic that exists: where it is, and the batches that go to it.</summary>
internal sealed record Topic(string Name, string Arn, SendBatches Publishes)
{
    public bool IsFifo { get; } = EntityNames.IsFifo(Name);
}

/// <summary>
/// The queues and topics of one bus. Each is looked up (and in <see cref="TopologyMode.Create"/> made) once and remembered; a failed
/// or vanished one is forgotten, so that the next use looks again. Never lists the account's topics.
/// </summary>
internal sealed class Broker(SqsClient sqs, SnsClient sns, BrokerOptions options, TimeProvider time, ILogger log)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<Queue>>> _queues = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<Topic>>> _topics = new();
    private volatile string? _account = options.AccountId;

    public SqsClient Sqs => sqs;
    public SnsClient Sns => sns;
    public BrokerOptions Options => options;
    public TimeProvider Time => time;
    public ILogger Log => log;

    /// <summary>The queue that a receive endpoint or a send needs, with its dead-letter queue.</summary>
    public Task<Queue> Queue(QueueSpec spec, CancellationToken ct) => Remembered(_queues, spec.Name, () => FindQueue(spec, CancellationToken.None), ct);

    public Task<Topic> Topic(TopicSpec spec, CancellationToken ct) => Remembered(_topics, spec.Name, () => FindTopic(spec, CancellationToken.None), ct);

    public void ForgetQueue(string name) => _queues.TryRemove(name, out _);

    public void ForgetTopic(string name) => _topics.TryRemove(name, out _);

    /// <summary>Subscribes the queue to the topics and lets them deliver into it. Answers the subscriptions' ARNs.</summary>
    public async Task<IReadOnlyList<string>> Subscribe(Queue queue, IReadOnlyCollection<SubscriptionSpec> subscriptions, CancellationToken ct)
    {
        if (subscriptions.Count == 0 || options.Mode == TopologyMode.Assume)
            return [];

        var topics = await Task.WhenAll(subscriptions.Select(subscription => Topic(subscription.Topic, ct)));
        await Admit(queue, [.. topics.Select(topic => topic.Arn)], ct); // first the permission, then the flow
        return await Task.WhenAll(subscriptions.Zip(topics, (spec, topic) => Subscribe(queue, topic, spec.Attributes, ct)));
    }

    /// <summary>Removes a temporary queue that this bus made; where it makes nothing, it removes nothing.</summary>
    public async Task Remove(Queue queue, IEnumerable<string> subscriptionArns, CancellationToken ct)
    {
        if (options.Mode != TopologyMode.Create)
            return;
        ForgetQueue(queue.Name);
        foreach (var arn in subscriptionArns)
            await sns.Unsubscribe(arn, ct);
        await sqs.DeleteQueue(queue.Url, ct);
    }

    private async Task<Queue> FindQueue(QueueSpec spec, CancellationToken ct)
    {
        var (url, made) = await UrlOf(spec, ct);
        _account ??= AccountOf(url);
        // What was just made is as configured, and Assume trusts it: neither is read again.
        IReadOnlyDictionary<string, string> found = made || options.Mode == TopologyMode.Assume
            ? spec.AttributesToCreate()
            : (await sqs.GetQueueAttributes(url, ct)).Attributes ?? [];
        var arn = found.GetValueOrDefault("QueueArn") ?? ArnOf("sqs", spec.Name, AccountOf(url));
        if (options.Mode != TopologyMode.Assume)
        {
            await EnsureRedrive(spec, url, found, ct);
            if (!made)
                Compare(spec, found);
        }
        return new Queue(spec.Name, url, arn, SendBatches.ToQueue(this, spec.Name, url));
    }

    private async Task<(string Url, bool Made)> UrlOf(QueueSpec spec, CancellationToken ct)
    {
        try
        {
            if (!(options.Mode == TopologyMode.Create && spec.IsTemporary))
                return ((await sqs.GetQueueUrl(spec.Name, ct)).QueueUrl, false);
        }
        catch (Exception exception) when (SqsError.IsQueueMissing(exception))
        {
            if (options.Mode != TopologyMode.Create)
                throw new ConfigurationException(
                    $"The queue '{spec.Name}' does not exist in {options.Region} and the topology mode is {options.Mode}: create the queue, or set TopologyMode.Create.");
        }
        var tags = spec.IsTemporary ? TemporaryQueueTags.Stamp(spec.Tags, time.GetUtcNow()) : (IReadOnlyDictionary<string, string>)spec.Tags.AsReadOnly();
        var request = new CreateQueueRequest { QueueName = spec.Name, Attributes = spec.AttributesToCreate(), Tags = tags.Count == 0 ? null : tags };
        var url = (await sqs.CreateQueue(request, ct)).QueueUrl;
        BrokerLog.QueueCreated(log, spec.Name);
        return (url, true);
    }

    private async Task EnsureRedrive(QueueSpec spec, string url, IReadOnlyDictionary<string, string> found, CancellationToken ct)
    {
        if (spec.MaxReceiveCount is not { } count)
            return;
        var deadLetter = await Queue(spec.Beside(spec.DeadLetterQueue ?? EntityNames.WithSuffix(spec.Name, "_dlq")), ct);
        if (Redrive.Read(found.GetValueOrDefault("RedrivePolicy")) == (deadLetter.Arn, count))
            return;
        if (options.Mode == TopologyMode.Validate)
            throw new ConfigurationException(
                $"The queue '{spec.Name}' should move messages to '{deadLetter.Name}' after {count} receives but its RedrivePolicy is '{found.GetValueOrDefault("RedrivePolicy")}': change one of them.");
        await sqs.SetQueueAttributes(url, new Dictionary<string, string> { ["RedrivePolicy"] = Redrive.Write(deadLetter.Arn, count) }, ct);
    }

    /// <summary>A queue of infrastructure-as-code is not overruled: the difference is said, and in Validate it stops the start.</summary>
    private void Compare(QueueSpec spec, IReadOnlyDictionary<string, string> found)
    {
        foreach (var (name, wanted) in spec.AttributesToCreate())
        {
            var actual = found.GetValueOrDefault(name);
            if (actual == wanted || name is "Policy" or "RedrivePolicy")
                continue;
            if (options.Mode == TopologyMode.Validate)
                throw new ConfigurationException($"The queue '{spec.Name}' has {name} = '{actual}', the configuration wants '{wanted}': change one of them.");
            BrokerLog.QueueDiffers(log, spec.Name, name, actual ?? "(not set)", wanted);
        }
    }

    private async Task Admit(Queue queue, IReadOnlyCollection<string> topicArns, CancellationToken ct)
    {
        var attributes = (await sqs.GetQueueAttributes(queue.Url, ct)).Attributes ?? [];
        if (QueuePolicy.Allow(attributes.GetValueOrDefault("Policy"), queue.Arn, topicArns) is not { } policy)
            return;
        if (options.Mode == TopologyMode.Validate)
            throw new ConfigurationException($"The policy of the queue '{queue.Name}' does not let its topics deliver: add sqs:SendMessage for sns.amazonaws.com from {string.Join(", ", topicArns)}.");
        await sqs.SetQueueAttributes(queue.Url, new Dictionary<string, string> { ["Policy"] = policy }, ct);
    }

    private async Task<string> Subscribe(Queue queue, Topic topic, IReadOnlyDictionary<string, string> wanted, CancellationToken ct)
    {
        var attributes = new Dictionary<string, string>(wanted) { ["RawMessageDelivery"] = "true" };
        if (options.Mode == TopologyMode.Validate)
            return await Existing(queue, topic, ct) ?? throw new ConfigurationException(
                $"The queue '{queue.Name}' is not subscribed to the topic '{topic.Name}' and the topology mode is Validate: subscribe it with raw delivery, or set TopologyMode.Create.");
        try
        {
            return await sns.Subscribe(topic.Arn, queue.Arn, attributes, ct);
        }
        catch (Exception exception) when (SqsError.IsAttributeConflict(exception) && !ct.IsCancellationRequested)
        {
            // Subscribed before with other attributes: SNS wants them changed one by one.
            if (await Existing(queue, topic, ct) is not { } arn)
                throw;
            foreach (var (name, value) in attributes)
                await sns.SetSubscriptionAttribute(arn, name, value, ct);
            return arn;
        }
    }

    private async Task<string?> Existing(Queue queue, Topic topic, CancellationToken ct)
    {
        string? page = null;
        do
        {
            (var subscriptions, page) = await sns.ListSubscriptionsByTopic(topic.Arn, page, ct);
            if (subscriptions.FirstOrDefault(subscription => subscription.Endpoint == queue.Arn) is { Arn: { } arn })
                return arn;
        }
        while (page is not null);
        return null;
    }

    private async Task<Topic> FindTopic(TopicSpec spec, CancellationToken ct)
    {
        var arn = options.Mode == TopologyMode.Create
            ? await sns.CreateTopic(spec.Name, spec.AttributesToCreate(), spec.Tags, ct)
            : ArnOf("sns", spec.Name, _account);
        _account ??= arn.Split(':')[4];
        if (options.Mode == TopologyMode.Validate)
        {
            try
            {
                await sns.GetTopicAttributes(arn, ct);
            }
            catch (Exception exception) when (SqsError.IsTopicMissing(exception))
            {
                throw new ConfigurationException($"The topic '{spec.Name}' ({arn}) does not exist and the topology mode is Validate: create the topic, or set TopologyMode.Create.");
            }
        }
        return new Topic(spec.Name, arn, SendBatches.ToTopic(this, spec.Name, arn));
    }

    private string ArnOf(string service, string name, string? account)
    {
        if (account is null)
            throw new ConfigurationException(
                $"The ARN of '{name}' needs the AWS account, which is not known before the first queue is: set h.AccountId in the host configuration.");
        var partition = options.Region.StartsWith("cn-", StringComparison.Ordinal) ? "aws-cn" : options.Region.StartsWith("us-gov-", StringComparison.Ordinal) ? "aws-us-gov" : "aws";
        return $"arn:{partition}:{service}:{options.Region}:{account}:{name}";
    }

    private static string AccountOf(string queueUrl) => new Uri(queueUrl).Segments[^2].Trim('/');

    /// <summary>Concurrent callers share one look-up; it runs to its end even if the first caller leaves, because the others want it.</summary>
    private static Task<T> Remembered<T>(ConcurrentDictionary<string, Lazy<Task<T>>> known, string name, Func<Task<T>> find, CancellationToken ct)
    {
        var entry = known.GetOrAdd(name, static (_, look) => new Lazy<Task<T>>(look), find);
        var task = entry.Value;
        if (task.IsCompletedSuccessfully)
            return task;
        if (task.IsFaulted || task.IsCanceled)
        {
            known.TryRemove(KeyValuePair.Create(name, entry));
            entry = known.GetOrAdd(name, static (_, look) => new Lazy<Task<T>>(look), find);
            task = entry.Value;
        }
        return task.WaitAsync(ct);
    }

    private static class Redrive
    {
        public static (string? Arn, int Count) Read(string? policy)
        {
            if (string.IsNullOrEmpty(policy))
                return default;
            using var document = JsonDocument.Parse(policy);
            var root = document.RootElement;
            var count = root.TryGetProperty("maxReceiveCount", out var value) ? value.ToString() : "0"; // AWS answers a number, some tools write a text
            return (root.TryGetProperty("deadLetterTargetArn", out var arn) ? arn.GetString() : null, int.Parse(count, CultureInfo.InvariantCulture));
        }

        public static string Write(string arn, int count) => $$"""{"deadLetterTargetArn":"{{arn}}","maxReceiveCount":"{{count}}"}""";
    }
}

/// <summary>What the broker needs to know of its host.</summary>
internal sealed record BrokerOptions(string Region, TopologyMode Mode, string? AccountId, int MaxSendBytes, int MaxPublishBytes);
