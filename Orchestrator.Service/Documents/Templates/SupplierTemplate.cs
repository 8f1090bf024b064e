namespace Orchestrator.Service.Documents.Templates;

/// <summary>How one supplier prints its invoices, as data. Patterns are searched line by line; the first group is the value.</summary>
public sealed class SupplierTemplate
{
    /// <summary>A short name that stays.</summary>
    public string Id { get; init; } = "";

    /// <summary>The supplier's name, or null to leave it to the general rules.</summary>
    public string? Supplier { get; init; }

    /// <summary>The supplier's VAT identifier, or null.</summary>
    public string? SupplierVat { get; init; }

    /// <summary>Words that must all occur in the text; at least one.</summary>
    public IList<string> Keywords { get; init; } = [];

    /// <summary>The currency, or null to leave it to the general rules.</summary>
    public string? Currency { get; init; }

    /// <summary>How dates are printed: <c>day-first</c> or <c>month-first</c>; months may have names.</summary>
    public string Dates { get; init; } = "day-first";

    /// <summary>The decimal mark: <c>,</c> or <c>.</c></summary>
    public string DecimalMark { get; init; } = ",";

    /// <summary>Patterns by field: number, date, due, net, tax, gross, payable, po.</summary>
    public IDictionary<string, string> Patterns { get; init; } = new Dictionary<string, string>();
}
