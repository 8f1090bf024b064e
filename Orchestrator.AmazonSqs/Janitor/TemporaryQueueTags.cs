using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.AmazonSqs;

/// <summary>
/// What a temporary queue carries so that it can be cleaned up when its owner is gone: SQS queues have no expiry of their own,
/// and a crash leaves them and their subscriptions behind for ever.
/// </summary>
internal static class TemporaryQueueTags
{
    public const string Owner = "orchestrator:owner";
    public const string Created = "orchestrator:created";
    public const string Lease = "orchestrator:lease";
    public const string SubscriptionPrefix = "orchestrator:subscription-";
    private const int MostTags = 50;
    private const int LongestValue = 256;

    private static readonly string OwnerName = $"{Environment.MachineName}/{Environment.ProcessId}/{ProcessStart()}";

    public static Dictionary<string, string> Stamp(IDictionary<string, string> tags, DateTimeOffset now) => new(tags)
    {
        [Owner] = OwnerName,
        [Created] = Text(now),
        [Lease] = Text(now),
    };

    public static Dictionary<string, string> Renewal(DateTimeOffset now) => new() { [Lease] = Text(now) };

    public static Dictionary<string, string> Subscriptions(IEnumerable<string> arns) => arns
        .Where(arn => arn.Length <= LongestValue)
        .Take(MostTags - 10)
        .Select((arn, index) => (arn, index))
        .ToDictionary(entry => SubscriptionPrefix + entry.index.ToString(CultureInfo.InvariantCulture), entry => entry.arn);

    public static DateTimeOffset? Read(IReadOnlyDictionary<string, string> tags, string tag) =>
        tags.TryGetValue(tag, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    private static string Text(DateTimeOffset instant) => instant.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private static long ProcessStart()
    {
        using var process = Process.GetCurrentProcess();
        return new DateTimeOffset(process.StartTime).ToUnixTimeSeconds();
    }
}
