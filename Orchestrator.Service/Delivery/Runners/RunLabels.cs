using Orchestrator.Service.Classify;

namespace Orchestrator.Service.Delivery.Runners;

/// <summary>The output of a run, and what is expected of it where the table says so.</summary>
/// <param name="Row">Its line in the table, the header being 1.</param>
/// <param name="File">As the table names it.</param>
/// <param name="ExitCode">Null where the table leaves it empty.</param>
/// <param name="Expected">A name of <see cref="RunClasses"/>, or null.</param>
internal sealed record RunLabel(int Row, string File, int? ExitCode, string? Expected)
{
    /// <exception cref="FormatException">A line, what is wrong with it, and the remedy.</exception>
    public static IReadOnlyList<RunLabel> Parse(IReadOnlyList<string> lines) =>
        [.. LabelColumns.Read(lines, ["file", "rc"], ["class"]).Select(line => new RunLabel(line.Row, line.File, line.ExitCode("rc"), line.OneOf("class", RunClasses.Names)))];

    /// <summary>Decides from output and exit code alone.</summary>
    /// <exception cref="IOException">The file can't be read.</exception>
    public RunVerdict Decide(string folder) => RunDecision.Decide(new RunEvidence { ExitCode = ExitCode, Text = RunText.Read(Path.Combine(folder, File)) });
}
