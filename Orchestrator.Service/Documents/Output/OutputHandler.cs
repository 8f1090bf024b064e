using Npgsql;
using Orchestrator.Persistence.Documents;
using Orchestrator.Service.Documents.Ingestion;
using Orchestrator.Service.Documents.Matching;
using Orchestrator.Service.Documents.Storage;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Documents.Output;

/// <summary>
/// Writes a document's outputs into the bucket. Their keys follow from their content, so a crash between the writing and the commit writes the
/// same objects again; and only a document that is still matched is called exported.
/// </summary>
internal sealed class OutputHandler(NpgsqlDataSource database, DocumentBucket bucket, DocumentsOptions options) : IJobHandler
{
    public async Task<JobOutcome> RunAsync(JobRun run, CancellationToken cancellation)
    {
        var job = run.Read<DocumentJob>();
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var document = await DocumentLedger.GetAsync(connection, job.DocumentId, cancellation);
        if (document is not { Status: DocumentStatus.Matched } || document.Rev != job.Rev
            || await DocumentLedger.ExtractionAsync(connection, document.Id, cancellation) is not { } extraction)
            return DocumentJobs.Superseded(document);

        var match = await DocumentLedger.MatchAsync(connection, document.Id, cancellation);
        var content = new OutputDocument
        {
            Tenant = document.Tenant,
            DocumentId = document.Id,
            ExtractionRevision = extraction.Revision,
            Invoice = InvoiceOf.Stored(extraction),
            Match = match is null ? null : StoredJson.Read<MatchOutcome>(match.Outcome),
        };
        var files = Enum.GetValues<OutputKind>().Select(kind => Outputs.Render(content, kind, options.Acquisition.OutputPrefix)).ToList();
        return JobOutcome.Deliver(ct => WriteAsync(files, ct), (scope, ct) => StoreAsync(scope, document, files, ct), new { outputs = files.Select(file => file.Key) });
    }

    public Task FailedAsync(JobRun run, string reason, FinalizeScope scope, CancellationToken cancellation) => DocumentJobs.NoteFailureAsync(run, reason, scope, cancellation);

    private async Task WriteAsync(List<OutputFile> files, CancellationToken cancellation)
    {
        foreach (var file in files)
            await bucket.WriteAsync(file.Key, file.Content, file.Kind is OutputKind.Json ? "application/json" : "text/csv; charset=utf-8", cancellation);
    }

    private static async Task StoreAsync(FinalizeScope scope, DocumentRow document, List<OutputFile> files, CancellationToken cancellation)
    {
        if (await DocumentLedger.MoveAsync(scope.Connection, document, new StatusChange(DocumentStatus.Exported), revise: false, scope.Now, cancellation) is null)
            return; // superseded while it was written: what lies in the bucket is nobody's and says nothing wrong
        foreach (var file in files)
            await DocumentLedger.InsertOutputAsync(scope.Connection, document.Id, new OutputRow(file.Kind.ToString(), file.InputHash, file.Key, file.Content.Length, scope.Now), cancellation);
    }
}
