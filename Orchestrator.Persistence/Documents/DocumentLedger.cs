using Npgsql;
using NpgsqlTypes;
using static Orchestrator.Persistence.SqlCommands;

namespace Orchestrator.Persistence.Documents;

/// <summary>The statements of <c>DocumentLedger.sql</c>, typed. Decides nothing: the workers decide, the ledger guards and writes.</summary>
public static class DocumentLedger
{
    private static readonly SqlFile Sql = SqlFile.Embedded("DocumentLedger.sql");

    /// <summary>The source that holds an object already; null if none does.</summary>
    public static Task<Guid?> FindSourceAsync(NpgsqlConnection connection, string bucket, string key, string version, CancellationToken cancellation) =>
        Sql.Command(connection, "find_source", Value(bucket), Value(key), Value(version)).ScalarAsync<Guid?>(cancellation);

    /// <returns>The source's id; null if the object was stored before, and then nothing may follow.</returns>
    public static Task<Guid?> InsertSourceAsync(NpgsqlConnection connection, SourceRow source, CancellationToken cancellation) =>
        Sql.Command(connection, "insert_source", Value(source.Id), Value(source.Tenant), Value(source.Bucket), Value(source.Key), Value(source.Version),
            Value(source.Kind), Value(source.Status), Text(source.ReasonCode), Text(source.Reason), Text(source.Sequencer), Text(source.SesMessageId),
            Text(source.MailHead), Value(source.ReceivedAt)).ScalarAsync<Guid?>(cancellation);

    /// <summary>Removes the rows that a source had for people while there was nothing to read.</summary>
    public static Task ForgetUnreadAsync(NpgsqlConnection connection, Guid source, CancellationToken cancellation) =>
        Sql.Command(connection, "forget_unread", Value(source)).ExecuteAsync(cancellation);

    /// <summary>Ends what is under way of older versions of the same object.</summary>
    public static Task<int> SupersedeOlderAsync(NpgsqlConnection connection, SourceRow newer, Guid source, DateTimeOffset now, CancellationToken cancellation) =>
        Sql.Command(connection, "supersede_older", Value(newer.Bucket), Value(newer.Key), Value(source), Value(now)).ExecuteAsync(cancellation);

    /// <summary>The first document of the tenant with the same bytes.</summary>
    public static Task<Guid?> FindSameContentAsync(NpgsqlConnection connection, string tenant, string sha256, CancellationToken cancellation) =>
        Sql.Command(connection, "find_same_content", Value(tenant), Value(sha256)).ScalarAsync<Guid?>(cancellation);

    /// <returns>The ids that were really inserted.</returns>
    public static async Task<HashSet<Guid>> InsertAsync(NpgsqlConnection connection, IReadOnlyList<NewDocument> documents, DateTimeOffset now, CancellationToken cancellation) =>
        [.. await Sql.Command(connection, "insert_documents",
            Array(documents, d => d.Id, NpgsqlDbType.Uuid),
            Array(documents, d => d.SourceId, NpgsqlDbType.Uuid),
            Array(documents, d => d.Tenant, NpgsqlDbType.Text),
            Array(documents, d => d.PartPath, NpgsqlDbType.Text),
            Array(documents, d => d.FileName, NpgsqlDbType.Text),
            Array(documents, d => d.Sha256, NpgsqlDbType.Text),
            Array(documents, d => d.Bytes, NpgsqlDbType.Bigint),
            Array(documents, d => d.Status.ToText(), NpgsqlDbType.Text),
            Array(documents, d => d.ReasonCode, NpgsqlDbType.Text),
            Array(documents, d => d.Reason, NpgsqlDbType.Text),
            Array(documents, d => d.DuplicateOf, NpgsqlDbType.Uuid),
            Array(documents, d => d.ParentId, NpgsqlDbType.Uuid),
            Array(documents, d => d.Ordinal, NpgsqlDbType.Integer),
            Array(documents, d => d.PageFirst, NpgsqlDbType.Integer),
            Array(documents, d => d.PageLast, NpgsqlDbType.Integer),
            Array(documents, d => d.SplitDoubt, NpgsqlDbType.Text),
            Value(now)).ListAsync(r => r.GetGuid(0), cancellation)];

