using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using MassTransit;
using Orchestrator.AmazonSqs;
using Orchestrator.Local.Wire;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.AmazonSqs;

public class ClientTests
{
    [Theory]
    [InlineData("sqs", "eu-west-1", "https://sqs.eu-west-1.amazonaws.com")]
    [InlineData("sns", "cn-north-1", "https://sns.cn-north-1.amazonaws.com.cn")]
    [InlineData("sqs", "us-gov-west-1", "https://sqs.us-gov-west-1.amazonaws.com")]
    public void A_region_names_the_endpoint_of_its_partition(string service, string region, string expected) =>
        Assert.Equal(expected, Endpoint(new ServiceConfig(service, region, null)));

    [Fact]
    public void Another_address_replaces_the_endpoint_and_keeps_the_region_for_the_signature()
    {
        var config = new ServiceConfig("sqs", "eu-west-1", new Uri("http://127.0.0.1:1234"));
        Assert.Equal("http://127.0.0.1:1234/", Endpoint(config));
        Assert.Equal("eu-west-1", config.AuthenticationRegion);
    }

    [Fact]
    public async Task Without_explicit_settings_the_conventions_of_AWS_hold()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        // Safe beside other tests: all of them give their address explicitly, and keys are there at every moment.
        Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL_SQS", tap.Url.ToString());
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "KEYFROMTHEENVIRONMENT");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "secret");
        try
        {
            using var client = new SqsClient(new ServiceConfig("sqs", "us-east-1", null), new RequestCounter());
            var url = (await client.CreateQueue(new CreateQueueRequest { QueueName = Shared.Unique("conventions") }, CancellationToken.None)).QueueUrl;
            Assert.NotEmpty(url);
        }
        finally
        {
            Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL_SQS", null);
            AwsConventions.Set();
        }
        Assert.Equal("KEYFROMTHEENVIRONMENT", Assert.Single(tap.Requests).AccessKey);
    }

    [Fact]
    public async Task An_error_of_SQS_is_told_by_its_short_name_and_counted()
    {
        var requests = new RequestCounter();
        using var client = new SqsClient(new BasicAWSCredentials("a", "b"), new ServiceConfig("sqs", "us-east-1", (await Shared.Environment).ServiceUrl), requests);

        var refusal = await Assert.ThrowsAsync<AmazonServiceException>(() => client.GetQueueUrl("nowhere", CancellationToken.None));

        Assert.Equal("QueueDoesNotExist", refusal.ErrorCode);
        Assert.True(SqsError.IsQueueMissing(refusal));
        Assert.Equal(1, requests.ByAction["GetQueueUrl"]);
        Assert.Equal(1, requests.Total);
    }

    [Fact]
    public async Task Throttling_server_faults_and_broken_connections_are_tried_again_and_refusals_are_not()
    {
        await using var tap = await WireTap.StartAsync((await Shared.Environment).ServiceUrl);
        using var queues = new TestQueues(tap.Url);
        var queue = Shared.Unique("faults");
        await queues.CreateAsync(queue);
        foreach (var fault in new WireFault[] { new WireFault.Refuse("RequestThrottled"), new WireFault.Refuse("ThrottlingException"), new WireFault.Status(503), new WireFault.Status(500), new WireFault.Cut() })
        {
            tap.Reset();
            tap.Inject("GetQueueUrl", fault, times: 1);
            await queues.UrlAsync(queue);
            Assert.Equal(2, tap.CountOf("GetQueueUrl"));
        }
        tap.Reset();
        tap.Inject("GetQueueUrl", new WireFault.Refuse("AccessDenied", HttpStatus: 403));
        await Assert.ThrowsAsync<AmazonServiceException>(() => queues.UrlAsync(queue));
        Assert.Equal(1, tap.CountOf("GetQueueUrl"));
    }

    [Theory]
    [InlineData("KEY", null, "SecretKey")]
    [InlineData(null, "SECRET", "SecretKey")]
    public async Task Half_of_a_key_pair_stops_the_start(string? access, string? secret, string named)
    {
        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => TestBus.StartAsync((_, cfg) => cfg.Host("us-east-1", h =>
        {
            if (access is not null)
                h.AccessKey(access);
            if (secret is not null)
                h.SecretKey(secret);
        })));
        Assert.Contains(named, refusal.ToString());
    }

    private static string Endpoint(ServiceConfig config) => config.DetermineServiceOperationEndpoint(new ServiceOperationEndpointParameters(new QueueRequest { QueueUrl = "" })).URL;
}
