using Npgsql;
using Orchestrator.Persistence.Documents;
using Orchestrator.Service.Documents.Processes;
using Orchestrator.Service.Documents.Reading;
using Orchestrator.Service.Documents.Storage;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Documents.Ingestion;

/// <summary>
/// Looks into a document: cuts a file of several invoices into children, each with a job of its own, or reads the one invoice. All that it writes is
/// committed with the job's end and guarded by the document's status, so a repetition after a crash at any line begins anew and ends the same.
/// </summary>
internal sealed class IngestionHandler(
    NpgsqlDataSource database, DocumentBucket bucket, DocumentProber prober, DocumentCutter cutter, IDocumentExtractor extractor, DocumentsOptions options) : IJobHandler
{
    public async Task<JobOutcome> RunAsync(JobRun run, CancellationToken cancellation)
    {
        var job = run.Read<DocumentJob>();
        var document = await SeenAsync(job, cancellation);
        if (document is not { Status: DocumentStatus.Received, Sha256: { } sha256 } || document.Rev != job.Rev)
            return DocumentJobs.Superseded(document);

        using var folder = WorkFolder.Create();
        var file = new DocumentFile(folder.File("document"), document.FileName);
        await bucket.FetchAsync(sha256, file.Path, cancellation);
        var probe = await prober.ProbeAsync(file, cancellation);

        if (document.ParentId is null)
        {
            var plan = SplitPlan.Of(probe, options.Reading);
            if (plan.Failure is { } undecided)
                return Read(document, new ExtractionResult("boundaries", "1", new InvoiceFields(), undecided, probe.Diagnostics), probe);
            if (plan.IsSplit)
                return await SplitAsync(document, file, plan, folder, cancellation);
        }

        var result = await extractor.ExtractAsync(file with { Probe = probe }, cancellation);
        return result.Failure is ReadFailure.ToolMissing or ReadFailure.NotFound
            ? JobOutcome.Retry(result.Failure.Value.Sentence()) // this machine's fault, not the document's
            : Read(document, result, probe);
    }

    public Task FailedAsync(JobRun run, string reason, FinalizeScope scope, CancellationToken cancellation) => DocumentJobs.NoteFailureAsync(run, reason, scope, cancellation);

    private async Task<DocumentRow?> SeenAsync(DocumentJob job, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await DocumentLedger.GetAsync(connection, job.DocumentId, cancellation);
    }

    private async Task<JobOutcome> SplitAsync(DocumentRow document, DocumentFile file, SplitPlan plan, WorkFolder folder, CancellationToken cancellation)
    {
        var children = new List<(PageRange Range, StoredFile File)>(plan.Ranges.Count);
        foreach (var range in plan.Ranges)
        {
            var target = folder.File($"pages-{range}.pdf");
            switch (await cutter.CutAsync(file, range, target, cancellation))
            {
                case ReadFailure.ToolMissing:
                    return JobOutcome.Retry(ReadFailure.ToolMissing.Sentence());
                case { } failure:
                    return JobOutcome.Done((scope, ct) => DocumentLedger.MoveAsync(scope.Connection, document,
                        new StatusChange(DocumentStatus.Failed, failure.ToString(), failure.Sentence()), revise: true, scope.Now, ct), new { status = "failed", reason = failure.ToString() });
                default:
                    // The same pages give the same bytes and so the same name: a repetition writes the same object again.
                    var child = await DocumentBucket.OfAsync(target, cancellation);
                    await bucket.KeepAsync(child, cancellation);
                    children.Add((range, child));
                    break;
            }
        }

        return JobOutcome.Done((scope, ct) => StoreChildrenAsync(scope, document, children, plan, ct), new { status = "split", children = children.Count });
    }

    private static async Task StoreChildrenAsync(
        FinalizeScope scope, DocumentRow parent, List<(PageRange Range, StoredFile File)> children, SplitPlan plan, CancellationToken cancellation)
    {
        if (await DocumentLedger.MoveAsync(scope.Connection, parent, new StatusChange(DocumentStatus.Split), revise: false, scope.Now, cancellation) is null)
            return;
        var rows = children.Select((child, index) => new NewDocument(
            Guid.CreateVersion7(scope.Now), parent.SourceId, parent.Tenant, parent.PartPath, parent.FileName, child.File.Sha256, child.File.Bytes)
        {
            ParentId = parent.Id,
            Ordinal = index + 1,
            PageFirst = child.Range.First,
            PageLast = child.Range.Last,
            SplitDoubt = plan.Proposal.DoubtAbout(child.Range)?.Text,
        }).ToList();
        await DocumentLedger.InsertAsync(scope.Connection, rows, scope.Now, cancellation);
        await scope.SubmitAsync([.. rows.Select(row => DocumentJobs.Ingest(row.Id, 1) with { Priority = scope.Job.Priority })], cancellation);
    }

    private JobOutcome Read(DocumentRow document, ExtractionResult result, DocumentProbe probe)
    {
        var doubts = document.SplitDoubt is { } doubt ? [.. result.Diagnostics, new ReadDiagnostic(DiagnosticCodes.BoundaryUncertain, doubt)] : result.Diagnostics;
        var change = result.Failure is { } failure
            ? new StatusChange(result.Status is ReadStatus.Failed ? DocumentStatus.Failed : DocumentStatus.NeedsReview, failure.ToString(), failure.Sentence())
            : new StatusChange(DocumentStatus.Extracted);
        var invoice = InvoiceOf.Fields(result.Fields);
        var columns = InvoiceOf.Columns(invoice, TextTraces.Hash(probe.PageTexts));
        var row = new ExtractionRow(0, result.Extractor, result.Version, StoredJson.Write(result.Fields), StoredJson.Write(doubts), TextTraces.Words(probe.PageTexts));
        return JobOutcome.Done(async (scope, ct) =>
        {
            // Columns first: the database refuses an extracted document without its minimum fields.
            await DocumentLedger.StoreColumnsAsync(scope.Connection, document, columns, ct);
            if (await DocumentLedger.MoveAsync(scope.Connection, document, change, revise: true, scope.Now, ct) is not { } rev)
                return;
            await DocumentLedger.StoreExtractionAsync(scope.Connection, document.Id, row, scope.Now, ct);
            // What a person has to complete is held against orders and other documents all the same; it shows them where to look.
            if (change.Status is not DocumentStatus.Failed && result.Fields.Missing.Count < 4)
                await scope.SubmitAsync([DocumentJobs.Match(document.Id, rev, options.Matching.MaxAttempts)], ct);
        }, new { status = change.Status.ToText(), reason = change.ReasonCode });
    }
}
