using System.Text;

namespace Orchestrator.Service.Documents.Reading.Text;

/// <summary>A run of words on a line, ended by a gap of two blanks or more.</summary>
internal readonly record struct Cell(int Start, int End);

/// <summary>One printed line: its text as laid out, the same text folded, its cells and the labels in it.</summary>
internal sealed class TextLine
{
    public TextLine(int page, int row, int index, string text)
    {
        Index = index;
        Page = page;
        Row = row;
        Text = text;
        Folded = Folding.Fold(text);
        Cells = [.. Split(text)];
        Labels = LabelFinder.Find(Folded);
    }

    public int Page { get; }

    /// <summary>The line's place among all that are not blank.</summary>
    public int Index { get; }

    /// <summary>The line's place on its page, blank lines counted.</summary>
    public int Row { get; }

    public string Text { get; }

    public string Folded { get; }

    public IReadOnlyList<Cell> Cells { get; }

    public IReadOnlyList<Label> Labels { get; }

    /// <summary>The cell that holds a position.</summary>
    public Cell CellAt(int position) => Cells.FirstOrDefault(cell => cell.Start <= position && position < cell.End);

    public string In(Cell cell) => Text[cell.Start..cell.End];

    private static IEnumerable<Cell> Split(string text)
    {
        var start = -1;
        for (var at = 0; at <= text.Length; at++)
        {
            var blank = at == text.Length || text[at] == ' ';
            if (!blank && start < 0)
            {
                start = at;
            }
            else if (blank && start >= 0 && (at + 1 >= text.Length || text[at + 1] == ' '))
            {
                yield return new Cell(start, at);
                start = -1;
            }
        }
    }
}

/// <summary>The printed lines of a document, without the blank ones.</summary>
internal sealed class TextLayout
{
    private const int LongestLine = 1000;
    private const int MostLines = 30_000;

    private TextLayout(IReadOnlyList<TextLine> lines) => Lines = lines;

    public IReadOnlyList<TextLine> Lines { get; }

    /// <summary>The layout of some pages, each given as its text.</summary>
    public static TextLayout Of(IReadOnlyList<string> pages)
    {
        var lines = new List<TextLine>();
        for (var page = 0; page < pages.Count; page++)
        {
            var rows = pages[page].Split('\n');
            for (var row = 0; row < rows.Length && lines.Count < MostLines; row++)
            {
                if (Clean(rows[row]) is { Length: > 0 } text)
                {
                    lines.Add(new TextLine(page + 1, row, lines.Count, text));
                }
            }
        }

        return new TextLayout(lines);
    }

    /// <summary>The lines after one on the same page, as far as a number of rows down.</summary>
    public IEnumerable<TextLine> Below(int index, int rows)
    {
        var from = Lines[index];
        for (var next = index + 1; next < Lines.Count; next++)
        {
            var line = Lines[next];
            if (line.Page != from.Page || line.Row - from.Row > rows)
            {
                yield break;
            }

            yield return line;
        }
    }

    /// <summary>The lines before one on the same page, nearest first, as far as a number of rows up.</summary>
    public IEnumerable<TextLine> Above(TextLine line, int rows)
    {
        for (var above = line.Index - 1; above >= 0 && Lines[above].Page == line.Page && line.Row - Lines[above].Row <= rows; above--)
        {
            yield return Lines[above];
        }
    }

    /// <summary>Blanks of every width become plain ones, what can't be printed goes.</summary>
    private static string Clean(string row)
    {
        var text = new StringBuilder(Math.Min(row.Length, LongestLine));
        foreach (var c in row.AsSpan(0, Math.Min(row.Length, LongestLine)))
        {
            if (c is '\t' or '\u00A0' or '\u202F' or '\u2007' or '\u2009')
            {
                text.Append(' ');
            }
            else if (!char.IsControl(c) && c is not ('\uFEFF' or '\u00AD' or '\u200B'))
            {
                text.Append(c);
            }
        }

        return text.ToString().TrimEnd();
    }
}
