using Orchestrator.Service.Commands;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Classify;

/// <summary><c>./orchestrator classify LABELS</c>.</summary>
[Trait("Requirement", "RES-2")]
public sealed class ClassifyVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    internal static Task<CommandResult> RunAsync(params string[] arguments) =>
        Infrastructure.Command.RunAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "Orchestrator.Service.dll"), .. arguments]);

    [Fact]
    public void A_table_that_expects_nothing_is_printed()
    {
        Log("a.log", "You've hit your limit · resets 11am (UTC)\n");
        Log("longer name.log", "error: unknown option '--x'\n");

        var end = Run("file\texit_code\tnow_utc", "a.log\t1\t2026-03-04T10:00:00Z", "longer name.log\t1\t2026-03-04T10:00:00Z", "");

        Assert.Equal(
            (0, """
            file             class                   retry-after  rule
            a.log            rate-limited                   3600  usage-limit
            longer name.log  permanent/environment             -  usage
            2 classified

            """, ""), end);
    }

    [Theory]
    [InlineData("rate-limited\t3600\t", 0, "1 of 1 as expected")]
    [InlineData("rate-limited\t3601\t", 0, "1 of 1 as expected")]
    [InlineData("rate-limited\t3602\t", 1, "MISSED: expected rate-limited, 3602 s")]
    [InlineData("rate-limited\t\t", 1, "MISSED: expected rate-limited, no stated wait")]
    [InlineData("transient\t3600\t", 1, "0 of 1 as expected")]
    [InlineData("permanent\t\taccount", 1, "MISSED: expected permanent/account, no stated wait")]
    public void A_row_that_is_missed_says_what_was_expected(string expected, int exitCode, string told)
    {
        Log("a.log", "You've hit your limit · resets 11am (UTC)\n");

        var end = Run("expected_class\tretry_after_s\tscope\tanything\tnow_utc\texit_code\tfile", $"{expected}\tx\t2026-03-04T10:00:00Z\t1\ta.log");

        Assert.Equal((exitCode, ""), (end.ExitCode, end.Errors));
        Assert.Contains(told, end.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_is_missing_is_named_with_its_row()
    {
        Log("a.log", "x");

        var end = Run("file\texit_code", "a.log\t0", "b.log\t0");

        Assert.Equal((66, ""), (end.ExitCode, end.Output));
        Assert.Equal($"{Table}, row 3: b.log can't be read: Could not find file '{Path.Combine(_folder.Path, "b.log")}'. Put the log beside the table, or remove the row.", end.Errors.Trim());
    }

    [Theory]
    [InlineData("name", "a.log", "row 1: there is no column named file.")]
    [InlineData("file\texit_code", "a.log\tone", "row 2: exit_code is \"one\". Write a whole number")]
    [InlineData("file\tnow_utc", "a.log\tnoon", "row 2: now_utc is \"noon\". Write a time such as")]
    [InlineData("file\texpected_class", "a.log\tfine", "row 2: expected_class is \"fine\". Write one of success, rate-limited, transient, permanent")]
    [InlineData("file\tscope", "a.log\tworld", "row 2: scope is \"world\". Write one of work, environment, account")]
    [InlineData("file\tretry_after_s", "a.log\tsoon", "row 2: retry_after_s is \"soon\". Write seconds")]
    [InlineData("file\texit_code", "\t1", "row 2: file is empty.")]
    public void A_table_that_cannot_be_read_is_told(string header, string row, string told)
    {
        var end = Run(header, row);

        Assert.Equal((65, ""), (end.ExitCode, end.Output));
        Assert.StartsWith($"{Table}, {told}", end.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_columns_of_one_name_the_first_counts_in_whatever_letters()
    {
        Log("a.log", "");

        Assert.Equal(0, Run("file\tFile\texit_code", "a.log\tb.log\t0").ExitCode);
    }

    [Fact]
    public void A_name_that_no_file_can_have_is_told()
    {
        var end = Run("file\texit_code", "a\0b.log\t1");

        Assert.Equal((66, ""), (end.ExitCode, end.Output));
        Assert.StartsWith($"{Table}, row 2: ", end.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_table_is_told_by_the_command_line()
    {
        var missing = await RunAsync("classify", "/nowhere/labels.tsv");
        var none = await RunAsync("classify");

        Assert.Equal((66, "", "/nowhere/labels.tsv is no file. Name a table of labelled logs, such as labels.tsv."), (missing.ExitCode, missing.Output, missing.Errors.Trim()));
        Assert.Equal((64, ""), (none.ExitCode, none.Output));
        Assert.Contains("orchestrator classify <LABELS>", none.Errors, StringComparison.Ordinal);
    }

    private string Table => Path.Combine(_folder.Path, "labels.tsv");

    private void Log(string name, string text) => File.WriteAllText(Path.Combine(_folder.Path, name), text);

    private (int ExitCode, string Output, string Errors) Run(params string[] lines)
    {
        File.WriteAllLines(Table, lines);
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter { NewLine = "\n" };
        return (ClassifyVerb.Run(Table, output, errors), output.ToString(), errors.ToString());
    }
}
