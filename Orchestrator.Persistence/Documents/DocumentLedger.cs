using Npgsql;
using NpgsqlTypes;

namespace Orchestrator.Persistence.Documents;

/// <summary>The statements of <c>DocumentLedger.sql</c>, typed. Decides nothing: the workers decide, the ledger guards and writes.</summary>
public static class DocumentLedger
{
    private static readonly SqlFile Sql = SqlFile.Embedded("DocumentLedger.sql");

    /// <summary>The source that holds an object already; null if none does.</summary>
    public static Task<Guid?> FindSourceAsync(NpgsqlConnection connection, string bucket, string key, string version, CancellationToken cancellation) =>
        IdAsync(Command(connection, "find_source", Value(bucket), Value(key), Value(version)), cancellation);

    /// <returns>The source's id; null if the object was stored before, and then nothing may follow.</returns>
    public static Task<Guid?> InsertSourceAsync(NpgsqlConnection connection, SourceRow source, CancellationToken cancellation) =>
        IdAsync(Command(connection, "insert_source", Value(source.Id), Value(source.Tenant), Value(source.Bucket), Value(source.Key), Value(source.Version),
            Value(source.Kind), Value(source.Status), Text(source.ReasonCode), Text(source.Reason), Text(source.Sequencer), Text(source.SesMessageId),
            Text(source.MailHead), Value(source.ReceivedAt)), cancellation);

    /// <summary>Removes the rows that a source had for people while there was nothing to read.</summary>
    public static Task ForgetUnreadAsync(NpgsqlConnection connection, Guid source, CancellationToken cancellation) =>
        ExecuteAsync(Command(connection, "forget_unread", Value(source)), cancellation);

    /// <summary>Ends what is under way of older versions of the same object.</summary>
    public static Task<int> SupersedeOlderAsync(NpgsqlConnection connection, SourceRow newer, Guid source, DateTimeOffset now, CancellationToken cancellation) =>
        ExecuteAsync(Command(connection, "supersede_older", Value(newer.Bucket), Value(newer.Key), Value(source), Value(now)), cancellation);

    /// <summary>The first document of the tenant with the same bytes.</summary>
    public static Task<Guid?> FindSameContentAsync(NpgsqlConnection connection, string tenant, string sha256, CancellationToken cancellation) =>
        IdAsync(Command(connection, "find_same_content", Value(tenant), Value(sha256)), cancellation);

    /// <returns>The ids that were really inserted.</returns>
    public static async Task<HashSet<Guid>> InsertAsync(NpgsqlConnection connection, IReadOnlyList<NewDocument> documents, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = Command(connection, "insert_documents",
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
            Value(now));
        return [.. await ReadAsync(command, r => r.GetGuid(0), cancellation)];
    }

    public static async Task<DocumentRow?> GetAsync(NpgsqlConnection connection, Guid document, CancellationToken cancellation)
    {
        await using var command = Command(connection, "get", Value(document));
        return (await ReadAsync(command, Document, cancellation)).FirstOrDefault();
    }

    /// <summary>Newest first.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="status">Only these, if given.</param>
    /// <param name="parent">Only this one's children, if given.</param>
    /// <param name="after">Those before this id, which is the last of the page before.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the query.</param>
    public static async Task<List<DocumentRow>> ListAsync(
        NpgsqlConnection connection, DocumentStatus? status, Guid? parent, Guid? after, int limit, CancellationToken cancellation)
    {
        await using var command = Command(connection, "list", Text(status?.ToText()), Id(parent), Id(after), Value(limit));
        return await ReadAsync(command, Document, cancellation);
    }

    public static async Task<SourceRow> SourceAsync(NpgsqlConnection connection, Guid source, CancellationToken cancellation)
    {
        await using var command = Command(connection, "source_of", Value(source));
        return (await ReadAsync(command, r => new SourceRow(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetString(5), r.GetString(6))
        {
            ReasonCode = TextAt(r, 7),
            Reason = TextAt(r, 8),
            Sequencer = TextAt(r, 9),
            SesMessageId = TextAt(r, 10),
            MailHead = TextAt(r, 11),
            ReceivedAt = r.GetFieldValue<DateTimeOffset>(12),
        }, cancellation)).Single();
    }

