using MassTransit;
using MassTransit.Transports;

namespace Orchestrator.AmazonSqs;

/// <summary>The names that services on MassTransit's own SQS package use too: "Some_Namespace-Type", generics as "Fault--Ns-Type--".</summary>
public sealed class AmazonSqsMessageNameFormatter : IMessageNameFormatter
{
    private readonly DefaultMessageNameFormatter _formatter = new("--", "--", "-", "_");

    public string GetMessageName(Type type) => _formatter.GetMessageName(type).Replace('.', '_');
}

/// <summary>What SQS and SNS accept as a name.</summary>
internal static class EntityNames
{
    public const string Fifo = ".fifo";
    private const int LongestQueueName = 80;
    private const int LongestTopicName = 256;

    public static bool IsFifo(string name) => name.EndsWith(Fifo, StringComparison.Ordinal);

    /// <summary>The sentence that says what is wrong with a queue name, or null.</summary>
    public static string? QueueNameFault(string name) => Fault(name, LongestQueueName);

    /// <summary>The sentence that says what is wrong with a topic name, or null.</summary>
    public static string? TopicNameFault(string name) => Fault(name, LongestTopicName);

    /// <summary>"orders" becomes "orders_error", and "orders.fifo" becomes "orders_error.fifo", because the suffix decides the kind.</summary>
    public static string WithSuffix(string queueName, string suffix) =>
        IsFifo(queueName) ? queueName[..^Fifo.Length] + suffix + Fifo : queueName + suffix;

    private static string? Fault(string name, int longest)
    {
        if (name.Length == 0)
            return "the name is empty";
        if (name.Length > longest)
            return $"it has {name.Length} characters, AWS allows {longest}; shorten it";
        var stem = IsFifo(name) ? name[..^Fifo.Length] : name;
        foreach (var character in stem)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_'))
                return $"it contains '{character}'; AWS allows letters, digits, '-' and '_', and '.fifo' at the end";
        }
        return null;
    }
}
