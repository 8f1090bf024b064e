using System.Globalization;

namespace Orchestrator.Service.Classify;

/// <summary>A log to be classified, and what is expected of it where the table says so.</summary>
/// <param name="Row">Its line in the table, the header being 1.</param>
/// <param name="File">As the table names it.</param>
/// <param name="ExitCode">Null where the table leaves it empty.</param>
/// <param name="Now">Null where the table leaves it empty.</param>
/// <param name="ExpectedClass">As printed, or null.</param>
/// <param name="ExpectedScope">As printed, or null.</param>
/// <param name="ExpectedRetry">Seconds; null where none is stated.</param>
internal sealed record LabelRow(int Row, string File, int? ExitCode, DateTimeOffset? Now, string? ExpectedClass, string? ExpectedScope, double? ExpectedRetry)
{
    private const double Tolerance = 1;
    private static readonly TimeSpan ShortestDefault = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestDefault = TimeSpan.FromMinutes(30);

    /// <summary>What was expected instead; null if all is as expected.</summary>
    public string? MissedBy(Classification found)
    {
        if (ExpectedClass is null)
            return null;
        var asExpected = ExpectedClass == ClassName(found)
            && (ExpectedScope is null || ExpectedScope == ScopeName(found))
            && (ExpectedRetry is { } seconds
                ? found.RetryAfter is { } wait && Math.Abs(wait.TotalSeconds - seconds) <= Tolerance
                : found.RetryAfter is null || (found.RetryAfter >= ShortestDefault && found.RetryAfter <= LongestDefault));
        return asExpected ? null
            : $"expected {ExpectedClass}{(ExpectedScope is null ? "" : "/" + ExpectedScope)}, {(ExpectedRetry is { } s ? s.ToString(CultureInfo.InvariantCulture) + " s" : "no stated wait")}";
    }

    public static string ClassName(Classification found) => found.Class switch
    {
        OutcomeClass.Success => "success",
        OutcomeClass.RateLimited => "rate-limited",
        OutcomeClass.Transient => "transient",
        _ => "permanent",
    };

    public static string ScopeName(Classification found) => found.Scope switch
    {
        FailureScope.Work => "work",
        FailureScope.Environment => "environment",
        FailureScope.Account => "account",
        _ => "",
    };
}

/// <summary>Reads a table of labelled logs: tab-separated, columns by the names in its first line, unknown ones ignored.</summary>
internal static class LabelTable
{
    private static readonly string[] Classes = ["success", "rate-limited", "transient", "permanent"];
    private static readonly string[] Scopes = ["work", "environment", "account"];

    /// <exception cref="FormatException">A line, what is wrong with it, and the remedy.</exception>
    public static IReadOnlyList<LabelRow> Parse(IReadOnlyList<string> lines)
    {
        var header = lines.Count == 0 ? [] : lines[0].TrimStart('\uFEFF').TrimEnd('\r').Split('\t');
        var columns = header.Select((name, at) => (Name: name.Trim(), At: at)).DistinctBy(c => c.Name, StringComparer.OrdinalIgnoreCase).ToDictionary(c => c.Name, c => c.At, StringComparer.OrdinalIgnoreCase);
        if (!columns.ContainsKey("file"))
            throw new FormatException("row 1: there is no column named file. The first line names the columns, with tabs between them: file, and optionally exit_code, now_utc, expected_class, scope, retry_after_s.");
        var rows = new List<LabelRow>();
        for (var at = 1; at < lines.Count; at++)
        {
            var cells = lines[at].TrimEnd('\r').Split('\t');
            string? Cell(string name) => columns.TryGetValue(name, out var column) && column < cells.Length && cells[column].Trim() is { Length: > 0 } text ? text : null;
            if (cells.All(string.IsNullOrWhiteSpace))
                continue;
            var row = at + 1;
            rows.Add(new LabelRow(
                row,
                Cell("file") ?? throw new FormatException($"row {row}: file is empty. Name a log, relative to the table's folder."),
                Cell("exit_code") is not { } exit ? null : int.TryParse(exit, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var code) ? code
                    : throw new FormatException($"row {row}: exit_code is \"{exit}\". Write a whole number, or leave it empty if nobody saw the end."),
                Cell("now_utc") is not { } now ? null : DateTimeOffset.TryParse(now, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time
                    : throw new FormatException($"row {row}: now_utc is \"{now}\". Write a time such as 2026-05-12T04:30:00Z, or leave it empty for the present."),
                OneOf(Cell("expected_class"), Classes, row, "expected_class"),
                OneOf(Cell("scope"), Scopes, row, "scope"),
                Cell("retry_after_s") is not { } retry ? null : double.TryParse(retry, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) ? seconds
                    : throw new FormatException($"row {row}: retry_after_s is \"{retry}\". Write seconds, or leave it empty where the log states none.")));
        }
        return rows;
    }

    private static string? OneOf(string? value, string[] known, int row, string column) =>
        value is null || known.Contains(value) ? value : throw new FormatException($"row {row}: {column} is \"{value}\". Write one of {string.Join(", ", known)}, or leave it empty.");
}
