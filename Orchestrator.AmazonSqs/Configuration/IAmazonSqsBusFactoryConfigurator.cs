using MassTransit;
using MassTransit.Transports;

namespace Orchestrator.AmazonSqs;

/// <summary>Configures a bus on SQS and SNS. It reads as the configuration of MassTransit's own SQS package does.</summary>
public interface IAmazonSqsBusFactoryConfigurator : IBusFactoryConfigurator<IAmazonSqsReceiveEndpointConfigurator>
{
    /// <summary>Where the bus is and who it is.</summary>
    void Host(AmazonSqsHostSettings settings);

    /// <summary>Counts the bus's requests by action; by default the <see cref="RequestCounter"/> of the container.</summary>
    RequestCounter Requests { set; }

    /// <summary>How a published type's topic is made.</summary>
    void Publish<T>(Action<IAmazonSqsMessagePublishTopologyConfigurator<T>>? configureTopology)
        where T : class;

    /// <summary>
    /// The name of the bus's own queue, to which responses come; by default one of its own for each process. Where the topology mode
    /// is not <see cref="TopologyMode.Create"/> the queue must exist under this name, and it is left where it is.
    /// </summary>
    void OverrideDefaultBusEndpointQueueName(string value);
}

/// <summary>Configures an endpoint that receives from one SQS queue.</summary>
public interface IAmazonSqsReceiveEndpointConfigurator : IReceiveEndpointConfigurator
{
    /// <summary>Whether the queue outlives the endpoint. Default: true.</summary>
    bool Durable { set; }

    /// <summary>Whether the queue is removed, with its subscriptions, when the endpoint stops. Default: false.</summary>
    bool AutoDelete { set; }

    /// <summary>Whether the queue is emptied when the endpoint starts; AWS allows it once a minute. Default: false.</summary>
    bool PurgeOnStartup { set; }

    /// <summary>
    /// How long one receive waits for messages, 0 to 20 s. A stop waits for the poll that is under way, up to this long. Default: 20.
    /// </summary>
    int WaitTimeSeconds { set; }

    /// <summary>
    /// For how long SQS keeps a received message from others, asked for in the receive itself and extended from then on, whole seconds
    /// up to 12 hours. Null: the queue's own visibility timeout and no extension, so a message that outlasts it is delivered again.
    /// Default: 120 s.
    /// </summary>
    TimeSpan? ProtectiveVisibility { set; }

    /// <summary>How often held messages are extended, less than the protection. Default: a third of it.</summary>
    TimeSpan? HeartbeatInterval { set; }

    /// <summary>The longest pause before a message comes again that failed outside its consumer (2, 4, 8 … s), up to 12 hours. Default: 900 s.</summary>
    TimeSpan MaxRedeliveryDelay { set; }

    /// <summary>Holds polling while it is shut. Default: none.</summary>
    IPollGate? PollGate { set; }

    /// <summary>SQS's own attribute names, for example "KmsMasterKeyId", used when the queue is made.</summary>
    IDictionary<string, object> QueueAttributes { get; }

    /// <summary>Attributes of each subscription of the queue, for example "FilterPolicy".</summary>
    IDictionary<string, object> QueueSubscriptionAttributes { get; }

    IDictionary<string, string> QueueTags { get; }

    /// <summary>Lets SQS move a message to the dead-letter queue when it has been received so many times (1 to 1000) without being deleted.</summary>
    /// <param name="maxReceiveCount">3 or more: a hand-back at a stop spends one receive.</param>
    /// <param name="queueName">Default: the queue's name with "_dlq".</param>
    void DeadLetter(int maxReceiveCount, string? queueName = null);

    /// <summary>Subscribes the queue to a topic by name.</summary>
    void Subscribe(string topicName, Action<IAmazonSqsTopicSubscriptionConfigurator>? configure = null);

    /// <summary>Subscribes the queue to the topic of a message type.</summary>
    void Subscribe<T>(Action<IAmazonSqsTopicSubscriptionConfigurator>? configure = null)
        where T : class;

    /// <summary>Runs the messages of a FIFO group at the same time, in no order.</summary>
    void DisableMessageOrdering();
}
