using Amazon.Runtime;
using Microsoft.Extensions.Logging;

namespace Orchestrator.AmazonSqs;

/// <summary>
/// Removes temporary queues whose owner died: SQS keeps them, and their subscriptions keep filling them, for ever. Schedule
/// <see cref="Sweep"/> a few times a day; a sweep that finds nothing says nothing.
/// </summary>
public sealed class TemporaryQueueJanitor : IDisposable
{
    /// <summary>How often a live owner renews the lease of its temporary queue.</summary>
    public static readonly TimeSpan RenewEvery = TimeSpan.FromMinutes(10);

    /// <summary>The least age of a lease that counts as stale: nine renewals missed.</summary>
    public static readonly TimeSpan LeastAge = TimeSpan.FromMinutes(90);

    private readonly SqsClient _sqs;
    private readonly SnsClient _sns;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    /// <param name="host">The region and credentials, as the bus has them.</param>
    /// <param name="requests">Counts the requests of the sweeps.</param>
    public TemporaryQueueJanitor(AmazonSqsHostSettings host, TimeProvider time, ILogger<TemporaryQueueJanitor> log, RequestCounter? requests = null)
    {
        (_time, _log) = (time, log);
        (_sqs, _sns) = host.CreateClients(requests ?? new RequestCounter());
    }

    /// <summary>
    /// Looks at the queues whose name begins with <paramref name="namePrefix"/> and removes those that carry the tags of a temporary
    /// queue and whose lease is older than <paramref name="staleAfter"/> (90 minutes or more). A queue without the tags, or with a
    /// live lease, is never touched.
    /// </summary>
    /// <returns>The names of the queues removed.</returns>
    public async Task<IReadOnlyList<string>> Sweep(string namePrefix, TimeSpan? staleAfter = null, CancellationToken cancellationToken = default)
    {
        var age = staleAfter ?? LeastAge;
        if (age < LeastAge)
            throw new ArgumentOutOfRangeException(nameof(staleAfter), age, $"A lease is renewed each {RenewEvery}; {LeastAge} or more tells a dead owner from a slow one.");
        var removed = new List<string>();
        string? page = null;
        do
        {
            var found = await _sqs.ListQueues(new ListQueuesRequest { QueueNamePrefix = namePrefix, NextToken = page }, cancellationToken);
            foreach (var url in found.QueueUrls ?? [])
            {
                if (await Removed(url, age, cancellationToken))
                    removed.Add(new Uri(url).Segments[^1]);
            }
            page = string.IsNullOrEmpty(found.NextToken) ? null : found.NextToken;
        }
        while (page is not null);
        return removed;
    }

    public void Dispose()
    {
        _sqs.Dispose();
        _sns.Dispose();
    }

    /// <summary>What to do about a queue with these tags.</summary>
    internal static bool IsStale(IReadOnlyDictionary<string, string> tags, DateTimeOffset now, TimeSpan staleAfter)
    {
        if (!tags.ContainsKey(TemporaryQueueTags.Owner))
            return false;
        var alive = TemporaryQueueTags.Read(tags, TemporaryQueueTags.Lease) ?? TemporaryQueueTags.Read(tags, TemporaryQueueTags.Created);
        return alive is { } seen && now - seen > staleAfter;
    }

    /// <summary>One queue's failure never ends a sweep: the next sweep sees it again.</summary>
    private async Task<bool> Removed(string url, TimeSpan staleAfter, CancellationToken ct)
    {
        try
        {
            var tags = await _sqs.ListQueueTags(url, ct);
            if (!IsStale(tags, _time.GetUtcNow(), staleAfter))
                return false;
            // Subscriptions first: a crash in between leaves the queue, and with it the tags that name what is left to do.
            foreach (var (_, arn) in tags.Where(tag => tag.Key.StartsWith(TemporaryQueueTags.SubscriptionPrefix, StringComparison.Ordinal)))
                await Unsubscribe(arn, ct);
            await _sqs.DeleteQueue(url, ct);
            JanitorLog.Removed(_log, url, tags[TemporaryQueueTags.Owner]);
            return true;
        }
        catch (Exception exception) when (exception is AmazonServiceException or HttpRequestException)
        {
            JanitorLog.NotRemoved(_log, exception, url);
            return false;
        }
    }

    private async Task Unsubscribe(string arn, CancellationToken ct)
    {
        try
        {
            await _sns.Unsubscribe(arn, ct);
        }
        catch (Exception exception) when (SqsError.IsTopicMissing(exception))
        {
            // Gone already, for example with its topic.
        }
    }
}
