using System.Globalization;

namespace Orchestrator.Local.Replay;

/// <summary>Judges a run: everything that the incident broke must hold, and the run must really have tested it.</summary>
public static class ReplayConditions
{
    /// <param name="run">What happened.</param>
    /// <param name="map">What the file holds; null if nobody wrote it down.</param>
    /// <param name="extracted">What the same extractors read from the file outside of the service.</param>
    public static IReadOnlyList<Condition> Judge(ReplayRun run, InvoiceMap? map, IReadOnlyList<MappedInvoice> extracted)
    {
        var children = run.Children.Count;
        // A person's own file may hold too few invoices to fill the permits for long enough, and a person may ask for as many permits as invoices.
        var fitsIncident = (map?.Documents.Count ?? children) / run.Permits * run.Pace.ShortestWork > run.Pace.Visibility;
        Condition OfIncident(string sentence, bool holds, string seen) =>
            fitsIncident ? new(sentence, Of(holds), seen) : new(sentence, Verdict.NotChecked, $"{seen}; the file has too few invoices for {run.Permits} permits to bring the incident about");

        var failed = run.Children.Count(child => child.Job?.State != "Succeeded");
        return
        [
            new("nothing is in any dead-letter queue", Of(run.DeadLetters.Count == 0),
                run.DeadLetters.Count == 0 ? "all are empty" : string.Join(", ", run.DeadLetters.Select(queue => $"{queue.Key}: {queue.Value}"))),
            new("every child's job succeeded", Of(failed == 0 && children == (map?.Documents.Count ?? children)), $"{children - failed} of {map?.Documents.Count ?? children}"),
            new("the parent's job succeeded", Of(run.Parent?.State == "Succeeded"), run.Parent is { } parent ? $"{parent.State} {parent.Reason}".TrimEnd() : "there is none"),
            OfIncident($"the heavy step ran {run.Permits} at once, never more", run.LanePermits.Peak == run.Permits && run.ProcessPermits.Peak <= run.Permits,
                $"peak {run.LanePermits.Peak}, process {run.ProcessPermits.Peak}"),
            new("every message was received once", Of(run.Deliveries.ByReceiveCount.Keys.All(count => count == 1) && run.Deliveries.ByReceiveCount.Values.Sum() == Messages(run)),
                string.Join(", ", run.Deliveries.ByReceiveCount.Select(count => $"{count.Value} x {count.Key}"))),
            OfIncident("all children were held by the process at once", run.Deliveries.MostHeld >= children, $"{run.Deliveries.MostHeld}"),
            OfIncident("the longest wait for a permit outlasted the visibility timeout", run.LanePermits.LongestWait > run.Pace.Visibility,
                string.Create(CultureInfo.InvariantCulture, $"{run.LanePermits.LongestWait.TotalSeconds:F1} s against {run.Pace.Visibility.TotalSeconds:F0} s")),
            Ranges(run, map),
            Fields(run, map, extracted),
        ];
    }

    /// <summary>One wake-up for the file and one for each child; a file that was not split has itself only.</summary>
    private static int Messages(ReplayRun run) => run.Children is [{ Pages: null }] ? 1 : run.Children.Count + 1;

    private static Condition Ranges(ReplayRun run, InvoiceMap? map)
    {
        const string Sentence = "the page ranges are right";
        if (map is null)
            return new(Sentence, Verdict.NotChecked, "the file has no map beside it");
        var expected = map.Documents.Select(document => document.Pages).ToList();
        var found = run.Children.Select(child => child.Pages).ToList();
        var right = expected.Intersect(found).Count();
        return new(Sentence, Of(expected.SequenceEqual(found)), right == expected.Count
            ? $"{right} of {expected.Count}"
            : $"{right} of {expected.Count}; not found: {string.Join(", ", expected.Except(found))}; wrong: {string.Join(", ", found.Except(expected))}");
    }

    private static Condition Fields(ReplayRun run, InvoiceMap? map, IReadOnlyList<MappedInvoice> extracted)
    {
        const string Sentence = "the minimum fields are right";
        if (map is null)
            return new(Sentence, Verdict.NotChecked, "the file has no map beside it");
        var asMapped = 0;
        var asExtracted = 0;
        var wrong = new List<string>();
        foreach (var expected in map.Documents)
        {
            var found = run.Children.FirstOrDefault(child => child.Pages == expected.Pages)?.Fields;
            if (found is null)
                wrong.Add($"pages {expected.Pages}: no document");
            else if (found == expected.Fields)
                asMapped++;
            else if (extracted.FirstOrDefault(reading => reading.Pages == expected.Pages)?.Fields == found)
                asExtracted++;
            else
                wrong.Add($"pages {expected.Pages}: {string.Join(", ", found.DifferencesFrom(expected.Fields))}");
        }
        var seen = $"{asMapped} of {map.Documents.Count} as a person reads them" + (asExtracted > 0 ? $", {asExtracted} as far as their text gives them" : "");
        return new(Sentence, Of(wrong.Count == 0), wrong.Count == 0 ? seen : $"{seen}; wrong: {string.Join("; ", wrong)}");
    }

    private static Verdict Of(bool holds) => holds ? Verdict.Holds : Verdict.Broken;
}
