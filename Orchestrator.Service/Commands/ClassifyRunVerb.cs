using System.CommandLine;
using Orchestrator.Service.Delivery.Runners;

namespace Orchestrator.Service.Commands;

/// <summary>Shows what the runners make of the outputs of suites, without queue, database and settings.</summary>
internal static class ClassifyRunVerb
{
    private const int Missed = 1;
    private const int BrokenTable = 2;

    public static Command Create()
    {
        var table = new Argument<string>("LABELS") { Description = "A table of outputs, tab-separated: file, rc, class" };
        var command = new Command("classify-run", "Print what each run of a suite came to (suite-pass, suite-fail, permanent-env, transient-infra) and the deciding rule; 1 if any is not as the table expects") { table };
        command.SetAction((arguments, _) => Task.FromResult(Run(arguments.GetValue(table)!, Console.Out, Console.Error)));
        return command;
    }

    internal static int Run(string table, TextWriter output, TextWriter errors)
    {
        if (!File.Exists(table))
            return Refuse(errors, $"{table} is no file. Name a table of labelled outputs, such as labels.tsv.");
        var verdicts = new List<(RunLabel Row, RunVerdict Found)>();
        var folder = Path.GetDirectoryName(Path.GetFullPath(table))!;
        try
        {
            foreach (var row in RunLabel.Parse(File.ReadAllLines(table)))
            {
                try
                {
                    verdicts.Add((row, row.Decide(folder)));
                }
                catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
                {
                    return Refuse(errors, $"{table}, row {row.Row}: {row.File} can't be read: {unreadable.Message.TrimEnd('.')}. Put the output beside the table, or remove the row.");
                }
            }
        }
        catch (FormatException broken)
        {
            return Refuse(errors, $"{table}, {broken.Message}");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return Refuse(errors, $"{table} can't be read: {unreadable.Message}");
        }

        var width = Math.Max(4, verdicts.Count == 0 ? 0 : verdicts.Max(v => v.Row.File.Length));
        output.WriteLine($"{"file".PadRight(width)}  {"class",-15}  rule");
        foreach (var (row, found) in verdicts)
            output.WriteLine($"{row.File.PadRight(width)}  {RunClasses.NameOf(found.Class),-15}  {found.Rule}{(IsMissed(row, found) ? $"  MISSED: expected {row.Expected}" : "")}");

        var expected = verdicts.Where(v => v.Row.Expected is not null).ToList();
        var right = expected.Count(v => !IsMissed(v.Row, v.Found));
        output.WriteLine(expected.Count == 0 ? $"{verdicts.Count} classified" : $"{right} of {expected.Count} as expected");
        return right == expected.Count ? 0 : Missed;
    }

    private static bool IsMissed(RunLabel row, RunVerdict found) => row.Expected is not null && row.Expected != RunClasses.NameOf(found.Class);

    private static int Refuse(TextWriter errors, string sentence)
    {
        errors.WriteLine(sentence);
        return BrokenTable;
    }
}