    /// <summary>How many children stand where.</summary>
    public static async Task<Dictionary<DocumentStatus, int>> ChildrenAsync(NpgsqlConnection connection, Guid parent, CancellationToken cancellation)
    {
        await using var command = Command(connection, "children", Value(parent));
        return (await ReadAsync(command, r => (Status: DocumentStatuses.Parse(r.GetString(0)), Count: r.GetInt32(1)), cancellation)).ToDictionary(r => r.Status, r => r.Count);
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
        await using var command = Command(connection, "move", Value(seen.Id), Value(seen.Status.ToText()), Value(seen.Rev), Value(change.Status.ToText()),
            Text(change.ReasonCode), Text(change.Reason), Id(change.DuplicateOf), Value(revise ? 1 : 0), Value(now));
        return await command.ExecuteScalarAsync(cancellation) is int rev ? rev : null;
    }

    /// <summary>Notes on a document that is still open at this revision that a job of it failed for good; others stay as they are.</summary>
    public static Task NoteFailureAsync(NpgsqlConnection connection, Guid document, int rev, string reason, DateTimeOffset now, CancellationToken cancellation) =>
        ExecuteAsync(Command(connection, "note_failure", Value(document), Value(rev), Value(reason), Value(now)), cancellation);

    /// <summary>Stores the columns of a document that is still as it was seen; of another it stores nothing.</summary>
    public static Task StoreColumnsAsync(NpgsqlConnection connection, DocumentRow seen, ComparedColumns columns, CancellationToken cancellation) =>
        ExecuteAsync(Command(connection, "store_columns", Value(seen.Id), Value(seen.Status.ToText()), Value(seen.Rev), Text(columns.SupplierName), Text(columns.SupplierVat), Text(columns.Number), Text(columns.NumberNorm),
            Nullable(columns.IssueDate, NpgsqlDbType.Date), Text(columns.TypeCode), Text(columns.Currency),
            Nullable(columns.Net, NpgsqlDbType.Numeric), Nullable(columns.Gross, NpgsqlDbType.Numeric), Text(columns.TextHash)), cancellation);

    public static Task StoreExtractionAsync(NpgsqlConnection connection, Guid document, ExtractionRow extraction, DateTimeOffset now, CancellationToken cancellation) =>
        ExecuteAsync(Command(connection, "store_extraction", Value(document), Value(extraction.Extractor), Value(extraction.Version), Value(extraction.Fields),
            Value(extraction.Findings), Value(extraction.Words.ToArray()), Value(now)), cancellation);

    public static async Task<ExtractionRow?> ExtractionAsync(NpgsqlConnection connection, Guid document, CancellationToken cancellation)
    {
        await using var command = Command(connection, "extraction", Value(document));
        return (await ReadAsync(command, r => new ExtractionRow(r.GetInt32(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetFieldValue<string[]>(5)), cancellation)).FirstOrDefault();
    }

    /// <summary>Until the transaction ends, nobody else matches documents of the tenant.</summary>
    public static Task LockTenantAsync(NpgsqlConnection connection, string tenant, CancellationToken cancellation) =>
        ExecuteAsync(Command(connection, "lock_tenant", Value(tenant)), cancellation);

    public static async Task<List<SupplierRow>> SuppliersAsync(NpgsqlConnection connection, string tenant, CancellationToken cancellation)
    {
        await using var command = Command(connection, "suppliers", Value(tenant));
        return await ReadAsync(command, Supplier, cancellation);
    }

    /// <summary>Makes suppliers known; those that are, keep their ids.</summary>
    public static async Task<List<SupplierRow>> UpsertSuppliersAsync(NpgsqlConnection connection, string tenant, IReadOnlyList<SupplierRow> suppliers, CancellationToken cancellation)
    {
        await using var command = Command(connection, "upsert_suppliers", Value(tenant), Array(suppliers, s => s.Id, NpgsqlDbType.Uuid),
            Array(suppliers, s => s.Name, NpgsqlDbType.Text), Array(suppliers, s => s.NameNorm, NpgsqlDbType.Text), Array(suppliers, s => s.VatId, NpgsqlDbType.Text));
        return await ReadAsync(command, Supplier, cancellation);
    }

    public static Task UpsertOrdersAsync(NpgsqlConnection connection, string tenant, IReadOnlyList<NewOrder> orders, DateTimeOffset now, CancellationToken cancellation) =>
        ExecuteAsync(Command(connection, "upsert_orders", Value(tenant), Array(orders, o => o.Id, NpgsqlDbType.Uuid), Array(orders, o => o.Number, NpgsqlDbType.Text),
            Array(orders, o => o.NumberNorm, NpgsqlDbType.Text), Array(orders, o => o.SupplierId, NpgsqlDbType.Uuid), Array(orders, o => o.Buyer, NpgsqlDbType.Text),
            Array(orders, o => o.Currency, NpgsqlDbType.Text), Array(orders, o => o.OrderedNet, NpgsqlDbType.Numeric), Array(orders, o => o.ReceivedNet, NpgsqlDbType.Numeric), Value(now)), cancellation);

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
            await ExecuteAsync(Command(connection, "lock_orders", Value(tenant), Value(number), Value(suppliers.ToArray())), cancellation);
        await using var command = Command(connection, "orders", Value(tenant), Value(number), Value(suppliers.ToArray()), Value(document));
        return await ReadAsync(command, r => new OrderRow(r.GetGuid(0), r.GetString(1), r.GetGuid(2), r.GetString(3), r.GetString(4), TextAt(r, 5), r.GetString(6),
            r.GetDecimal(7), r.IsDBNull(8) ? null : r.GetDecimal(8), r.GetDecimal(9)), cancellation);
    }

