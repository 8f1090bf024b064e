using System.Globalization;

namespace Orchestrator.Local.Replay;

/// <summary>Prints runs side by side, and the verdict on the first.</summary>
internal static class ReplayReport
{
    private const int Column = 34;

    public static void Print(TextWriter output, IReadOnlyList<ReplayRun> runs, IReadOnlyList<Condition> conditions)
    {
        output.WriteLine();
        Row("permits", run => Number(run.Permits));
        Row("took", run => Seconds(run.Took));
        Row("children's jobs by state", run => Counts(run.Children.Select(child => child.Job?.State ?? "no job")));
        Row("children by status", run => Counts(run.Children.Select(child => child.Status)));
        Row("peak permits in use", run => Number(run.LanePermits.Peak));
        Row("messages held at once", run => Number(run.Deliveries.MostHeld));
        Row("visibility timeout", run => Seconds(run.Pace.Visibility));
        Row("longest wait for a permit", run => Seconds(run.LanePermits.LongestWait));
        Row("messages by receive count", run => string.Join(", ", run.Deliveries.ByReceiveCount.Select(count => $"{count.Value} x {count.Key}")));
        Row("dead letters", run => Number(run.DeadLetters.Values.Sum()));
        Row("heap limit", run => Size(run.Memory.HeapLimit));
        Row("peak used heap", run => Size(run.Memory.HeapPeak));
        Row("heap after GC", run => Size(run.Memory.HeapAfterGc));
        Row("tools' memory, summed peak", run => Size(run.Memory.ToolsPeak));
        output.WriteLine();
        output.WriteLine($"Requests per message ({string.Join(" and ", runs.Select(run => $"{run.Messages} messages"))}, empty polls included)");
        foreach (var action in runs.SelectMany(run => run.Requests.Keys).Distinct().Order(StringComparer.Ordinal))
            Row(action, run => run.Requests.TryGetValue(action, out var count) ? string.Create(CultureInfo.InvariantCulture, $"{(double)count / run.Messages:F2} ({count})") : "-");
        if (runs[0].Children.Where(child => child is { Status: "failed", Reason: not null }).ToList() is { Count: > 0 } failed)
        {
            output.WriteLine();
            foreach (var child in failed)
                output.WriteLine($"Not read: {(child.Pages is { } pages ? $"pages {pages}" : "the file")}: {child.Reason}");
        }
        output.WriteLine();
        output.WriteLine($"With {runs[0].Permits} permits:");
        foreach (var condition in conditions)
            output.WriteLine(condition);

        void Row(string name, Func<ReplayRun, string> value) =>
            output.WriteLine($"{name,-30}{string.Concat(runs.Select(run => value(run).PadRight(Column)))}".TrimEnd());
    }

    private static string Counts(IEnumerable<string> values) =>
        string.Join(", ", values.GroupBy(value => value, StringComparer.Ordinal).OrderByDescending(group => group.Count()).Select(group => $"{group.Count()} {group.Key}"));

    private static string Seconds(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:F1} s");

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F0} MiB");

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
