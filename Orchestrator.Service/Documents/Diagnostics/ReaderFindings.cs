using Orchestrator.Service.Documents.Reading;

namespace Orchestrator.Service.Documents.Diagnostics;

/// <summary>What the reader noticed, as diagnostics of the document. The sums it checked are left out: <see cref="SumRules"/> checks them with both values.</summary>
internal static class ReaderFindings
{
    public static IEnumerable<Diagnostic> Of(IEnumerable<ReadDiagnostic> findings) => findings
        .Where(finding => !finding.Code.StartsWith("BR-", StringComparison.Ordinal))
        .Select(finding => new Diagnostic(finding.Code, SeverityOf(finding.Code), finding.Text, null, null, []));

    private static Severity SeverityOf(string code) => code switch
    {
        // The wrong pages, two invoices in one, or two values for one field: nothing may be booked on that.
        DiagnosticCodes.XmlPrintMismatch or DiagnosticCodes.BoundaryUncertain or DiagnosticCodes.SeveralNumbers => Severity.Error,
        DiagnosticCodes.Restricted or DiagnosticCodes.Repaired => Severity.Note,
        _ => Severity.Warning,
    };
}
