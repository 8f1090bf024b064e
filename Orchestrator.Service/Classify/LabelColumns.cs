using System.Globalization;

namespace Orchestrator.Service.Classify;

/// <summary>A line of a table of labelled logs: tab-separated, columns by the names in its first line, unknown ones ignored.</summary>
internal sealed class LabelColumns
{
    private readonly IReadOnlyDictionary<string, int> _columns;
    private readonly string[] _cells;

    private LabelColumns(int row, IReadOnlyDictionary<string, int> columns, string[] cells) => (Row, _columns, _cells) = (row, columns, cells);

    /// <summary>Its line in the table, the header being 1.</summary>
    public int Row { get; }

    /// <summary>The lines that hold anything.</summary>
    /// <param name="lines">The table.</param>
    /// <param name="required">Columns that must be there.</param>
    /// <param name="optional">Columns that may be.</param>
    /// <exception cref="FormatException">A required column is missing; says what to do.</exception>
    public static IEnumerable<LabelColumns> Read(IReadOnlyList<string> lines, IReadOnlyList<string> required, IReadOnlyList<string> optional)
    {
        var header = lines.Count == 0 ? [] : lines[0].TrimStart('\uFEFF').TrimEnd('\r').Split('\t');
        var columns = header.Select((name, at) => (Name: name.Trim(), At: at)).DistinctBy(c => c.Name, StringComparer.OrdinalIgnoreCase).ToDictionary(c => c.Name, c => c.At, StringComparer.OrdinalIgnoreCase);
        if (required.FirstOrDefault(name => !columns.ContainsKey(name)) is { } missing)
            throw new FormatException($"row 1: there is no column named {missing}. The first line names the columns, with tabs between them: {string.Join(", ", required)}, and optionally {string.Join(", ", optional)}.");
        return lines.Skip(1).Select((line, at) => new LabelColumns(at + 2, columns, line.TrimEnd('\r').Split('\t'))).Where(line => !line._cells.All(string.IsNullOrWhiteSpace));
    }

    /// <summary>The cell's text; null if it is empty or its column absent.</summary>
    public string? Cell(string name) => _columns.TryGetValue(name, out var column) && column < _cells.Length && _cells[column].Trim() is { Length: > 0 } text ? text : null;

    /// <exception cref="FormatException">It is empty.</exception>
    public string File => Cell("file") ?? throw new FormatException($"row {Row}: file is empty. Name a log, relative to the table's folder.");

    /// <exception cref="FormatException">It is no whole number.</exception>
    public int? ExitCode(string name) =>
        Cell(name) is not { } exit ? null : int.TryParse(exit, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var code) ? code
        : throw new FormatException($"row {Row}: {name} is \"{exit}\". Write a whole number, or leave it empty if nobody saw the end.");

    /// <exception cref="FormatException">It is none of the known ones.</exception>
    public string? OneOf(string name, IReadOnlyList<string> known) =>
        Cell(name) is not { } value || known.Contains(value) ? Cell(name) : throw new FormatException($"row {Row}: {name} is \"{value}\". Write one of {string.Join(", ", known)}, or leave it empty.");
}
