using System.Globalization;
using Amazon.Runtime;

namespace Orchestrator.AmazonSqs;

/// <summary>Looks at the queues that messages are put into because no consumer could handle or take them: _dlq, _error and _skipped.</summary>
public sealed class DeadLetterQueues : IDisposable
{
    private static readonly string[] Suffixes = ["_dlq", "_error", "_skipped"];
    private readonly SqsClient _sqs;

    /// <param name="host">The region and credentials, as the bus has them.</param>
    /// <param name="requests">Counts the requests of the looks.</param>
    public DeadLetterQueues(AmazonSqsHostSettings host, RequestCounter? requests = null)
    {
        (_sqs, var sns) = host.CreateClients(requests ?? new RequestCounter());
        sns.Dispose();
    }

    /// <summary>
    /// Messages by the names of those queues that begin with <paramref name="namePrefix"/>, also of empty ones. SQS's own count: approximate, and about a minute old.
    /// One list of a thousand queues and one request for each that counts.
    /// </summary>
    /// <exception cref="AmazonServiceException">SQS refuses or does not answer.</exception>
    public async Task<IReadOnlyDictionary<string, long>> LookAsync(string namePrefix, CancellationToken cancellationToken = default)
    {
        var messages = new Dictionary<string, long>(StringComparer.Ordinal);
        string? page = null;
        do
        {
            var found = await _sqs.ListQueues(new ListQueuesRequest { QueueNamePrefix = namePrefix, NextToken = page }, cancellationToken);
            foreach (var url in found.QueueUrls ?? [])
            {
                var name = new Uri(url).Segments[^1];
                if (IsOne(name) && await CountAsync(url, cancellationToken) is { } count)
                    messages[name] = count;
            }

            page = string.IsNullOrEmpty(found.NextToken) ? null : found.NextToken;
        }
        while (page is not null);
        return messages;
    }

    public void Dispose() => _sqs.Dispose();

    internal static bool IsOne(string name)
    {
        var plain = EntityNames.IsFifo(name) ? name[..^".fifo".Length] : name;
        return Suffixes.Any(suffix => plain.EndsWith(suffix, StringComparison.Ordinal));
    }

    // A queue may go between the list and this; in flight counts, because somebody looks at it.
    private async Task<long?> CountAsync(string url, CancellationToken ct)
    {
        try
        {
            var attributes = (await _sqs.GetQueueAttributes(url, ct)).Attributes ?? [];
            return Number(attributes, "ApproximateNumberOfMessages") + Number(attributes, "ApproximateNumberOfMessagesNotVisible");
        }
        catch (Exception exception) when (SqsError.IsQueueMissing(exception))
        {
            return null;
        }
    }

    private static long Number(Dictionary<string, string> attributes, string name) =>
        long.TryParse(attributes.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
