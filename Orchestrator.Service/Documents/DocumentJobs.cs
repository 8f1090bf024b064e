using Orchestrator.Persistence.Documents;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Documents;

/// <summary>What the jobs of all document lanes are told: which document, and as of which revision.</summary>
internal sealed record DocumentJob(Guid DocumentId, int Rev);

/// <summary>The lanes of the document workers and the jobs in them. Each job's key names the document and its revision, so that no repetition makes a second job.</summary>
internal static class DocumentJobs
{
    public const string Ingestion = "ingestion";
    public const string Matching = "matching";
    public const string Diagnostics = "diagnostics-recompute";
    public const string Output = "document-output";

    public static readonly IReadOnlyList<string> Lanes = [Ingestion, Matching, Diagnostics, Output];

    /// <summary>The job's document has moved on: there is nothing left to do, and that is right.</summary>
    public static JobOutcome Superseded(DocumentRow? document) =>
        JobOutcome.Done(new { superseded = true, status = document?.Status.ToText(), rev = document?.Rev });

    /// <summary>A job of a document failed for good: the document says so, and by which job it can be set going again.</summary>
    public static Task NoteFailureAsync(JobRun run, string reason, FinalizeScope scope, CancellationToken cancellation)
    {
        var job = run.Read<DocumentJob>();
        return DocumentLedger.NoteFailureAsync(scope.Connection, job.DocumentId, job.Rev,
            StoredJson.Storable($"Its {run.Lane} failed: {reason} When the cause is gone, retry job {run.JobId}.")!, scope.Now, cancellation);
    }

    public static JobRequest Ingest(Guid document, int rev) => For(Ingestion, document, rev);

    /// <param name="document">The document.</param>
    /// <param name="rev">Its revision.</param>
    /// <param name="maxAttempts">How often an order that is not there yet is looked for.</param>
    public static JobRequest Match(Guid document, int rev, int maxAttempts) => For(Matching, document, rev) with { MaxAttempts = maxAttempts };

    public static JobRequest Diagnose(Guid document, int rev) => For(Diagnostics, document, rev);

    public static JobRequest Write(Guid document, int rev) => For(Output, document, rev);

    /// <summary>Where all jobs of a document can be found.</summary>
    public static IReadOnlyList<(string Lane, string Key)> KeysOf(Guid document, int rev) =>
        [.. Enumerable.Range(1, rev).SelectMany(at => Lanes.Select(lane => (lane, Key(lane, document, at))))];

    private static JobRequest For(string lane, Guid document, int rev) => JobRequest.For(lane, new DocumentJob(document, rev)) with { DedupeKey = Key(lane, document, rev) };

    private static string Key(string lane, Guid document, int rev) => lane switch
    {
        Ingestion => $"ingest:{document:D}:{rev}",
        Matching => $"match:{document:D}:{rev}",
        Diagnostics => $"diag:{document:D}:{rev}",
        _ => $"output:{document:D}:{rev}",
    };
}
