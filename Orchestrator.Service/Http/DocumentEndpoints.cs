using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using Orchestrator.Persistence.Documents;
using Orchestrator.Service.Documents;
using Orchestrator.Service.Documents.Ingestion;
using Orchestrator.Service.Documents.Matching;
using Orchestrator.Service.Ingress;

namespace Orchestrator.Service.Http;

/// <summary>Documents for people: where each stands and why, what was read and from where, and how its children do.</summary>
internal static class DocumentEndpoints
{
    public static void MapDocuments(this IEndpointRouteBuilder routes)
    {
        var documents = routes.MapGroup("/documents").WithTags("Documents");
        documents.MapGet("/", ListAsync).WithSummary("Documents, newest first; filter by status and parent, go on with the answer's next")
            .ProducesValidationProblem();
        documents.MapGet("/{id:guid}", GetAsync).WithSummary("One document: fields with their evidence, children, match, diagnostics, outputs, jobs")
            .ProducesProblem(StatusCodes.Status404NotFound);
        routes.MapPost("/purchase-orders", ImportAsync).WithTags("Documents").Accepts<string>("text/csv")
            .WithSummary("Import orders as CSV (po_number, supplier, currency, ordered_net; supplier_vat, buyer, received_net): all lines or none")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
    }

    private static async Task<Ok<DocumentPage>> ListAsync(
        NpgsqlDataSource database, CancellationToken cancellation, [FromQuery] string? status = null, [FromQuery] Guid? parent = null,
        [FromQuery] Guid? after = null, [FromQuery] int limit = 50)
    {
        DocumentStatus wanted = default;
        if (status is not null && !DocumentStatuses.TryParse(status, out wanted))
            throw new JobRequestException([$"status: must be one of {string.Join(", ", DocumentStatuses.All)}. Found: {status}."]);
        if (limit is < 1 or > 500)
            throw new JobRequestException([$"limit: must be 1 to 500. Found: {limit}."]);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await DocumentLedger.ListAsync(connection, status is null ? null : wanted, parent, after, limit, cancellation);
        return TypedResults.Ok(new DocumentPage([.. rows.Select(DocumentView.Of)], rows.Count == limit ? rows[^1].Id : null));
    }

    private static async Task<Results<Ok<DocumentDetail>, ProblemHttpResult>> GetAsync(Guid id, NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (await DocumentLedger.GetAsync(connection, id, cancellation) is not { } document)
            return TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such document", detail: $"There is no document {id}.");
        var source = await DocumentLedger.SourceAsync(connection, document.SourceId, cancellation);
        var extraction = await DocumentLedger.ExtractionAsync(connection, id, cancellation);
        var match = await DocumentLedger.MatchAsync(connection, id, cancellation);
        var children = await DocumentLedger.ChildrenAsync(connection, id, cancellation);
        return TypedResults.Ok(new DocumentDetail(
            DocumentView.Of(document),
            new SourceView(source.Id, source.Bucket, source.Key, source.Version, source.Kind, source.Status, source.Reason, source.ReceivedAt, Json(source.MailHead)),
            extraction is null ? null : new ReadingView(extraction.Revision, extraction.Extractor, extraction.Version, JsonElement.Parse(extraction.Fields), JsonElement.Parse(extraction.Findings)),
            children.Count == 0 ? null : new ChildrenView(Family.StateOf(children).ToString(), children.Values.Sum(), children.ToDictionary(c => c.Key.ToText(), c => c.Value)),
            match is null ? null : new MatchView(JsonElement.Parse(match.Outcome), JsonElement.Parse(match.Duplicates)),
            await DocumentLedger.DiagnosticsAsync(connection, id, cancellation),
            await DocumentLedger.OutputsAsync(connection, id, cancellation),
            await DocumentLedger.JobsAsync(connection, DocumentJobs.KeysOf(id, document.Rev), cancellation)));
    }

