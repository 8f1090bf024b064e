using Amazon.Runtime;
using MassTransit;

namespace Orchestrator.AmazonSqs;

/// <summary>Configures where the bus is and who it is.</summary>
public interface IAmazonSqsHostConfigurator
{
    /// <summary>Without keys or credentials the AWS conventions hold: environment, profiles, roles, web identity, container, instance.</summary>
    void AccessKey(string accessKey);

    void SecretKey(string secretKey);

    void SessionToken(string sessionToken);

    void Credentials(AWSCredentials credentials);

    /// <summary>A part of the address that keeps systems apart; with <paramref name="scopeTopics"/> topics are named "scope_topic".</summary>
    void Scope(string scope, bool scopeTopics = false);

    /// <summary>Names topics "scope_topic".</summary>
    void EnableScopedTopics();

    /// <summary>Another address than AWS's, for an emulator or a private endpoint; SQS and SNS both.</summary>
    void ServiceUrl(Uri url);

    /// <summary>What the bus does about queues and topics that it needs. Default: <see cref="TopologyMode.Create"/>.</summary>
    void TopologyMode(TopologyMode mode);

    /// <summary>The AWS account, 12 digits; needed only where topics are not made and no queue has told it.</summary>
    void AccountId(string accountId);

    /// <summary>Which headers travel as message attributes too. Default: all, as far as SQS's ten allow.</summary>
    void AllowTransportHeader(Func<string, bool> allow);

    /// <summary>The most bytes of one message, and of one batch, to a queue. Default: 1 MiB; older endpoints take 262,144.</summary>
    void MaxMessageBytes(int bytes);
}

/// <summary>Where a bus is and who it is.</summary>
public sealed class AmazonSqsHostSettings : IAmazonSqsHostConfigurator
{
    private const int SqsLimit = 1_048_576;
    private const int SnsLimit = 262_144;

    private AWSCredentials? _credentials;
    private string? _accessKey;
    private string? _secretKey;
    private string? _sessionToken;
    private Uri? _serviceUrl;

    public AmazonSqsHostSettings(string region) => Region = region;

    public string Region { get; }
    public string? ScopeName { get; private set; }
    public bool ScopeTopics { get; private set; }
    public TopologyMode Mode { get; private set; }

    internal string? Account { get; private set; }
    internal Func<string, bool>? AllowTransportHeader { get; private set; }
    internal int MaxSendBytes { get; private set; } = SqsLimit;
    internal Uri HostAddress => AmazonSqsAddress.HostAddress(Region, ScopeName);

    public void AccessKey(string accessKey) => _accessKey = accessKey;

    public void SecretKey(string secretKey) => _secretKey = secretKey;

    public void SessionToken(string sessionToken) => _sessionToken = sessionToken;

    public void Credentials(AWSCredentials credentials) => _credentials = credentials;

    public void Scope(string scope, bool scopeTopics = false) => (ScopeName, ScopeTopics) = (scope.Trim('/'), scopeTopics || ScopeTopics);

    public void EnableScopedTopics() => ScopeTopics = true;

    public void ServiceUrl(Uri url) => _serviceUrl = url;

    public void TopologyMode(TopologyMode mode) => Mode = mode;

    public void AccountId(string accountId) => Account = accountId;

    void IAmazonSqsHostConfigurator.AllowTransportHeader(Func<string, bool> allow) => AllowTransportHeader = allow;

    public void MaxMessageBytes(int bytes) => MaxSendBytes = bytes;

    internal BrokerOptions ToBrokerOptions() => new(Region, Mode, Account, MaxSendBytes, Math.Min(MaxSendBytes, SnsLimit));

    internal (SqsClient Sqs, SnsClient Sns) CreateClients(RequestCounter requests)
    {
        var (sqs, sns) = (new ServiceConfig("sqs", Region, _serviceUrl), new ServiceConfig("sns", Region, _serviceUrl));
        return ExplicitCredentials() is { } credentials
            ? (new SqsClient(credentials, sqs, requests), new SnsClient(credentials, sns, requests))
            : (new SqsClient(sqs, requests), new SnsClient(sns, requests));
    }

    internal IEnumerable<ValidationResult> Validate(ISpecification parent)
    {
        if (string.IsNullOrWhiteSpace(Region))
            yield return parent.Failure("Region", "must name an AWS region, for example \"eu-west-1\"");
        if (_accessKey is null != _secretKey is null)
            yield return parent.Failure("AccessKey", "must be given together with SecretKey, or neither of them");
        if (ScopeTopics && ScopeName is null)
            yield return parent.Failure("Scope", "must be given when topics are scoped");
        if (MaxSendBytes is < 1024 or > SqsLimit)
            yield return parent.Failure("MaxMessageBytes", $"must be 1,024 to {SqsLimit:N0}, found {MaxSendBytes:N0}");
    }

    private AWSCredentials? ExplicitCredentials()
    {
        if (_credentials is not null)
            return _credentials;
        if (_accessKey is null)
            return null;
        return _sessionToken is null ? new BasicAWSCredentials(_accessKey, _secretKey) : new SessionAWSCredentials(_accessKey, _secretKey, _sessionToken);
    }
}
