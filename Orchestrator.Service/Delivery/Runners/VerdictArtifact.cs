using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.Service.Classify;

namespace Orchestrator.Service.Delivery.Runners;

/// <summary>The file by which a stage tells its gate how its suite ended, as an agent would have written it.</summary>
/// <param name="File">Its name.</param>
/// <param name="Key">The key of the verdict.</param>
/// <param name="Passed">The word for a pass.</param>
/// <param name="Failed">The word for a failure.</param>
/// <param name="Title">Its heading.</param>
internal sealed record VerdictArtifact(string File, string Key, string Passed, string Failed, string Title)
{
    private const int TailLines = 60;

    public static readonly VerdictArtifact TestReport = new("13-test-report.md", "result", "PASS", "FAIL", "Test report");

    public static readonly VerdictArtifact StagingLog = new("15-staging-log.md", "staging_status", "SUCCESS", "FAILED", "Staging log");

    /// <summary>Removes the verdict of an earlier run: whatever happens to this one, its gate must not read that.</summary>
    public void Clear(string folder) => System.IO.File.Delete(Path.Combine(folder, File));

    /// <summary>Writes the verdict, whole or not at all. Where the suite did not run there is none to write, and an earlier one is removed.</summary>
    /// <returns>Its path; null without a verdict.</returns>
    public string? Write(string folder, SuiteRun run, DateTimeOffset ended)
    {
        if (!run.Verdict.SuiteRan)
        {
            Clear(folder);
            return null;
        }

        var path = Path.Combine(folder, File);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                file.Write(Encoding.UTF8.GetBytes(Text(run, ended)));
                file.Flush(flushToDisk: true);
            }

            System.IO.File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            System.IO.File.Delete(temporary);
        }

        return path;
    }

    internal string Text(SuiteRun run, DateTimeOffset ended)
    {
        var text = new StringBuilder();
        text.Append("---\n");
        text.Append(CultureInfo.InvariantCulture, $"{Key}: {(run.Verdict.Class == RunClass.SuitePass ? Passed : Failed)}\n");
        text.Append(CultureInfo.InvariantCulture, $"run: {Quoted(run.Run)}\ncommit: {JsonSerializer.Serialize(run.Commit, Plain)}\n");
        text.Append(CultureInfo.InvariantCulture, $"class: {RunClasses.NameOf(run.Verdict.Class)}\nrule: {run.Verdict.Rule}\nreason: {Quoted(run.Verdict.Reason)}\n");
        text.Append(CultureInfo.InvariantCulture, $"exit_code: {(run.ExitCode is { } code ? code : "null")}\nduration_seconds: {SuiteRunner.Seconds(run.Elapsed)}\n");
        text.Append(CultureInfo.InvariantCulture, $"command: {Quoted(string.Join(' ', run.Command))}\nended_at: {ended.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}\nwritten_by: orchestrator\n---\n\n# {Title}\n");
        foreach (var smoke in run.Smoke)
            text.Append(CultureInfo.InvariantCulture, $"\n- {Redaction.Of(smoke.Name)}: {(smoke.Error is null ? $"answered {smoke.Status}" : Redaction.Of(smoke.Error))}");
        // Indented, so that nothing of the output can be read as a line of ours.
        text.Append("\n\nThe end of the output:\n\n");
        foreach (var line in run.Text.Lines.TakeLast(TailLines))
            text.Append("    ").Append(Redaction.Of(line)).Append('\n');
        return text.ToString();
    }

    // A string of JSON is one of YAML, too.
    private static string Quoted(string value) => JsonSerializer.Serialize(Redaction.Of(value), Plain);

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
