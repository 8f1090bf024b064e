using Orchestrator.Service.Documents.Matching;

namespace Orchestrator.Service.Documents.Diagnostics;

/// <summary>All that the rules look at. Stored data and today's date, so the same input gives the same list on any redelivery.</summary>
public sealed record DiagnosticInput
{
    public required Invoice Invoice { get; init; }
    public required DateOnly Today { get; init; }
    /// <summary>What the print of a hybrid says; null where there is only one source.</summary>
    public PrintedValues? Printed { get; init; }
    public SupplierFinding? Supplier { get; init; }
    /// <summary>The currency of the matched order.</summary>
    public string? OrderCurrency { get; init; }
}

/// <summary>The values of the printed page, found by the text rules; null where they found none.</summary>
public sealed record PrintedValues(string? Number, DateOnly? IssueDate, string? Currency, decimal? Gross);
