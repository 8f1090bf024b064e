namespace Orchestrator.Service.Documents.Diagnostics;

/// <summary>What has to be there at all.</summary>
internal static class PresenceRules
{
    public static IEnumerable<Diagnostic> Check(Invoice invoice)
    {
        // Without these four nothing can be booked, whatever the document is.
        if (Blank(invoice.Number)) yield return Missing("BR-02", Severity.Error, "The invoice number", "BT-1");
        if (invoice.IssueDate is null) yield return Missing("BR-03", Severity.Error, "The invoice date", "BT-2");
        if (Blank(invoice.Currency)) yield return Missing("BR-05", Severity.Error, "The currency", "BT-5");
        if (invoice.Gross is null) yield return Missing("BR-14", Severity.Error, "The total with VAT", "BT-112");
        if (invoice.Profile is InvoiceProfile.Unknown) yield break;
        foreach (var promised in Promised(invoice)) yield return promised;
    }

    private static IEnumerable<Diagnostic> Promised(Invoice invoice)
    {
        if (Blank(invoice.TypeCode)) yield return Missing("BR-04", Severity.Warning, "The type of the document", "BT-3");
        if (Blank(invoice.Supplier.Name)) yield return Missing("BR-06", Severity.Warning, "The seller's name", "BT-27");
        if (Blank(invoice.Buyer.Name)) yield return Missing("BR-07", Severity.Warning, "The buyer's name", "BT-44");
        if (Blank(invoice.Supplier.Country)) yield return Missing("BR-09", Severity.Warning, "The seller's country", "BT-40");
        if (invoice.Net is null) yield return Missing("BR-13", Severity.Warning, "The total without VAT", "BT-109");
        if (invoice.Payable is null) yield return Missing("BR-15", Severity.Warning, "The amount due", "BT-115");
        if (invoice.Profile.PromisesDocumentLevel())
        {
            if (Blank(invoice.Buyer.Country)) yield return Missing("BR-11", Severity.Warning, "The buyer's country", "BT-55");
            if (invoice.LinesTotal is null) yield return Missing("BR-12", Severity.Warning, "The sum of the lines", "BT-106");
            if (invoice.Payable > 0 && invoice.DueDate is null && Blank(invoice.PaymentTerms))
                yield return Missing("BR-CO-25", Severity.Warning, "Money is due, but the due date or the payment terms", "BT-9", "BT-20");
        }
        if (invoice.Profile.PromisesLines() && invoice.Lines.Count == 0) yield return Missing("BR-16", Severity.Warning, "A line", "BG-25");
    }

    private static Diagnostic Missing(string rule, Severity severity, string what, params string[] terms) => new(rule, severity, $"{what} is missing.", null, null, terms);

    private static bool Blank(string? text) => string.IsNullOrWhiteSpace(text);
}
