namespace Orchestrator.AmazonSqs;

/// <summary>What a bus does about the queues, topics and subscriptions that it needs.</summary>
public enum TopologyMode
{
    /// <summary>Makes what is missing. Needs the permissions to create.</summary>
    Create,

    /// <summary>Makes nothing, and refuses to start with what is missing or differs from the configuration.</summary>
    Validate,

    /// <summary>Makes and reads nothing but the queue's address: the least permissions and the fastest start.</summary>
    Assume,
}
