using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Credentials.Internal;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;

namespace Orchestrator.AmazonSqs;

/// <summary>How a client of one AWS service finds its endpoint and signs. Regions, profiles and endpoint overrides follow the AWS conventions.</summary>
internal sealed class ServiceConfig : ClientConfig
{
    private static readonly DefaultConfigurationProvider Defaults = new(
        from mode in Enum.GetValues<DefaultConfigurationMode>()
        where mode != DefaultConfigurationMode.Auto
        select new DefaultConfiguration { Name = mode, RetryMode = RequestRetryMode.Standard });

    private readonly string _service;

    public ServiceConfig(string service, string region, Uri? serviceUrl) : base(Defaults)
    {
        _service = service;
        ServiceId = service.ToUpperInvariant(); // without it AWS_ENDPOINT_URL_SQS and the profile's endpoint_url are silently ignored
        AuthenticationServiceName = service;
        RetryMode = RequestRetryMode.Standard;
        MaxErrorRetry = 2;
        if (serviceUrl is null)
        {
            RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }
        else
        {
            ServiceURL = serviceUrl.ToString();
            AuthenticationRegion = region; // no region can be inferred from a custom address
        }
    }

    public override string ServiceVersion => _service == "sns" ? "2010-03-31" : "2012-11-05";

    public override string UserAgent => "orchestrator-amazonsqs";

    public override string RegionEndpointServiceName => _service;

    public override Amazon.Runtime.Endpoints.Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters)
    {
        if (ServiceURL is { } custom)
            return new(custom);
        var region = RegionEndpoint;
        if (UseDualstackEndpoint)
            return new($"https://{_service}{(UseFIPSEndpoint ? "-fips" : "")}.{region.SystemName}.api.aws");
        return new($"https://{_service}{(UseFIPSEndpoint ? "-fips" : "")}.{region.SystemName}.{region.PartitionDnsSuffix}");
    }
}

internal sealed class ServiceMetadata(string serviceId) : IServiceMetadata
{
    public string ServiceId => serviceId;
    public IDictionary<string, string> OperationNameMapping { get; } = new Dictionary<string, string>();
}

/// <summary>Says that requests are signed with SigV4; without this handler they would go out unsigned.</summary>
internal sealed class SigV4AuthResolver : BaseAuthResolverHandler
{
    protected override List<IAuthSchemeOption> ResolveAuthOptions(IExecutionContext executionContext) => AuthSchemeOption.DEFAULT_SIGV4;
}
