using System.Globalization;
using Npgsql;
using Orchestrator.Persistence.Documents;
using Orchestrator.Service.Documents.Ingestion;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Documents.Matching;

/// <summary>
/// Holds a document against orders and against the other documents. It looks first without a lock: an order that is not there yet sends the job
/// back to the queue, where it waits without a permit and without a message. What it stores is found again under locks, as a function of stored rows.
/// </summary>
internal sealed class MatchingHandler(NpgsqlDataSource database, DocumentsOptions options) : IJobHandler
{
    public async Task<JobOutcome> RunAsync(JobRun run, CancellationToken cancellation)
    {
        var job = run.Read<DocumentJob>();
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var document = await DocumentLedger.GetAsync(connection, job.DocumentId, cancellation);
        if (document is not { Status: DocumentStatus.Extracted or DocumentStatus.NeedsReview } || document.Rev != job.Rev
            || await DocumentLedger.ExtractionAsync(connection, document.Id, cancellation) is not { } extraction)
            return DocumentJobs.Superseded(document);

        var invoice = InvoiceOf.Stored(extraction);
        var seen = await MatchAsync(connection, document, invoice, extraction.Words, locked: false, cancellation);
        // A copy is a copy whether its order comes or not.
        var after = seen.IsCopy ? new AfterMatch.Settled() : MatchRetry.Decide(seen.Outcome.Status, run.Attempt, options.Matching);
        return after is AfterMatch.RetryAfter again
            ? JobOutcome.Retry(string.Create(CultureInfo.InvariantCulture, $"{seen.Outcome.Reason} Attempt {run.Attempt} of {options.Matching.MaxAttempts}."), again.Delay)
            : JobOutcome.Done((scope, ct) => StoreAsync(scope, document, invoice, extraction.Words, (after as AfterMatch.GiveUp)?.Reason, ct), new { match = seen.Outcome.Status.ToString() });
    }

    public Task FailedAsync(JobRun run, string reason, FinalizeScope scope, CancellationToken cancellation) => DocumentJobs.NoteFailureAsync(run, reason, scope, cancellation);

    private async Task StoreAsync(
        FinalizeScope scope, DocumentRow document, Invoice invoice, IReadOnlyList<string> words, string? givenUp, CancellationToken cancellation)
    {
        await DocumentLedger.LockTenantAsync(scope.Connection, document.Tenant, cancellation);
        var match = await MatchAsync(scope.Connection, document, invoice, words, locked: true, cancellation);
        var outcome = match.Outcome.IsMatched || givenUp is null ? match.Outcome : match.Outcome with { Reason = $"{match.Outcome.Reason} {givenUp}" };
        if (await DocumentLedger.MoveAsync(scope.Connection, document, Next(document, outcome, match), revise: true, scope.Now, cancellation) is not { } rev)
            return;
        await DocumentLedger.StoreMatchAsync(scope.Connection, document.Id, new MatchRow(outcome.Status.ToString(), outcome.Reason, outcome.OrderId, outcome.Net, outcome.SupplierId,
            StoredJson.Write(outcome), StoredJson.Write(match.Duplicates)), scope.Now, cancellation);
        // The output is asked for by diagnostics: nothing leaves before it is known what speaks against it.
        await scope.SubmitAsync([DocumentJobs.Diagnose(document.Id, rev)], cancellation);
    }

    private static StatusChange Next(DocumentRow document, MatchOutcome outcome, Found match) =>
        match.IsCopy ? new StatusChange(DocumentStatus.Duplicate, "Duplicate", string.Join(" ", match.Duplicates[0].Reasons), match.Duplicates[0].Of)
        : document.Status is DocumentStatus.NeedsReview ? new StatusChange(DocumentStatus.NeedsReview, document.ReasonCode, document.Reason)
        : outcome.IsMatched ? new StatusChange(DocumentStatus.Matched)
        : new StatusChange(DocumentStatus.NeedsReview, outcome.Status.ToString(), outcome.Reason);

