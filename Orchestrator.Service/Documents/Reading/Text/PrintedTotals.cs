namespace Orchestrator.Service.Documents.Reading.Text;

/// <summary>The totals that a document prints, and whether they close.</summary>
internal sealed record PrintedTotals(
    Field<decimal>? Net,
    Field<decimal>? Tax,
    Field<decimal>? Gross,
    Field<decimal>? Payable,
    Field<decimal>? Prepaid,
    string? Currency,
    bool Closes)
{
    public static PrintedTotals None { get; } = new(null, null, null, null, null, null, false);
}
