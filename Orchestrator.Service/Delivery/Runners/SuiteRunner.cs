using System.Globalization;

namespace Orchestrator.Service.Delivery.Runners;

/// <summary>A run of a suite, from its command line to its verdict.</summary>
/// <param name="Run">The run.</param>
/// <param name="Commit">The commit that it ran on.</param>
/// <param name="Command">Program and arguments.</param>
/// <param name="Verdict">What it came to.</param>
/// <param name="ExitCode">Null if it was never started or nobody saw its end.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Smoke">The addresses that were read; none where the suite did not pass.</param>
/// <param name="Text">What it printed.</param>
internal sealed record SuiteRun(
    string Run, string Commit, IReadOnlyList<string> Command, RunVerdict Verdict, int? ExitCode, TimeSpan Elapsed, IReadOnlyList<SmokeResult> Smoke, RunText Text);

/// <summary>Runs a suite in a task's folder, or on another host, and judges what it leaves. Writes no verdict: <see cref="VerdictArtifact"/> does.</summary>
internal sealed class SuiteRunner(TimeProvider time)
{
    /// <param name="suite">A checked suite.</param>
    /// <param name="folder">The task's folder; results are written to it or to <paramref name="scratch"/>.</param>
    /// <param name="scratch">A folder of this run, outside the task's; made if it is not there, emptied if it is.</param>
    /// <param name="run">The run's id.</param>
    /// <param name="commit">The commit in the task's folder.</param>
    /// <param name="cancellation">Ends the run with all that it started, and throws.</param>
    public async Task<SuiteRun> RunAsync(SuiteOptions suite, string folder, string scratch, string run, string commit, CancellationToken cancellation)
    {
        var places = new SuitePlaces(Path.Combine(scratch, "results"), Guid.NewGuid().ToString("N"), run, commit);
        var arguments = SuiteCommand.Arguments(suite, places);
        var (evidence, elapsed) = suite.IsRemote
            ? await RunThereAsync(suite, arguments, cancellation)
            : await RunHereAsync(suite, folder, places, arguments, cancellation);
        if (SuiteCommand.WantsNonce(suite))
            evidence = evidence with { SummaryDemanded = true, Summary = evidence.Summary ?? MachineSummaries.Line(evidence.Text, places.Nonce) };

        var verdict = RunDecision.Decide(evidence with { TransientPatterns = suite.Patterns() });
        IReadOnlyList<SmokeResult> smoke = verdict.Class == RunClass.SuitePass ? await new SmokeCheck(time).RunAsync(suite.Smoke, cancellation) : [];
        return new SuiteRun(run, commit, [suite.Program, .. arguments], SmokeCheck.Judge(verdict, smoke), evidence.ExitCode, elapsed, smoke, evidence.Text);
    }

    private async Task<(RunEvidence, TimeSpan)> RunThereAsync(SuiteOptions suite, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var result = await new SshChannel(suite.Ssh, time).RunAsync([suite.Program, .. arguments], suite.Timeout, cancellation);
        return (result.ToEvidence(), result.Local.Elapsed);
    }

    private async Task<(RunEvidence, TimeSpan)> RunHereAsync(SuiteOptions suite, string folder, SuitePlaces places, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        DateTime began;
        try
        {
            began = Prepare(suite, folder, places);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A disk that is full passes, a folder that is closed to us does not.
            var full = exception.HResult is 28 or 122;
            return (new RunEvidence { Spawn = new SpawnFault(full, $"Old results can't be removed: {exception.Message}") }, TimeSpan.Zero);
        }

        var end = await new SuiteProcess(time).RunAsync(folder, suite.Program, arguments, suite.Environment, suite.Timeout, suite.StopGrace, holdInput: false, cancellation);
        return (new RunEvidence
        {
            ExitCode = end.ExitCode, TimedOut = end.TimedOut, Spawn = end.Fault, Text = RunText.Of(end.Output),
            SummaryDemanded = SuiteCommand.WantsFiles(suite), Summary = MachineSummaries.Sum(Summaries(suite, folder, places, began)),
        }, end.Elapsed);
    }

    /// <summary>Removes what earlier runs left, and tells the time by the clock that stamps files.</summary>
    private static DateTime Prepare(SuiteOptions suite, string folder, SuitePlaces places)
    {
        if (Directory.Exists(places.Results))
            Directory.Delete(places.Results, recursive: true);
        Directory.CreateDirectory(places.Results);
        foreach (var old in suite.Results.SelectMany(results => Found(folder, results)))
            File.Delete(old);
        var stamp = Path.Combine(places.Results, "began");
        File.WriteAllText(stamp, "");
        return File.GetLastWriteTimeUtc(stamp);
    }

    private static IEnumerable<MachineSummary> Summaries(SuiteOptions suite, string folder, SuitePlaces places, DateTime began) =>
        from path in suite.Results.SelectMany(results => Found(folder, results)).Concat(Found(places.Results, "*.xml")).Concat(Found(places.Results, "*.trx"))
        where File.GetLastWriteTimeUtc(path) >= began
        let summary = path.EndsWith(".trx", StringComparison.Ordinal) ? MachineSummaries.Trx(path) : MachineSummaries.JUnit(path)
        where summary is not null
        select summary;

    private static string[] Found(string folder, string pattern)
    {
        var place = Path.GetDirectoryName(Path.Combine(folder, pattern))!;
        return Directory.Exists(place) ? Directory.GetFiles(place, Path.GetFileName(pattern)) : [];
    }

    internal static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
}