    private async Task<Found> MatchAsync(
        NpgsqlConnection connection, DocumentRow document, Invoice invoice, IReadOnlyList<string> words, bool locked, CancellationToken cancellation)
    {
        var supplier = SupplierIdentification.Identify(invoice.Supplier, await KnownSuppliersAsync(connection, document.Tenant, cancellation), options.Matching);
        var known = (supplier as SupplierFinding.Known)?.Supplier.Id;
        IReadOnlyList<Guid> possible = supplier switch
        {
            SupplierFinding.Known one => [one.Supplier.Id],
            SupplierFinding.Ambiguous several => [.. several.Candidates.Select(candidate => candidate.Id)],
            _ => [],
        };
        var rows = await DocumentLedger.OrdersAsync(connection, document.Tenant, Identifiers.Normalise(invoice.PurchaseOrder), possible, document.Id, locked, cancellation);
        var credited = invoice is { PrecedingInvoice: { } preceding } && (invoice.IsCreditNote || invoice.IsCorrection)
            ? await DocumentLedger.CreditedOrderAsync(connection, document.Tenant, Identifiers.Normalise(preceding), known, cancellation)
            : null;
        var order = OrderSelection.Select(invoice, supplier, [.. rows.Select(Order)], words, credited, options.Matching);
        var outcome = MatchDecision.Decide(invoice, supplier, order, options.Matching);

        var columns = InvoiceOf.Columns(invoice, null);
        var others = await DocumentLedger.CandidatesAsync(connection, document, columns, cancellation);
        var traits = Traits(document, columns, known, invoice);
        return new Found(outcome, Duplicates.Find(traits, others.Select(Traits), options.Matching));
    }

    internal static async Task<IReadOnlyList<KnownSupplier>> KnownSuppliersAsync(NpgsqlConnection connection, string tenant, CancellationToken cancellation) =>
        [.. (await DocumentLedger.SuppliersAsync(connection, tenant, cancellation)).Select(row => new KnownSupplier
        {
            Id = row.Id,
            Name = row.Name,
            VatId = row.VatId.Length > 0 ? row.VatId : null,
            Ibans = row.Ibans,
        })];

    private static PurchaseOrder Order(OrderRow row) => new()
    {
        Id = row.Id,
        Number = row.Number,
        SupplierId = row.SupplierId,
        SupplierName = row.SupplierName,
        SupplierVatId = row.SupplierVat.Length > 0 ? row.SupplierVat : null,
        Buyer = row.Buyer,
        Currency = row.Currency,
        OrderedNet = row.OrderedNet,
        ReceivedNet = row.ReceivedNet,
        InvoicedNet = row.InvoicedNet,
    };

    private static DuplicateTraits Traits(DocumentRow document, ComparedColumns columns, Guid? supplier, Invoice invoice) => new()
    {
        DocumentId = document.Id,
        Sha256 = document.Sha256!,
        SupplierId = supplier,
        SupplierVatId = columns.SupplierVat,
        SupplierName = columns.SupplierName,
        Number = columns.Number,
        IssueDate = columns.IssueDate,
        Currency = columns.Currency,
        Gross = columns.Gross,
        TakesBack = invoice.IsCreditNote || invoice.IsCorrection,
        TextHash = document.TextHash,
    };

    private static DuplicateTraits Traits(CandidateRow row)
    {
        var type = new Invoice { TypeCode = row.TypeCode };
        return new()
        {
            DocumentId = row.Id,
            Sha256 = row.Sha256,
            SupplierId = row.SupplierId,
            SupplierVatId = row.SupplierVat,
            SupplierName = row.SupplierName,
            Number = row.Number,
            IssueDate = row.IssueDate,
            Currency = row.Currency,
            Gross = row.Gross,
            TakesBack = type.IsCreditNote || type.IsCorrection,
            TextHash = row.TextHash,
        };
    }

    private sealed record Found(MatchOutcome Outcome, IReadOnlyList<DuplicateScore> Duplicates)
    {
        public bool IsCopy => Duplicates is [{ Score: >= DuplicateScore.Blocks }, ..];
    }
}
