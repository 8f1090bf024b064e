using System.Globalization;

namespace Orchestrator.Local.Replay;

/// <summary>The settings of a replaying node: the service as it is, arranged so that the incident would happen if anything still allowed it.</summary>
internal static class ReplaySettings
{
    private static readonly string[] LightLanes = ["matching", "diagnostics-recompute", "document-output"];

    public static IReadOnlyDictionary<string, string> Of(int permits, ReplayPace pace, string database, string prefix, string bucket, Uri sqs, Uri s3)
    {
        var settings = new Dictionary<string, string>
        {
            ["Database:ConnectionString"] = database,
            ["Bus:Transport"] = "AmazonSqs",
            ["Bus:ServiceUrl"] = sqs.ToString(),
            ["Bus:Prefix"] = prefix,
            ["Bus:LongPollSeconds"] = "2", // a stop waits for the poll that is under way
            ["Documents:ServiceUrl"] = s3.ToString(),
            ["Documents:Bucket"] = bucket,
            ["Documents:Latency:Min"] = Text(pace.ShortestWork),
            ["Documents:Latency:Max"] = Text(pace.LongestWork),
            ["Documents:Matching:FirstRetry"] = "00:00:01", // orders that are in nobody's list are given up soon
            ["Documents:Matching:MaxAttempts"] = "2",
            ["Work:Permits"] = Text(permits),
            ["Node:Heartbeat"] = "00:00:01",
            ["Node:Lease"] = "00:00:10",
            ["Node:Drain"] = Text(pace.LongestWork + TimeSpan.FromSeconds(5)),
            ["Dispatch:PollInterval"] = "00:00:00.500",
        };
        Lane(ReplayPhase.HeavyLane, pace.Visibility);
        foreach (var lane in LightLanes)
            Lane(lane, TimeSpan.FromSeconds(30));
        return settings;

        void Lane(string name, TimeSpan visibility)
        {
            settings[$"Lanes:{name}:Permits"] = Text(permits);
            settings[$"Lanes:{name}:Prefetch"] = "40"; // more than the file has invoices: the node holds them all
            settings[$"Lanes:{name}:DispatchAhead"] = "100";
            settings[$"Lanes:{name}:Visibility"] = Text(visibility);
            settings[$"Lanes:{name}:MaxReceiveCount"] = "3";
        }
    }

    private static string Text(TimeSpan span) => span.ToString("c", CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
