using System.Collections.Concurrent;
using MassTransit;
using MassTransit.Configuration;
using MassTransit.Topology;
using MassTransit.Transports;

namespace Orchestrator.AmazonSqs;

/// <summary>How a published message type's topic is made.</summary>
public interface IAmazonSqsMessagePublishTopologyConfigurator
{
    /// <summary>SNS's own attribute names, for example "KmsMasterKeyId".</summary>
    IDictionary<string, object> TopicAttributes { get; }

    IDictionary<string, string> TopicTags { get; }
}

/// <inheritdoc cref="IAmazonSqsMessagePublishTopologyConfigurator"/>
public interface IAmazonSqsMessagePublishTopologyConfigurator<TMessage> : IMessagePublishTopologyConfigurator<TMessage>, IAmazonSqsMessagePublishTopologyConfigurator
    where TMessage : class;

/// <summary>The topologies of a bus: which topic a message is published to, which topics a queue is subscribed to.</summary>
internal sealed class Topologies : ITopologyConfiguration
{
    public Topologies()
    {
        Message = new MessageTopology(new MessageNameFormatterEntityNameFormatter(new AmazonSqsMessageNameFormatter()));
        Send = new SendTopology();
        Send.ConnectSendTopologyConfigurationObserver(new DelegateSendTopologyConfigurationObserver(GlobalTopology.Send));
        Publish = new SnsPublishTopology(Message);
        Publish.ConnectPublishTopologyConfigurationObserver(new DelegatePublishTopologyConfigurationObserver(GlobalTopology.Publish));
        Publish.ConnectPublishTopologyConfigurationObserver(new PublishToSendTopologyConfigurationObserver(Send));
        Consume = new SqsConsumeTopology(Message, Publish);
    }

    /// <summary>An endpoint's own: it shares all but what it subscribes to.</summary>
    public Topologies(Topologies bus)
    {
        (Message, Send, Publish) = (bus.Message, bus.Send, bus.Publish);
        Consume = new SqsConsumeTopology(Message, Publish);
    }

    public MessageTopology Message { get; }
    public SendTopology Send { get; }
    public SnsPublishTopology Publish { get; }
    public SqsConsumeTopology Consume { get; }

    IMessageTopologyConfigurator ITopologyConfiguration.Message => Message;
    ISendTopologyConfigurator ITopologyConfiguration.Send => Send;
    IPublishTopologyConfigurator ITopologyConfiguration.Publish => Publish;
    IConsumeTopologyConfigurator ITopologyConfiguration.Consume => Consume;

    public IEnumerable<ValidationResult> Validate() => [.. Send.Validate(), .. Publish.Validate(), .. Consume.Validate()];
}

internal sealed class SqsBusTopology(IHostConfiguration host, Topologies topologies) : BusTopology(host, topologies);

/// <summary>Each message type is published to the topic of its own name, and to no other: SNS topics can't feed each other.</summary>
internal sealed class SnsPublishTopology(MessageTopology messages) : PublishTopology
{
    private readonly ConcurrentDictionary<string, ITopicSource> _byName = new();

    public SnsMessagePublishTopology<T> Of<T>()
        where T : class => (SnsMessagePublishTopology<T>)GetMessageTopology<T>();

    public TopicSpec SpecOf<T>(string name)
        where T : class => Of<T>().SpecOf(name);

    public TopicSpec? SpecOf(string name) => _byName.TryGetValue(name, out var source) ? source.SpecOf(name) : null;

    internal void Named(string name, ITopicSource source) => _byName.TryAdd(name, source);

    protected override IMessagePublishTopologyConfigurator CreateMessageTopology<T>()
    {
        var topology = new SnsMessagePublishTopology<T>(this, messages);
        OnMessageTopologyCreated(topology);
        return topology;
    }
}

internal interface ITopicSource
{
    TopicSpec SpecOf(string name);
}

internal sealed class SnsMessagePublishTopology<T>(SnsPublishTopology publish, MessageTopology messages)
    : MessagePublishTopology<T>(publish), IAmazonSqsMessagePublishTopologyConfigurator<T>, ITopicSource
    where T : class
{
    public IDictionary<string, object> TopicAttributes { get; } = new Dictionary<string, object>();
    public IDictionary<string, string> TopicTags { get; } = new Dictionary<string, string>();

    public string TopicName => ((IMessageTopology)messages).GetMessageTopology<T>().EntityName;

    public TopicSpec SpecOf(string name) => new(
        name,
        TopicAttributes.ToDictionary(entry => entry.Key, entry => Convert.ToString(entry.Value, System.Globalization.CultureInfo.InvariantCulture) ?? ""),
        TopicTags.AsReadOnly());

    public TopicSpec Spec() => SpecOf(TopicName);

    public override bool TryGetPublishAddress(Uri baseAddress, out Uri publishAddress)
    {
        var (region, scope) = AmazonSqsAddress.ParseHost(baseAddress);
        var name = TopicName;
        publish.Named(name, this);
        publishAddress = new AmazonSqsAddress(region, scope, name, IsTopic: true).ToUri();
        return true;
    }
}

