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
    public static IReadOnlyList<LabelRow> Parse(IReadOnlyList<string> lines) =>
    [
        .. LabelColumns.Read(lines, ["file"], ["exit_code", "now_utc", "expected_class", "scope", "retry_after_s"]).Select(line => new LabelRow(
            line.Row,
            line.File,
            line.ExitCode("exit_code"),
            line.Cell("now_utc") is not { } now ? null : DateTimeOffset.TryParse(now, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time
                : throw new FormatException($"row {line.Row}: now_utc is \"{now}\". Write a time such as 2026-05-12T04:30:00Z, or leave it empty for the present."),
            line.OneOf("expected_class", Classes),
            line.OneOf("scope", Scopes),
            line.Cell("retry_after_s") is not { } retry ? null : double.TryParse(retry, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) ? seconds
                : throw new FormatException($"row {line.Row}: retry_after_s is \"{retry}\". Write seconds, or leave it empty where the log states none."))),
    ];
}
