using Npgsql;
using Orchestrator.Persistence.Documents;
using Orchestrator.Service.Documents.Ingestion;
using Orchestrator.Service.Documents.Matching;
using Orchestrator.Service.Documents.Reading;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Documents.Diagnostics;

/// <summary>
/// Judges one revision of a document from stored rows and replaces the whole set, so any number of repetitions end the same. A job of an older
/// revision is superseded. A matched document goes on to its outputs from here, or to a person.
/// </summary>
internal sealed class DiagnosticsHandler(NpgsqlDataSource database, DocumentsOptions options, TimeProvider time) : IJobHandler
{
    public async Task<JobOutcome> RunAsync(JobRun run, CancellationToken cancellation)
    {
        var job = run.Read<DocumentJob>();
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var document = await DocumentLedger.GetAsync(connection, job.DocumentId, cancellation);
        if (document is null || document.Rev != job.Rev || await DocumentLedger.ExtractionAsync(connection, document.Id, cancellation) is not { } extraction)
            return DocumentJobs.Superseded(document);

        var invoice = InvoiceOf.Stored(extraction);
        var match = await DocumentLedger.MatchAsync(connection, document.Id, cancellation);
        var diagnostics = await CheckAsync(connection, document, extraction, invoice, cancellation);
        var review = Reviewing.Decide(invoice, diagnostics,
            match is null ? null : StoredJson.Read<MatchOutcome>(match.Outcome), match is null ? [] : StoredJson.Read<List<DuplicateScore>>(match.Duplicates));
        return JobOutcome.Done((scope, ct) => StoreAsync(scope, document, diagnostics, review, ct), new { diagnostics = diagnostics.Count, review = review.GetType().Name });
    }

    public Task FailedAsync(JobRun run, string reason, FinalizeScope scope, CancellationToken cancellation) => DocumentJobs.NoteFailureAsync(run, reason, scope, cancellation);

    private async Task<IReadOnlyList<Diagnostic>> CheckAsync(
        NpgsqlConnection connection, DocumentRow document, ExtractionRow extraction, Invoice invoice, CancellationToken cancellation) =>
    [
        .. InvoiceRules.Check(new DiagnosticInput
        {
            Invoice = invoice,
            Today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime),
            Supplier = SupplierIdentification.Identify(invoice.Supplier, await MatchingHandler.KnownSuppliersAsync(connection, document.Tenant, cancellation), options.Matching),
            OrderCurrency = await DocumentLedger.OrderCurrencyAsync(connection, document.Id, cancellation),
        }),
        .. ReaderFindings.Of(StoredJson.Read<List<ReadDiagnostic>>(extraction.Findings)),
    ];

    private static async Task StoreAsync(
        FinalizeScope scope, DocumentRow document, IReadOnlyList<Diagnostic> diagnostics, ReviewDecision review, CancellationToken cancellation)
    {
        var rows = diagnostics.Select(found => new DiagnosticRow(
            found.Rule, found.Severity.ToString(), StoredJson.Storable(found.Message)!, StoredJson.Storable(found.Expected), StoredJson.Storable(found.Actual), found.Terms)).ToList();
        // Null: the document has moved on since it was read, and its newer revision has a job of its own.
        if (await DocumentLedger.ReplaceDiagnosticsAsync(scope.Connection, document.Id, document.Rev, rows, cancellation) is not DocumentStatus.Matched)
            return;
        if (review is ReviewDecision.Approve)
            await scope.SubmitAsync([DocumentJobs.Write(document.Id, document.Rev)], cancellation);
        else
            await DocumentLedger.MoveAsync(scope.Connection, document with { Status = DocumentStatus.Matched }, Ask(review), revise: false, scope.Now, cancellation);
    }

    private static StatusChange Ask(ReviewDecision review) => review switch
    {
        ReviewDecision.Duplicate copy => new(DocumentStatus.Duplicate, "Duplicate", string.Join(" ", copy.Reasons), copy.Of),
        ReviewDecision.Review why => new(DocumentStatus.NeedsReview, "Review", string.Join(" ", why.Reasons)),
        _ => throw new InvalidOperationException($"Nobody has to be asked about {review}."),
    };
}