    /// <summary>The order that a credited invoice was matched to.</summary>
    public static Task<Guid?> CreditedOrderAsync(NpgsqlConnection connection, string tenant, string number, Guid? supplier, CancellationToken cancellation) =>
        IdAsync(Command(connection, "credited_order", Value(tenant), Value(number), Id(supplier)), cancellation);

    /// <summary>Documents that may be the same invoice.</summary>
    public static async Task<List<CandidateRow>> CandidatesAsync(NpgsqlConnection connection, DocumentRow document, ComparedColumns columns, CancellationToken cancellation)
    {
        await using var command = Command(connection, "candidates", Value(document.Tenant), Value(document.Id), Value(document.Seq), Text(document.Sha256),
            Text(columns.NumberNorm), Nullable(columns.Gross, NpgsqlDbType.Numeric), Text(document.TextHash));
        return await ReadAsync(command, r => new CandidateRow(r.GetGuid(0), r.GetString(1), IdAt(r, 2), TextAt(r, 3), TextAt(r, 4), TextAt(r, 5),
            r.IsDBNull(6) ? null : r.GetFieldValue<DateOnly>(6), TextAt(r, 7), r.IsDBNull(8) ? null : r.GetDecimal(8), TextAt(r, 9), TextAt(r, 10)), cancellation);
    }

    public static Task StoreMatchAsync(NpgsqlConnection connection, Guid document, MatchRow match, DateTimeOffset now, CancellationToken cancellation) =>
        ExecuteAsync(Command(connection, "store_match", Value(document), Value(match.Status), Value(match.Reason), Id(match.OrderId), Nullable(match.Net, NpgsqlDbType.Numeric),
            Id(match.SupplierId), Value(match.Outcome), Value(match.Duplicates), Value(now)), cancellation);

    public static async Task<MatchRow?> MatchAsync(NpgsqlConnection connection, Guid document, CancellationToken cancellation)
    {
        await using var command = Command(connection, "match", Value(document));
        return (await ReadAsync(command, r => new MatchRow(r.GetString(0), r.GetString(1), IdAt(r, 2), r.IsDBNull(3) ? null : r.GetDecimal(3), IdAt(r, 4), r.GetString(5), r.GetString(6)), cancellation)).FirstOrDefault();
    }

    /// <summary>The currency of the order that a document was matched to.</summary>
    public static async Task<string?> OrderCurrencyAsync(NpgsqlConnection connection, Guid document, CancellationToken cancellation)
    {
        await using var command = Command(connection, "order_currency", Value(document));
        return await command.ExecuteScalarAsync(cancellation) as string;
    }

    /// <summary>Replaces the set, if the document still has the revision that was looked at, and keeps the document still until the transaction ends.</summary>
    /// <returns>The document's status; null if the revision is older, and then nothing was written.</returns>
    public static async Task<DocumentStatus?> ReplaceDiagnosticsAsync(
        NpgsqlConnection connection, Guid document, int rev, IReadOnlyList<DiagnosticRow> diagnostics, CancellationToken cancellation)
    {
        await using var guard = Command(connection, "lock_revision", Value(document), Value(rev));
        if (await guard.ExecuteScalarAsync(cancellation) is not string status)
            return null;
        await ExecuteAsync(Command(connection, "delete_diagnostics", Value(document)), cancellation);
        await ExecuteAsync(Command(connection, "insert_diagnostics", Value(document), Value(rev), Array(diagnostics, d => d.Rule, NpgsqlDbType.Text),
            Array(diagnostics, d => d.Severity, NpgsqlDbType.Text), Array(diagnostics, d => d.Message, NpgsqlDbType.Text), Array(diagnostics, d => d.Expected, NpgsqlDbType.Text),
            Array(diagnostics, d => d.Actual, NpgsqlDbType.Text), Array(diagnostics, d => string.Join(' ', d.Terms), NpgsqlDbType.Text)), cancellation);
        return DocumentStatuses.Parse(status);
    }

