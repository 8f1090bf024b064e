using Amazon.Runtime;
using Amazon.Runtime.Credentials;

namespace Orchestrator.Service.Hosting;

/// <summary>A node on Amazon SQS has credentials before its bus starts, or ends and says where it looked: the bus would try again for ever.</summary>
internal sealed class AwsCredentials(TimeProvider time) : IHostedService
{
    /// <summary>An instance's metadata may be slow, and where there is none the question may get no answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <exception cref="BrokenSettingsException">None of the AWS conventions gives credentials.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Run(() => DefaultAWSCredentialsIdentityResolver.GetCredentialsAsync(), cancellationToken).WaitAsync(Patience, time, cancellationToken);
        }
        catch (Exception exception) when (exception is AmazonClientException or TimeoutException)
        {
            throw new BrokenSettingsException(
            [
                "No AWS credentials are found, and Orchestrator:Bus:Transport is AmazonSqs, which signs each request with them. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY "
                + "(an emulator takes any), name a profile in AWS_PROFILE, or give the container or the instance a role; or set Orchestrator:Bus:Transport to InMemory for a single node. "
                + $"Found: {(exception is TimeoutException ? $"no answer within {Patience.TotalSeconds:0} s." : exception.Message.ReplaceLineEndings(" ").Trim())}",
            ]);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
