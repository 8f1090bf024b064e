namespace Orchestrator.Service.Documents.Diagnostics;

/// <summary>All rules, in the order in which people read the results.</summary>
internal static class InvoiceRules
{
    public static IReadOnlyList<Diagnostic> Check(DiagnosticInput input) =>
    [
        .. PresenceRules.Check(input.Invoice),
        .. SumRules.Check(input.Invoice),
        .. DecimalRules.Check(input.Invoice),
        .. PayablesRules.Check(input),
    ];
}