    public static Task<DocumentRow?> GetAsync(NpgsqlConnection connection, Guid document, CancellationToken cancellation) =>
        Sql.Command(connection, "get", Value(document)).FirstAsync(Document, cancellation);

    /// <summary>Newest first.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="status">Only these, if given.</param>
    /// <param name="parent">Only this one's children, if given.</param>
    /// <param name="after">Those before this id, which is the last of the page before.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the query.</param>
    public static Task<List<DocumentRow>> ListAsync(
        NpgsqlConnection connection, DocumentStatus? status, Guid? parent, Guid? after, int limit, CancellationToken cancellation) =>
        Sql.Command(connection, "list", Text(status?.ToText()), Id(parent), Id(after), Value(limit)).ListAsync(Document, cancellation);

    public static async Task<SourceRow> SourceAsync(NpgsqlConnection connection, Guid source, CancellationToken cancellation)
    {
        var rows = await Sql.Command(connection, "source_of", Value(source)).ListAsync(r => new SourceRow(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetString(5), r.GetString(6))
        {
            ReasonCode = r.TextOrNull(7),
            Reason = r.TextOrNull(8),
            Sequencer = r.TextOrNull(9),
            SesMessageId = r.TextOrNull(10),
            MailHead = r.TextOrNull(11),
            ReceivedAt = r.GetFieldValue<DateTimeOffset>(12),
        }, cancellation);
        return rows.Single();
    }

    /// <summary>How many children stand where.</summary>
    public static async Task<Dictionary<DocumentStatus, int>> ChildrenAsync(NpgsqlConnection connection, Guid parent, CancellationToken cancellation)
    {
        var rows = await Sql.Command(connection, "children", Value(parent)).ListAsync(r => (Status: DocumentStatuses.Parse(r.GetString(0)), Count: r.GetInt32(1)), cancellation);
        return rows.ToDictionary(r => r.Status, r => r.Count);
    }

    /// <summary>Moves a document that is still as it was seen.</summary>
    /// <param name="connection">In a transaction.</param>
    /// <param name="seen">The document as the work found it.</param>
    /// <param name="change">What follows.</param>
    /// <param name="revise">Whether what follows from the document (diagnostics, outputs) must be made anew.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellation">Ends the statement.</param>
    /// <returns>The revision that it has now; null if somebody else moved it meanwhile, and then nothing else may be written.</returns>
    public static async Task<int?> MoveAsync(
        NpgsqlConnection connection, DocumentRow seen, StatusChange change, bool revise, DateTimeOffset now, CancellationToken cancellation)
    {
        return await Sql.Command(connection, "move", Value(seen.Id), Value(seen.Status.ToText()), Value(seen.Rev), Value(change.Status.ToText()),
            Text(change.ReasonCode), Text(change.Reason), Id(change.DuplicateOf), Value(revise ? 1 : 0), Value(now)).ScalarAsync<int?>(cancellation);
    }

    /// <summary>Notes on a document that is still open at this revision that a job of it failed for good; others stay as they are.</summary>
    public static Task NoteFailureAsync(NpgsqlConnection connection, Guid document, int rev, string reason, DateTimeOffset now, CancellationToken cancellation) =>
        Sql.Command(connection, "note_failure", Value(document), Value(rev), Value(reason), Value(now)).ExecuteAsync(cancellation);