/// <summary>What an endpoint's queue is subscribed to: the topics of the types it consumes, and those that were named.</summary>
internal sealed class SqsConsumeTopology(MessageTopology messages, SnsPublishTopology publish) : ConsumeTopology(LongestTemporaryName)
{
    /// <summary>Leaves room in the 80 characters of a queue name for "_error" and "_skipped".</summary>
    private const int LongestTemporaryName = 72;

    private readonly List<SubscriptionSpec> _named = [];

    /// <param name="shared">Attributes of every subscription of the queue, for example a FilterPolicy.</param>
    public IReadOnlyList<SubscriptionSpec> Subscriptions(IDictionary<string, object> shared)
    {
        var found = new Dictionary<string, SubscriptionSpec>();
        foreach (var subscription in SelectMany<ISubscriptionSource, SubscriptionSpec>(source => source.Subscriptions).Concat(_named))
        {
            var attributes = TopicSubscription.Texts(shared);
            foreach (var (name, value) in subscription.Attributes)
                attributes[name] = value;
            found[subscription.Topic.Name] = subscription with { Attributes = attributes };
        }
        return [.. found.Values];
    }

    public void Subscribe(string topicName, Action<IAmazonSqsTopicSubscriptionConfigurator>? configure)
    {
        if (EntityNames.TopicNameFault(topicName) is { } fault)
            throw new ConfigurationException($"'{topicName}' can't be the name of a topic: {fault}.");
        _named.Add(TopicSubscription.Of(publish.SpecOf(topicName) ?? TopicSpec.Plain(topicName), configure));
    }

    public SqsMessageConsumeTopology<T> Of<T>()
        where T : class => (SqsMessageConsumeTopology<T>)GetMessageTopology<T>();

    protected override IMessageConsumeTopologyConfigurator CreateMessageTopology<T>()
    {
        var topology = new SqsMessageConsumeTopology<T>(publish);
        OnMessageTopologyCreated(topology);
        return topology;
    }

    public override string CreateTemporaryQueueName(string tag)
    {
        var name = base.CreateTemporaryQueueName(tag);
        return new string([.. name.Select(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' ? character : '_')]);
    }

    internal MessageTopology Messages => messages;
}

internal interface ISubscriptionSource
{
    IEnumerable<SubscriptionSpec> Subscriptions { get; }
}

internal sealed class SqsMessageConsumeTopology<T>(SnsPublishTopology publish) : MessageConsumeTopology<T>, ISubscriptionSource
    where T : class
{
    private readonly List<Action<IAmazonSqsTopicSubscriptionConfigurator>?> _subscriptions = [];

    /// <summary>Named late, because a message's topic may be renamed until the bus is built.</summary>
    public IEnumerable<SubscriptionSpec> Subscriptions =>
        _subscriptions.Select(configure => TopicSubscription.Of(publish.Of<T>().Spec(), configure));

    public void Subscribe(Action<IAmazonSqsTopicSubscriptionConfigurator>? configure)
    {
        if (!IsBindableMessageType)
            return;
        if (configure is null && _subscriptions.Count > 0)
            return; // subscribed already, perhaps with attributes
        _subscriptions.Add(configure);
    }
}

/// <summary>How a queue is subscribed to one topic.</summary>
public interface IAmazonSqsTopicSubscriptionConfigurator
{
    /// <summary>SNS's subscription attributes, for example "FilterPolicy". Raw delivery is always on.</summary>
    IDictionary<string, object> SubscriptionAttributes { get; }

    /// <summary>The attributes with which the topic is made if it is missing.</summary>
    IDictionary<string, object> TopicAttributes { get; }

    IDictionary<string, string> TopicTags { get; }
}

internal sealed class TopicSubscription : IAmazonSqsTopicSubscriptionConfigurator
{
    public IDictionary<string, object> SubscriptionAttributes { get; } = new Dictionary<string, object>();
    public IDictionary<string, object> TopicAttributes { get; } = new Dictionary<string, object>();
    public IDictionary<string, string> TopicTags { get; } = new Dictionary<string, string>();

    public static SubscriptionSpec Of(TopicSpec topic, Action<IAmazonSqsTopicSubscriptionConfigurator>? configure)
    {
        var subscription = new TopicSubscription();
        configure?.Invoke(subscription);
        var attributes = topic.Attributes.Concat(Texts(subscription.TopicAttributes)).DistinctBy(entry => entry.Key);
        var tags = topic.Tags.Concat(subscription.TopicTags).DistinctBy(entry => entry.Key);
        return new SubscriptionSpec(
            topic with { Attributes = attributes.ToDictionary(), Tags = tags.ToDictionary() },
            Texts(subscription.SubscriptionAttributes));
    }

    public static Dictionary<string, string> Texts(IDictionary<string, object> values) =>
        values.ToDictionary(entry => entry.Key, entry => Convert.ToString(entry.Value, System.Globalization.CultureInfo.InvariantCulture) ?? "");
}