    private static async Task<Results<Ok<OrdersImported>, ProblemHttpResult>> ImportAsync(
        HttpRequest request, PurchaseOrderImport import, DocumentsOptions options, CancellationToken cancellation, [FromQuery] string? tenant = null)
    {
        if (request.ContentType?.StartsWith("text/csv", StringComparison.OrdinalIgnoreCase) is not true)
            return TypedResults.Problem(statusCode: StatusCodes.Status415UnsupportedMediaType, title: "Orders are taken as CSV", detail: $"Send the file with Content-Type text/csv. Found: {request.ContentType ?? "nothing"}.");
        if (tenant is not null && (tenant.Length is < 1 or > 63 || !tenant.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')))
            throw new JobRequestException([$"tenant: must be 1 to 63 lower-case letters, digits and hyphens. Found: {tenant}."]);
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellation);
        body.Position = 0;
        return PurchaseOrderCsv.Parse(body) switch
        {
            PurchaseOrderFile.Read { Orders: var orders } => TypedResults.Ok(new OrdersImported(orders.Count, await import.StoreAsync(tenant ?? options.Acquisition.DefaultTenant, orders, cancellation))),
            PurchaseOrderFile.Refused { Errors: var errors } => Refused(errors),
            var other => throw new InvalidOperationException($"A file that is {other.GetType().Name} is not known."),
        };
    }

    private static ProblemHttpResult Refused(IReadOnlyList<RowError> errors) => TypedResults.Problem(
        statusCode: StatusCodes.Status400BadRequest, title: "The file has errors; nothing was imported",
        detail: $"{errors.Count} error(s), the first in line {errors[0].Line}: {errors[0].Why}",
        extensions: new Dictionary<string, object?> { ["errors"] = errors });

    private static JsonElement? Json(string? text) => text is null ? null : JsonElement.Parse(text);
}

/// <param name="Documents">Newest first.</param>
/// <param name="Next">Value of <c>after</c> for the next page; null on the last.</param>
public sealed record DocumentPage(IReadOnlyList<DocumentView> Documents, Guid? Next);

/// <summary>A document in a list.</summary>
public sealed record DocumentView(
    Guid Id, string Tenant, string FileName, Guid? ParentId, int? Ordinal, PagesView? Pages, string Status, string? ReasonCode, string? Reason, Guid? DuplicateOf, int Rev,
    string? Sha256, long? Bytes, string? Supplier, string? Number, DateOnly? IssueDate, string? Currency, decimal? Gross, DateTimeOffset ReceivedAt, DateTimeOffset ChangedAt)
{
    internal static DocumentView Of(DocumentRow row) => new(
        row.Id, row.Tenant, row.FileName, row.ParentId, row.Ordinal, row is { PageFirst: { } first, PageLast: { } last } ? new PagesView(first, last) : null,
        row.Status.ToText(), row.ReasonCode, row.Reason, row.DuplicateOf, row.Rev, row.Sha256, row.Bytes, row.SupplierName, row.Number, row.IssueDate, row.Currency, row.Gross,
        row.ReceivedAt, row.ChangedAt);
}

/// <summary>Pages of the parent, from 1, both ends included.</summary>
public sealed record PagesView(int First, int Last);

/// <summary>All that is known of a document.</summary>
/// <param name="Document">The document.</param>
/// <param name="Source">The object that it came from.</param>
/// <param name="Reading">The fields, each with the text it was read from, where, by what and how surely.</param>
/// <param name="Children">Null for a document without any.</param>
/// <param name="Match">The order and the likely copies.</param>
/// <param name="Diagnostics">In the order in which people read them.</param>
/// <param name="Outputs">What was written.</param>
/// <param name="Jobs">What works on it, or waits, and why.</param>
public sealed record DocumentDetail(
    DocumentView Document, SourceView Source, ReadingView? Reading, ChildrenView? Children, MatchView? Match,
    IReadOnlyList<DiagnosticRow> Diagnostics, IReadOnlyList<OutputRow> Outputs, IReadOnlyList<DocumentJobRow> Jobs);

/// <summary>The object that a document came from.</summary>
public sealed record SourceView(
    Guid Id, string Bucket, string Key, string Version, string Kind, string Status, string? Reason, DateTimeOffset ReceivedAt, JsonElement? Mail);

/// <summary>What was read.</summary>
public sealed record ReadingView(int Revision, string Extractor, string Version, JsonElement Fields, JsonElement Findings);

/// <param name="State">Open, Completed or CompletedWithFailures.</param>
/// <param name="Total">How many there are.</param>
/// <param name="ByStatus">How many stand where.</param>
public sealed record ChildrenView(string State, int Total, IReadOnlyDictionary<string, int> ByStatus);

/// <summary>How a document fits orders and other documents.</summary>
public sealed record MatchView(JsonElement Outcome, JsonElement Duplicates);

/// <param name="Orders">Lines taken.</param>
/// <param name="Suppliers">Suppliers that they name.</param>
public sealed record OrdersImported(int Orders, int Suppliers);