    public static async Task<List<DiagnosticRow>> DiagnosticsAsync(NpgsqlConnection connection, Guid document, CancellationToken cancellation)
    {
        await using var command = Command(connection, "diagnostics", Value(document));
        return await ReadAsync(command, r => new DiagnosticRow(r.GetString(0), r.GetString(1), r.GetString(2), TextAt(r, 3), TextAt(r, 4), r.GetFieldValue<string[]>(5)), cancellation);
    }

    /// <summary>Notes an output; the same one a second time changes nothing.</summary>
    public static Task InsertOutputAsync(NpgsqlConnection connection, Guid document, OutputRow output, CancellationToken cancellation) =>
        ExecuteAsync(Command(connection, "insert_output", Value(document), Value(output.Kind), Value(output.InputHash), Value(output.Key), Value(output.Bytes), Value(output.WrittenAt)), cancellation);

    public static async Task<List<OutputRow>> OutputsAsync(NpgsqlConnection connection, Guid document, CancellationToken cancellation)
    {
        await using var command = Command(connection, "outputs", Value(document));
        return await ReadAsync(command, r => new OutputRow(r.GetString(0), r.GetString(1), r.GetString(2), r.GetInt64(3), r.GetFieldValue<DateTimeOffset>(4)), cancellation);
    }

    /// <summary>The jobs of a document, by their lanes and dedupe keys.</summary>
    public static async Task<List<DocumentJobRow>> JobsAsync(NpgsqlConnection connection, IReadOnlyList<(string Lane, string Key)> keys, CancellationToken cancellation)
    {
        await using var command = Command(connection, "jobs", Array(keys, k => k.Lane, NpgsqlDbType.Text), Array(keys, k => k.Key, NpgsqlDbType.Text));
        return await ReadAsync(command, r => new DocumentJobRow(r.GetGuid(0), r.GetString(1), r.GetString(2), TextAt(r, 3), r.GetInt32(4), r.GetInt32(5),
            r.GetFieldValue<DateTimeOffset>(6), r.IsDBNull(7) ? null : r.GetFieldValue<DateTimeOffset>(7)), cancellation);
    }

    private static DocumentRow Document(NpgsqlDataReader r) => new(
        r.GetGuid(0), r.GetInt64(1), r.GetGuid(2), r.GetString(3), r.GetString(4), r.GetString(5), IdAt(r, 6), NumberAt(r, 7), NumberAt(r, 8), NumberAt(r, 9), TextAt(r, 10),
        TextAt(r, 11), r.IsDBNull(12) ? null : r.GetInt64(12), DocumentStatuses.Parse(r.GetString(13)), TextAt(r, 14), TextAt(r, 15), IdAt(r, 16), r.GetInt32(17),
        r.GetFieldValue<DateTimeOffset>(18), r.GetFieldValue<DateTimeOffset>(19), TextAt(r, 20), TextAt(r, 21),
        r.IsDBNull(22) ? null : r.GetFieldValue<DateOnly>(22), TextAt(r, 23), r.IsDBNull(24) ? null : r.GetDecimal(24), TextAt(r, 25));

    private static SupplierRow Supplier(NpgsqlDataReader r) => new(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetFieldValue<string[]>(4));

    private static string? TextAt(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static Guid? IdAt(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetGuid(column);

    private static int? NumberAt(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt32(column);

    private static NpgsqlCommand Command(NpgsqlConnection connection, string name, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlCommand(Sql[name], connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        return command;
    }

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };

    private static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Id(Guid? value) => Nullable(value, NpgsqlDbType.Uuid);

    private static NpgsqlParameter Nullable<T>(T? value, NpgsqlDbType type) where T : struct => new() { Value = value is { } known ? known : DBNull.Value, NpgsqlDbType = type };

    private static NpgsqlParameter<TColumn[]> Array<TRow, TColumn>(IReadOnlyList<TRow> rows, Func<TRow, TColumn> column, NpgsqlDbType type) =>
        new() { TypedValue = [.. rows.Select(column)], NpgsqlDbType = NpgsqlDbType.Array | type };

    private static async Task<Guid?> IdAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var owned = command;
        return await owned.ExecuteScalarAsync(cancellation) is Guid id ? id : null;
    }

    private static async Task<int> ExecuteAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var owned = command;
        return await owned.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<List<T>> ReadAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
            rows.Add(read(reader));
        return rows;
    }
}