    /// <summary>Stores the columns of a document that is still as it was seen; of another it stores nothing.</summary>
    public static Task StoreColumnsAsync(NpgsqlConnection connection, DocumentRow seen, ComparedColumns columns, CancellationToken cancellation) =>
        Sql.Command(connection, "store_columns", Value(seen.Id), Value(seen.Status.ToText()), Value(seen.Rev), Text(columns.SupplierName), Text(columns.SupplierVat), Text(columns.Number), Text(columns.NumberNorm),
            Nullable(columns.IssueDate, NpgsqlDbType.Date), Text(columns.TypeCode), Text(columns.Currency),
            Nullable(columns.Net, NpgsqlDbType.Numeric), Nullable(columns.Gross, NpgsqlDbType.Numeric), Text(columns.TextHash)).ExecuteAsync(cancellation);

    public static Task StoreExtractionAsync(NpgsqlConnection connection, Guid document, ExtractionRow extraction, DateTimeOffset now, CancellationToken cancellation) =>
        Sql.Command(connection, "store_extraction", Value(document), Value(extraction.Extractor), Value(extraction.Version), Value(extraction.Fields),
            Value(extraction.Findings), Value(extraction.Words.ToArray()), Value(now)).ExecuteAsync(cancellation);

    public static Task<ExtractionRow?> ExtractionAsync(NpgsqlConnection connection, Guid document, CancellationToken cancellation) =>
        Sql.Command(connection, "extraction", Value(document)).FirstAsync(r => new ExtractionRow(r.GetInt32(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetFieldValue<string[]>(5)), cancellation);

    /// <summary>Until the transaction ends, nobody else matches documents of the tenant.</summary>
    public static Task LockTenantAsync(NpgsqlConnection connection, string tenant, CancellationToken cancellation) =>
        Sql.Command(connection, "lock_tenant", Value(tenant)).ExecuteAsync(cancellation);

    public static Task<List<SupplierRow>> SuppliersAsync(NpgsqlConnection connection, string tenant, CancellationToken cancellation) =>
        Sql.Command(connection, "suppliers", Value(tenant)).ListAsync(Supplier, cancellation);

    /// <summary>Makes suppliers known; those that are, keep their ids.</summary>
    public static Task<List<SupplierRow>> UpsertSuppliersAsync(NpgsqlConnection connection, string tenant, IReadOnlyList<SupplierRow> suppliers, CancellationToken cancellation) =>
        Sql.Command(connection, "upsert_suppliers", Value(tenant), Array(suppliers, s => s.Id, NpgsqlDbType.Uuid),
            Array(suppliers, s => s.Name, NpgsqlDbType.Text), Array(suppliers, s => s.NameNorm, NpgsqlDbType.Text), Array(suppliers, s => s.VatId, NpgsqlDbType.Text)).ListAsync(Supplier, cancellation);

    public static Task UpsertOrdersAsync(NpgsqlConnection connection, string tenant, IReadOnlyList<NewOrder> orders, DateTimeOffset now, CancellationToken cancellation) =>
        Sql.Command(connection, "upsert_orders", Value(tenant), Array(orders, o => o.Id, NpgsqlDbType.Uuid), Array(orders, o => o.Number, NpgsqlDbType.Text),
            Array(orders, o => o.NumberNorm, NpgsqlDbType.Text), Array(orders, o => o.SupplierId, NpgsqlDbType.Uuid), Array(orders, o => o.Buyer, NpgsqlDbType.Text),
            Array(orders, o => o.Currency, NpgsqlDbType.Text), Array(orders, o => o.OrderedNet, NpgsqlDbType.Numeric), Array(orders, o => o.ReceivedNet, NpgsqlDbType.Numeric), Value(now)).ExecuteAsync(cancellation);

    /// <summary>Orders with a number or of one of some suppliers, with what documents other than the given one have taken of them.</summary>
    /// <param name="connection">An open connection; in a transaction if <paramref name="forUpdate"/>.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="number">Normalised.</param>
    /// <param name="suppliers">Of the master data.</param>
    /// <param name="document">The one that is matched.</param>
    /// <param name="forUpdate">Until the transaction ends, nobody else takes of these orders, nor imports them anew.</param>
    /// <param name="cancellation">Ends the query.</param>
    public static async Task<List<OrderRow>> OrdersAsync(
        NpgsqlConnection connection, string tenant, string number, IReadOnlyList<Guid> suppliers, Guid document, bool forUpdate, CancellationToken cancellation)
    {
        if (forUpdate)
            await Sql.Command(connection, "lock_orders", Value(tenant), Value(number), Value(suppliers.ToArray())).ExecuteAsync(cancellation);
        return await Sql.Command(connection, "orders", Value(tenant), Value(number), Value(suppliers.ToArray()), Value(document)).ListAsync(r => new OrderRow(r.GetGuid(0), r.GetString(1), r.GetGuid(2), r.GetString(3), r.GetString(4), r.TextOrNull(5), r.GetString(6),
            r.GetDecimal(7), r.OrNull<decimal>(8), r.GetDecimal(9)), cancellation);
    }

    /// <summary>The order that a credited invoice was matched to.</summary>
    public static Task<Guid?> CreditedOrderAsync(NpgsqlConnection connection, string tenant, string number, Guid? supplier, CancellationToken cancellation) =>
        Sql.Command(connection, "credited_order", Value(tenant), Value(number), Id(supplier)).ScalarAsync<Guid?>(cancellation);

    /// <summary>Documents that may be the same invoice.</summary>
    public static Task<List<CandidateRow>> CandidatesAsync(NpgsqlConnection connection, DocumentRow document, ComparedColumns columns, CancellationToken cancellation) =>
        Sql.Command(connection, "candidates", Value(document.Tenant), Value(document.Id), Value(document.Seq), Text(document.Sha256),
            Text(columns.NumberNorm), Nullable(columns.Gross, NpgsqlDbType.Numeric), Text(document.TextHash)).ListAsync(r => new CandidateRow(r.GetGuid(0), r.GetString(1), IdAt(r, 2), r.TextOrNull(3), r.TextOrNull(4), r.TextOrNull(5),
            r.OrNull<DateOnly>(6), r.TextOrNull(7), r.OrNull<decimal>(8), r.TextOrNull(9), r.TextOrNull(10)), cancellation);

    public static Task StoreMatchAsync(NpgsqlConnection connection, Guid document, MatchRow match, DateTimeOffset now, CancellationToken cancellation) =>
        Sql.Command(connection, "store_match", Value(document), Value(match.Status), Value(match.Reason), Id(match.OrderId), Nullable(match.Net, NpgsqlDbType.Numeric),
            Id(match.SupplierId), Value(match.Outcome), Value(match.Duplicates), Value(now)).ExecuteAsync(cancellation);

    public static Task<MatchRow?> MatchAsync(NpgsqlConnection connection, Guid document, CancellationToken cancellation) =>
        Sql.Command(connection, "match", Value(document)).FirstAsync(r => new MatchRow(r.GetString(0), r.GetString(1), IdAt(r, 2), r.OrNull<decimal>(3), IdAt(r, 4), r.GetString(5), r.GetString(6)), cancellation);

    /// <summary>The currency of the order that a document was matched to.</summary>
    public static Task<string?> OrderCurrencyAsync(NpgsqlConnection connection, Guid document, CancellationToken cancellation) =>
        Sql.Command(connection, "order_currency", Value(document)).ScalarAsync<string?>(cancellation);

    /// <summary>Replaces the set, if the document still has the revision that was looked at, and keeps the document still until the transaction ends.</summary>
    /// <returns>The document's status; null if the revision is older, and then nothing was written.</returns>
    public static async Task<DocumentStatus?> ReplaceDiagnosticsAsync(
        NpgsqlConnection connection, Guid document, int rev, IReadOnlyList<DiagnosticRow> diagnostics, CancellationToken cancellation)
    {
        if (await Sql.Command(connection, "lock_revision", Value(document), Value(rev)).ScalarAsync<string?>(cancellation) is not { } status)
            return null;
        await Sql.Command(connection, "delete_diagnostics", Value(document)).ExecuteAsync(cancellation);
        await Sql.Command(connection, "insert_diagnostics", Value(document), Value(rev), Array(diagnostics, d => d.Rule, NpgsqlDbType.Text),
            Array(diagnostics, d => d.Severity, NpgsqlDbType.Text), Array(diagnostics, d => d.Message, NpgsqlDbType.Text), Array(diagnostics, d => d.Expected, NpgsqlDbType.Text),
            Array(diagnostics, d => d.Actual, NpgsqlDbType.Text), Array(diagnostics, d => string.Join(' ', d.Terms), NpgsqlDbType.Text)).ExecuteAsync(cancellation);
        return DocumentStatuses.Parse(status);
    }

    public static Task<List<DiagnosticRow>> DiagnosticsAsync(NpgsqlConnection connection, Guid document, CancellationToken cancellation) =>
        Sql.Command(connection, "diagnostics", Value(document)).ListAsync(r => new DiagnosticRow(r.GetString(0), r.GetString(1), r.GetString(2), r.TextOrNull(3), r.TextOrNull(4), r.GetFieldValue<string[]>(5)), cancellation);

    /// <summary>Notes an output; the same one a second time changes nothing.</summary>
    public static Task InsertOutputAsync(NpgsqlConnection connection, Guid document, OutputRow output, CancellationToken cancellation) =>
        Sql.Command(connection, "insert_output", Value(document), Value(output.Kind), Value(output.InputHash), Value(output.Key), Value(output.Bytes), Value(output.WrittenAt)).ExecuteAsync(cancellation);

    public static Task<List<OutputRow>> OutputsAsync(NpgsqlConnection connection, Guid document, CancellationToken cancellation) =>
        Sql.Command(connection, "outputs", Value(document)).ListAsync(r => new OutputRow(r.GetString(0), r.GetString(1), r.GetString(2), r.GetInt64(3), r.GetFieldValue<DateTimeOffset>(4)), cancellation);

    /// <summary>The jobs of a document, by their lanes and dedupe keys.</summary>
    public static Task<List<DocumentJobRow>> JobsAsync(NpgsqlConnection connection, IReadOnlyList<(string Lane, string Key)> keys, CancellationToken cancellation) =>
        Sql.Command(connection, "jobs", Array(keys, k => k.Lane, NpgsqlDbType.Text), Array(keys, k => k.Key, NpgsqlDbType.Text)).ListAsync(r => new DocumentJobRow(r.GetGuid(0), r.GetString(1), r.GetString(2), r.TextOrNull(3), r.GetInt32(4), r.GetInt32(5),
            r.GetFieldValue<DateTimeOffset>(6), r.TimeOrNull(7)), cancellation);

    private static DocumentRow Document(NpgsqlDataReader r) => new(
        r.GetGuid(0), r.GetInt64(1), r.GetGuid(2), r.GetString(3), r.GetString(4), r.GetString(5), IdAt(r, 6), NumberAt(r, 7), NumberAt(r, 8), NumberAt(r, 9), r.TextOrNull(10),
        r.TextOrNull(11), r.OrNull<long>(12), DocumentStatuses.Parse(r.GetString(13)), r.TextOrNull(14), r.TextOrNull(15), IdAt(r, 16), r.GetInt32(17),
        r.GetFieldValue<DateTimeOffset>(18), r.GetFieldValue<DateTimeOffset>(19), r.TextOrNull(20), r.TextOrNull(21),
        r.OrNull<DateOnly>(22), r.TextOrNull(23), r.OrNull<decimal>(24), r.TextOrNull(25));

    private static SupplierRow Supplier(NpgsqlDataReader r) => new(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetFieldValue<string[]>(4));

    private static Guid? IdAt(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetGuid(column);

    private static int? NumberAt(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt32(column);

    private static NpgsqlParameter Id(Guid? value) => Nullable(value, NpgsqlDbType.Uuid);

}
