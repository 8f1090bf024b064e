namespace Orchestrator.Service.Documents.Reading.Text;

/// <summary>A stretch of a line where a label's value may stand, and how likely it stands there.</summary>
internal readonly record struct Place(TextLine Line, int Start, int End, double Likelihood)
{
    public string Text => Line.Text[Start..End];

    public string Folded => Line.Folded[Start..End];
}

/// <summary>Where a label's value may stand: beside it, in the row below it as under the head of a table, or alone on the next line.</summary>
internal static class Surroundings
{
    private const double Beside = 1.0;
    private const double AcrossGap = 0.95;
    private const double Under = 0.85;
    private const double NextLine = 0.55;
    private const int RowsDown = 4;

    private static readonly string[] Joints = ["", "/", "&", "+", "und", "and", "et", "en", "y", "e", "-", "/-", "(", "|"];

    public static IEnumerable<Place> Of(TextLayout layout, int index, Label label)
    {
        var line = layout.Lines[index];
        if (BesideOf(line, label) is { } beside)
        {
            yield return beside;
        }

        foreach (var place in UnderOf(layout, index, label))
        {
            yield return place;
        }
    }

    /// <summary>The rest of the line up to the next label. Labels joined by a slash share what follows the last of them.</summary>
    private static Place? BesideOf(TextLine line, Label label)
    {
        var start = label.End;
        foreach (var next in line.Labels.Where(other => other.Start >= label.End))
        {
            var between = line.Folded[start..next.Start].Trim(' ', ':', '.');
            if (!Joints.Contains(between) || line.Folded[start..next.Start].Contains("  ", StringComparison.Ordinal))
            {
                return Filled(line, start, next.Start);
            }

            start = next.End;
        }

        return Filled(line, start, line.Text.Length);
    }

    private static Place? Filled(TextLine line, int start, int end)
    {
        while (start < end && (char.IsPunctuation(line.Text[start]) && line.Text[start] is not ('-' or '(') || line.Text[start] is ' ' or '=' or '|' or '>' or 'º' or '°'))
        {
            start++;
        }

        if (start >= end || string.IsNullOrWhiteSpace(line.Text[start..end]))
        {
            return null;
        }

        var gap = start > 1 && line.Text[start - 1] == ' ' && line.Text[start - 2] == ' ';
        return new Place(line, start, end, gap ? AcrossGap : Beside);
    }

    private static IEnumerable<Place> UnderOf(TextLayout layout, int index, Label label)
    {
        var head = layout.Lines[index];
        var cell = head.CellAt(label.Start);
        foreach (var line in layout.Below(index, RowsDown))
        {
            foreach (var below in line.Cells.Where(below => below.Start < Math.Max(cell.End, label.End) + 1 && below.End > label.Start - 1))
            {
                // Another label in the column: what follows belongs to that one.
                if (line.Labels.Any(other => other.Start == below.Start && other.Kind is not LabelKind.Title))
                {
                    yield break;
                }

                yield return new Place(line, below.Start, below.End, Under);
            }

            if (line.Cells.Count(right => right.Start > label.End) == 1 && line.Cells[^1] is var last && !line.Labels.Any(other => other.Start >= last.Start))
            {
                yield return new Place(line, last.Start, last.End, NextLine);
            }
        }
    }
}
