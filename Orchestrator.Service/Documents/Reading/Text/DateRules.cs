namespace Orchestrator.Service.Documents.Reading.Text;

/// <summary>What the dates of a document mean: when it was issued and when it is due.</summary>
internal static class DateRules
{
    private const double Labelled = 10;
    private const double AfterNumber = 9;
    private const double SomeDate = 6;
    private const double PlaceAndDate = 5;
    private const double InHeading = 3;
    private const double OnlyOne = 2;
    private const int HeadingRows = 25;
    private const int DeepInSentence = 20;

    /// <summary>What stands between a place's name and the date, or alone before the date.</summary>
    private static readonly string[] Places = [", den", ", am", ", le", ", el", ", li", ", the", ","];
    private static readonly string[] Articles = ["den", "le", "am", "el", "li"];

    /// <summary>The candidates for the date of issue, the best first.</summary>
    public static IReadOnlyList<ScoredValue<DateOnly>> IssueDates(TextLayout layout, DateOrder order) =>
        Candidates(layout, LabelKind.IssueDate, order)
            .Concat(Candidates(layout, LabelKind.AnyDate, order))
            .Concat(Unlabelled(layout, order))
            .OrderByDescending(candidate => candidate.Score)
            .ToList();

    /// <summary>The candidates for the day when payment is due, the best first.</summary>
    public static IReadOnlyList<ScoredValue<DateOnly>> DueDates(TextLayout layout, DateOrder order) =>
        [.. Candidates(layout, LabelKind.DueDate, order).OrderByDescending(candidate => candidate.Score)];

    /// <summary>The best date; null where two say different things with equal right, or none was found.</summary>
    public static Field<DateOnly>? Decide(IReadOnlyList<ScoredValue<DateOnly>> candidates)
    {
        if (candidates.Count == 0)
        {
            return null;
        }

        var best = candidates[0];
        var rival = candidates.FirstOrDefault(other => other.Value != best.Value);
        return rival is not null && rival.Score > best.Score - 0.01 && best.Score < Labelled * 0.8
            ? null
            : best.ToField(best.Score >= Labelled * 0.8 ? 0.95 : best.Score >= SomeDate * 0.8 ? 0.85 : 0.6);
    }

    private static IEnumerable<ScoredValue<DateOnly>> Candidates(TextLayout layout, LabelKind kind, DateOrder order)
    {
        for (var index = 0; index < layout.Lines.Count; index++)
        {
            var line = layout.Lines[index];
            foreach (var label in line.Labels.Where(label => label.Kind == kind))
            {
                if (kind is LabelKind.AnyDate && !IsHead(line, label))
                {
                    continue;
                }

                // Deep in a sentence a label is only a word.
                var isDeep = label.Start - line.CellAt(label.Start).Start > DeepInSentence;
                var weight = kind is LabelKind.AnyDate ? SomeDate : isDeep ? Labelled * 0.75 : Labelled;
                var candidate = Surroundings.Of(layout, index, label)
                    .Select(place => First(place, order, weight))
                    .FirstOrDefault(found => found is not null);
                if (candidate is not null)
                {
                    yield return candidate;
                }
            }
        }
    }

    /// <summary>"Date" within a sentence or a column of lines says nothing; at the head of a cell it does.</summary>
    private static bool IsHead(TextLine line, Label label)
    {
        var cell = line.CellAt(label.Start);
        return line.Folded[cell.Start..label.Start].Trim().Length == 0
            || line.Labels.Any(other => other.End <= label.Start && other.Start >= cell.Start && other.Kind is LabelKind.Number or LabelKind.Title or LabelKind.AnyNumber);
    }

    private static ScoredValue<DateOnly>? First(Place place, DateOrder order, double weight)
    {
        foreach (var date in PrintedDate.Find(place.Folded))
        {
            // What stands far behind its label belongs to a sentence, not to the label.
            if (date.Start < 40 + (place.Likelihood < 0.95 ? 0 : 60) && date.In(order) is { } value)
            {
                return new ScoredValue<DateOnly>(value, date.Raw.Trim(), weight * place.Likelihood, place.Line.Page);
            }

            break;
        }

        return null;
    }

    /// <summary>Dates beside the document's number or title, after a place's name, or alone in the heading.</summary>
    private static IEnumerable<ScoredValue<DateOnly>> Unlabelled(TextLayout layout, DateOrder order)
    {
        var all = layout.Lines.SelectMany(line => PrintedDate.Find(line.Folded).Select(date => (Line: line, Date: date))).ToList();
        var values = all.Select(entry => entry.Date.In(order)).OfType<DateOnly>().Distinct().ToList();
        foreach (var (line, date) in all)
        {
            if (date.In(order) is not { } value)
            {
                continue;
            }

            var before = line.Labels.Where(label => label.End <= date.Start).ToList();
            var nearest = before.Count > 0 ? before[^1].Kind : (LabelKind?)null;
            var isHeading = line.Page == layout.Lines[0].Page && line.Row <= HeadingRows;
            var named = before.Any(label => label.Kind is LabelKind.Number || label.Kind is LabelKind.Title && line.CellAt(label.Start).Start == label.Start);
            var bound = before.Any(label => label.Kind is LabelKind.DueDate or LabelKind.PurchaseOrder or LabelKind.PrecedingInvoice or LabelKind.Prepaid
                || label.Kind is LabelKind.OtherDate && label.End - label.Start > 4);
            var cell = line.CellAt(date.Start);
            var alone = line.Folded[cell.Start..date.Start].Trim();
            double? score =
                named && !bound ? AfterNumber - (nearest is LabelKind.Number or LabelKind.Title ? 0 : 0.5)
                : bound || nearest is LabelKind.DueDate or LabelKind.OtherDate && alone.Length > 0 ? null
                : isHeading && (Articles.Contains(alone) || Places.Any(place => alone.EndsWith(place, StringComparison.Ordinal))) ? PlaceAndDate
                : isHeading && alone.Length == 0 && cell.End - date.End <= 1 && !HasHead(layout, line, cell) ? InHeading
                : values.Count == 1 && nearest is null ? OnlyOne
                : null;
            if (score is { } points)
            {
                yield return new ScoredValue<DateOnly>(value, date.Raw.Trim(), points, line.Page);
            }
        }
    }

    /// <summary>Whether a label stands above a cell, as in a table, which then says what the cell is.</summary>
    private static bool HasHead(TextLayout layout, TextLine line, Cell cell)
    {
        foreach (var above in layout.Above(line, 3))
        {
            if (above.Labels.Any(label => label.Start < cell.End && label.End > cell.Start && label.Kind is LabelKind.DueDate or LabelKind.OtherDate or LabelKind.IssueDate or LabelKind.AnyDate))
            {
                return true;
            }
        }

        return false;
    }
}
