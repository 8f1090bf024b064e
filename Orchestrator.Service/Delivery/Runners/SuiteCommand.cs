using Orchestrator.Service.Processes;

namespace Orchestrator.Service.Delivery.Runners;

/// <summary>What stands behind a suite's placeholders in one run.</summary>
/// <param name="Results">A folder of this run for results.</param>
/// <param name="Nonce">What the suite repeats in its summary.</param>
/// <param name="Run">The run.</param>
/// <param name="Commit">The commit.</param>
internal sealed record SuitePlaces(string Results, string Nonce, string Run, string Commit)
{
    public string JUnit => Path.Combine(Results, "results.xml");

    public string Trx => Path.Combine(Results, "results.trx");
}

/// <summary>A suite's command line.</summary>
internal static class SuiteCommand
{
    public static readonly IReadOnlyList<string> Placeholders = ["junit", "trx", "results", "nonce", "run", "sha"];

    public static bool WantsNonce(SuiteOptions suite) => suite.Arguments.SelectMany(CommandBook.Placeholders).Contains("nonce");

    public static bool WantsFiles(SuiteOptions suite) => suite.Results.Count > 0 || suite.Arguments.SelectMany(CommandBook.Placeholders).Any(name => name is "junit" or "trx" or "results");

    /// <summary>Each argument stays one, whatever stands behind its placeholders.</summary>
    public static IReadOnlyList<string> Arguments(SuiteOptions suite, SuitePlaces places) =>
        [.. suite.Arguments.Select(argument => CommandBook.Fill(argument, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["junit"] = places.JUnit, ["trx"] = places.Trx, ["results"] = places.Results, ["nonce"] = places.Nonce, ["run"] = places.Run, ["sha"] = places.Commit,
        }))];
}
