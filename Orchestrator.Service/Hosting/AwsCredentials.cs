using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Orchestrator.Service.Documents;

namespace Orchestrator.Service.Hosting;

/// <summary>Looks for credentials before the bus does: a receiver without any would try again for ever, and the node would neither get ready nor say why.</summary>
internal static class AwsCredentials
{
    // An instance's metadata answers in milliseconds; where there is none, its address may swallow requests, which the SDK repeats for minutes.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <exception cref="BrokenSettingsException">There are none, or who should give them does not answer.</exception>
    public static async Task FindAsync(BusOptions bus, DocumentsOptions documents, TimeProvider time, CancellationToken cancellation)
    {
        List<string> users = [];
        if (bus.Transport == BusTransport.AmazonSqs)
            users.Add("SQS and SNS (Orchestrator:Bus:Transport is AmazonSqs)");
        if (documents.IsEnabled)
            users.Add("S3 (Orchestrator:Documents:Bucket is set)");
        if (users.Count == 0)
            return;

        var why = await WhyNoneAsync(time, cancellation);
        if (why is not null)
            throw new BrokenSettingsException([
                $"AWS credentials are needed for {string.Join(" and for ", users)} and can't be had by the AWS conventions (environment, profile, container, instance). "
                + "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give the container or instance a role. "
                + "One node can do without SQS: Orchestrator:Bus:Transport InMemory, and no bucket. Found:"
                + string.Concat(why.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => Environment.NewLine + "    " + line))]);
    }

    private static async Task<string?> WhyNoneAsync(TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            // On the pool, because the SDK looks at some of its sources without letting go of the thread.
            await Task.Run(async () => await (await DefaultAWSCredentialsIdentityResolver.GetCredentialsAsync()).GetCredentialsAsync(), cancellation)
                .WaitAsync(Patience, time, cancellation);
            return null;
        }
        catch (TimeoutException)
        {
            return $"No answer within {Patience.TotalSeconds:0} s from where the conventions point; without keys and profile that is the metadata of the container or instance.";
        }
        catch (Exception refused) when (refused is AmazonClientException or AmazonServiceException or InvalidOperationException or ArgumentException or IOException or HttpRequestException)
        {
            return refused.Message;
        }
    }
}
