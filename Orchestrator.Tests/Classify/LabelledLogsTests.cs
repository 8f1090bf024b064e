using Orchestrator.Service.Classify;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Classify;

/// <summary>The collected logs, each as its table says.</summary>
[Trait("Requirement", "RES-2")]
public sealed class LabelledLogsTests
{
    private static string Folder => Path.Combine(SharedData.Root!, "logs");

    [SharedDataFact]
    public void All_are_told_as_labelled()
    {
        var rows = LabelTable.Parse(File.ReadAllLines(Path.Combine(Folder, "labels.tsv")));

        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Null(row.MissedBy(Classifier.Classify(row.ExitCode, Path.Combine(Folder, row.File), row.Now!.Value))));
    }

    [SharedDataFact]
    public async Task The_verb_tells_them_without_any_setting()
    {
        var end = await ClassifyVerbTests.RunAsync("classify", Path.Combine(Folder, "labels.tsv"));

        Assert.Equal((0, ""), (end.ExitCode, end.Errors));
        var rows = File.ReadAllLines(Path.Combine(Folder, "labels.tsv")).Count(line => line.Length > 0) - 1;
        Assert.EndsWith($"{rows} of {rows} as expected\n", end.Output, StringComparison.Ordinal);
    }
}
