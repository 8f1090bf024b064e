using System.CommandLine;
using System.Globalization;
using Orchestrator.Service.Classify;

namespace Orchestrator.Service.Commands;

/// <summary>Shows what the classifier makes of logs, without queue, database and settings.</summary>
internal static class ClassifyVerb
{
    private const int Missed = 1;
    private const int BrokenTable = 65; // EX_DATAERR
    private const int NoInput = 66; // EX_NOINPUT

    public static Command Create()
    {
        var table = new Argument<string>("LABELS") { Description = "A table of logs, tab-separated: file, exit_code, now_utc, expected_class, scope, retry_after_s" };
        var command = new Command("classify", "Print what each log's end means: class, stated wait in seconds, deciding rule; 1 if any is not as the table expects") { table };
        command.SetAction((arguments, _) => Task.FromResult(Run(arguments.GetValue(table)!, Console.Out, Console.Error)));
        return command;
    }

    internal static int Run(string table, TextWriter output, TextWriter errors)
    {
        if (!File.Exists(table))
        {
            errors.WriteLine($"{table} is no file. Name a table of labelled logs, such as labels.tsv.");
            return NoInput;
        }
        IReadOnlyList<LabelRow> rows;
        try
        {
            rows = LabelTable.Parse(File.ReadAllLines(table));
        }
        catch (FormatException broken)
        {
            errors.WriteLine($"{table}, {broken.Message}");
            return BrokenTable;
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(table))!;
        var verdicts = new List<(LabelRow Row, Classification Found)>();
        foreach (var row in rows)
        {
            try
            {
                verdicts.Add((row, Classifier.Classify(row.ExitCode, Path.Combine(folder, row.File), row.Now ?? TimeProvider.System.GetUtcNow())));
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException) // the last: a NUL in the name
            {
                errors.WriteLine($"{table}, row {row.Row}: {row.File} can't be read: {unreadable.Message.TrimEnd('.')}. Put the log beside the table, or remove the row.");
                return NoInput;
            }
        }

        var width = Math.Max(4, rows.Count == 0 ? 0 : rows.Max(r => r.File.Length));
        output.WriteLine($"{"file".PadRight(width)}  {"class",-22}  {"retry-after",11}  rule");
        foreach (var (row, found) in verdicts)
            output.WriteLine($"{row.File.PadRight(width)}  {Verdict(found),-22}  {Seconds(found),11}  {found.Rule}{(row.MissedBy(found) is { } missed ? $"  MISSED: {missed}" : "")}");

        var expected = verdicts.Where(v => v.Row.ExpectedClass is not null).ToList();
        var right = expected.Count(v => v.Row.MissedBy(v.Found) is null);
        output.WriteLine(expected.Count == 0 ? $"{verdicts.Count} classified" : $"{right} of {expected.Count} as expected");
        return right == expected.Count ? 0 : Missed;
    }

    private static string Verdict(Classification found) => found.Scope is null ? LabelRow.ClassName(found) : $"{LabelRow.ClassName(found)}/{LabelRow.ScopeName(found)}";

    private static string Seconds(Classification found) => found.RetryAfter?.TotalSeconds.ToString(CultureInfo.InvariantCulture) ?? "-";
}
