namespace Orchestrator.AmazonSqs;

/// <summary>A queue as the configuration wants it.</summary>
internal sealed class QueueSpec(string name)
{
    public string Name { get; set; } = name;
    public bool Durable { get; set; } = true;
    public bool AutoDelete { get; set; }

    /// <summary>SQS's own attribute names, for example "KmsMasterKeyId". A RedrivePolicy here is replaced by the one of <see cref="MaxReceiveCount"/>.</summary>
    public IDictionary<string, object> Attributes { get; init; } = new Dictionary<string, object>();

    public IDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>How often a message may be received before SQS moves it to the dead-letter queue; null: no dead-letter queue.</summary>
    public int? MaxReceiveCount { get; set; }

    public string? DeadLetterQueue { get; set; }

    public bool IsTemporary => AutoDelete || !Durable;

    public Dictionary<string, string> AttributesToCreate()
    {
        var attributes = Attributes.ToDictionary(entry => entry.Key, entry => Convert.ToString(entry.Value, System.Globalization.CultureInfo.InvariantCulture) ?? "");
        if (EntityNames.IsFifo(Name))
            attributes["FifoQueue"] = "true";
        return attributes;
    }

    /// <summary>A queue that stands beside this one (_error, _skipped, _dlq) with its encryption, retention and tags, but no redrive of its own.</summary>
    public QueueSpec Beside(string name)
    {
        var attributes = Attributes
            .Where(entry => entry.Key is not ("RedrivePolicy" or "RedriveAllowPolicy" or "Policy" or "DelaySeconds"))
            .ToDictionary(entry => entry.Key, entry => entry.Value);
        return new QueueSpec(name) { Attributes = attributes, Tags = new Dictionary<string, string>(Tags) };
    }
}

/// <summary>A topic as the configuration wants it.</summary>
internal sealed record TopicSpec(string Name, IReadOnlyDictionary<string, string> Attributes, IReadOnlyDictionary<string, string> Tags)
{
    private static readonly Dictionary<string, string> None = [];

    public static TopicSpec Plain(string name) => new(name, None, None);

    public IReadOnlyDictionary<string, string> AttributesToCreate() =>
        EntityNames.IsFifo(Name) ? new Dictionary<string, string>(Attributes) { ["FifoTopic"] = "true" } : Attributes;
}

/// <summary>A topic whose messages go into a queue. Raw delivery is always on: the queue gets what was published, without SNS's envelope.</summary>
internal sealed record SubscriptionSpec(TopicSpec Topic, IReadOnlyDictionary<string, string> Attributes);
