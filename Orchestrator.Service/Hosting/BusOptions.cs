namespace Orchestrator.Service.Hosting;

/// <summary>What carries wake-ups and events.</summary>
public sealed class BusOptions : IChecked
{
    /// <summary>AmazonSqs for many nodes, InMemory for one: nothing is lost with it, the truth is in PostgreSQL.</summary>
    public BusTransport Transport { get; set; } = BusTransport.AmazonSqs;

    /// <summary>AWS region; credentials come by the AWS conventions (environment, profile, container, instance).</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>Address of an emulator or a VPC endpoint for SQS and SNS; AWS's own if absent.</summary>
    public Uri? ServiceUrl { get; set; }

    /// <summary>Prefix of every queue and topic, so that several installations share an account; letters, digits, - and _, at most 20.</summary>
    public string Prefix { get; set; } = "orchestrator-";

    /// <summary>Create makes missing queues and topics, Validate refuses to start without them, Assume asks for nothing.</summary>
    public BusTopology Topology { get; set; } = BusTopology.Create;

    /// <summary>Seconds that one receive waits for messages, 1 to 20. A stopping node waits for the poll that is under way.</summary>
    public int LongPollSeconds { get; set; } = 20;

    public IEnumerable<Broken> Check()
    {
        if (Transport == BusTransport.AmazonSqs && string.IsNullOrWhiteSpace(Region))
            yield return new("Region", "must name an AWS region, for example eu-central-1", Region);
        if (!Enum.IsDefined(Transport))
            yield return new("Transport", $"must be one of {string.Join(", ", Enum.GetNames<BusTransport>())}", Transport);
        if (!Enum.IsDefined(Topology))
            yield return new("Topology", $"must be one of {string.Join(", ", Enum.GetNames<BusTopology>())}", Topology);
        if (ServiceUrl is not null && !(ServiceUrl.IsAbsoluteUri && (ServiceUrl.Scheme == Uri.UriSchemeHttp || ServiceUrl.Scheme == Uri.UriSchemeHttps)))
            yield return new("ServiceUrl", "must be an http or https address, or absent for AWS's own", ServiceUrl);
        if (LongPollSeconds is < 1 or > 20)
            yield return new("LongPollSeconds", "must be 1 to 20", LongPollSeconds);
        if (Prefix.Length > 20 || !Prefix.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            yield return new("Prefix", "must be at most 20 letters, digits, - or _", Prefix);
    }
}

public enum BusTransport
{
    AmazonSqs,
    InMemory,
}

public enum BusTopology
{
    Create,
    Validate,
    Assume,
}
