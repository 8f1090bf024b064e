namespace Orchestrator.Persistence.Documents;

/// <summary>An object that a notification named.</summary>
public sealed record SourceRow(Guid Id, string Tenant, string Bucket, string Key, string Version, string Kind, string Status)
{
    public string? ReasonCode { get; init; }
    public string? Reason { get; init; }
    public string? Sequencer { get; init; }
    public string? SesMessageId { get; init; }

    /// <summary>JSON.</summary>
    public string? MailHead { get; init; }
    public DateTimeOffset ReceivedAt { get; init; }
}

/// <summary>A document that is stored for the first time.</summary>
public sealed record NewDocument(Guid Id, Guid SourceId, string Tenant, string PartPath, string FileName, string? Sha256, long? Bytes)
{
    public DocumentStatus Status { get; init; } = DocumentStatus.Received;
    public string? ReasonCode { get; init; }
    public string? Reason { get; init; }
    public Guid? DuplicateOf { get; init; }
    public Guid? ParentId { get; init; }
    public int? Ordinal { get; init; }
    public int? PageFirst { get; init; }
    public int? PageLast { get; init; }
    public string? SplitDoubt { get; init; }
}

/// <summary>A stored document.</summary>
public sealed record DocumentRow(
    Guid Id, long Seq, Guid SourceId, string Tenant, string PartPath, string FileName, Guid? ParentId, int? Ordinal, int? PageFirst, int? PageLast, string? SplitDoubt,
    string? Sha256, long? Bytes, DocumentStatus Status, string? ReasonCode, string? Reason, Guid? DuplicateOf, int Rev, DateTimeOffset ReceivedAt, DateTimeOffset ChangedAt,
    string? SupplierName, string? Number, DateOnly? IssueDate, string? Currency, decimal? Gross, string? TextHash);

/// <summary>What follows from a piece of work for the document's status.</summary>
public sealed record StatusChange(DocumentStatus Status, string? ReasonCode = null, string? Reason = null, Guid? DuplicateOf = null);

/// <summary>What was read, in the form in which it is stored.</summary>
/// <param name="Fields">JSON.</param>
/// <param name="Findings">JSON.</param>
/// <param name="Words">Words of the text that could be an order's number.</param>
public sealed record ExtractionRow(int Revision, string Extractor, string Version, string Fields, string Findings, IReadOnlyList<string> Words);

/// <summary>The columns by which documents are compared.</summary>
public sealed record ComparedColumns
{
    public string? SupplierName { get; init; }
    public string? SupplierVat { get; init; }
    public string? Number { get; init; }
    public string? NumberNorm { get; init; }
    public DateOnly? IssueDate { get; init; }
    public string? TypeCode { get; init; }
    public string? Currency { get; init; }
    public decimal? Net { get; init; }
    public decimal? Gross { get; init; }
    public string? TextHash { get; init; }
}

/// <summary>Another document that may be the same invoice.</summary>
public sealed record CandidateRow(
    Guid Id, string Sha256, Guid? SupplierId, string? SupplierVat, string? SupplierName, string? Number, DateOnly? IssueDate, string? Currency, decimal? Gross, string? TypeCode, string? TextHash);

/// <summary>A supplier of the master data.</summary>
public sealed record SupplierRow(Guid Id, string Name, string NameNorm, string VatId, IReadOnlyList<string> Ibans);

/// <summary>An order, with what other documents have taken of it.</summary>
public sealed record OrderRow(
    Guid Id, string Number, Guid SupplierId, string SupplierName, string SupplierVat, string? Buyer, string Currency, decimal OrderedNet, decimal? ReceivedNet, decimal InvoicedNet);

/// <summary>An order to be imported.</summary>
public sealed record NewOrder(Guid Id, string Number, string NumberNorm, Guid SupplierId, string? Buyer, string Currency, decimal OrderedNet, decimal? ReceivedNet);

/// <summary>The result of a match.</summary>
/// <param name="Outcome">JSON.</param>
/// <param name="Duplicates">JSON.</param>
public sealed record MatchRow(string Status, string Reason, Guid? OrderId, decimal? Net, Guid? SupplierId, string Outcome, string Duplicates);

/// <summary>Something that a person may want to know about a document.</summary>
public sealed record DiagnosticRow(string Rule, string Severity, string Message, string? Expected, string? Actual, IReadOnlyList<string> Terms);

/// <summary>A written output.</summary>
public sealed record OutputRow(string Kind, string InputHash, string Key, long Bytes, DateTimeOffset WrittenAt);

/// <summary>A job that works, or worked, on a document.</summary>
public sealed record DocumentJobRow(Guid Id, string Lane, string State, string? Reason, int Attempts, int MaxAttempts, DateTimeOffset AvailableAt, DateTimeOffset? EndedAt);
