using System.Globalization;
using Orchestrator.Service.Documents.Matching;

namespace Orchestrator.Service.Documents.Diagnostics;

/// <summary>What no standard asks for and every accounts-payable clerk looks at: dates, accounts, and whether print and XML say the same.</summary>
internal static class PayablesRules
{
    public static IEnumerable<Diagnostic> Check(DiagnosticInput input) =>
        [.. Dates(input), .. Account(input), .. Supplier(input), .. Order(input), .. Print(input), .. Profile(input.Invoice)];

    private static IEnumerable<Diagnostic> Dates(DiagnosticInput input)
    {
        if (input.Invoice.IssueDate is not { } date) yield break;
        var oldest = input.Today.AddYears(-1);
        if (date > input.Today)
            yield return new("DateInFuture", Severity.Error, "The invoice date is in the future.", $"until {Words(input.Today)}", Words(date), ["BT-2"]);
        if (date < oldest)
            yield return new("DateTooOld", Severity.Warning, "The invoice date is more than a year ago.", $"since {Words(oldest)}", Words(date), ["BT-2"]);
        if (input.Invoice.DueDate is { } due && due < date)
            yield return new("DueBeforeIssue", Severity.Warning, "The due date is before the invoice date.", $"since {Words(date)}", Words(due), ["BT-9", "BT-2"]);
    }

    private static IEnumerable<Diagnostic> Account(DiagnosticInput input)
    {
        var iban = Identifiers.Compact(input.Invoice.Supplier.Iban);
        if (iban.Length == 0) yield break;
        if (!IbanChecksum.Holds(iban))
            yield return new("IbanInvalid", Severity.Error, "The IBAN's check digits are wrong.", null, iban, ["BT-84"]);
        // The oldest fraud there is: a good supplier's invoice with a stranger's account.
        if (input.Supplier is SupplierFinding.Known { Supplier: { Ibans.Count: > 0 } known } && !known.Ibans.Any(own => Identifiers.Compact(own) == iban))
        {
            yield return new("IbanChanged", Severity.Error, $"The IBAN is not one that {known.Name} is known to have; ask them by telephone before paying.",
                string.Join(", ", known.Ibans), iban, ["BT-84"]);
        }
    }

    private static IEnumerable<Diagnostic> Supplier(DiagnosticInput input)
    {
        var invoice = input.Invoice;
        if (input.Supplier is SupplierFinding.Unknown unknown)
            yield return new("SupplierUnknown", Severity.Warning, unknown.Reason, null, invoice.Supplier.Name, ["BT-27"]);
        if (input.Supplier is SupplierFinding.Ambiguous several)
            yield return new("SupplierAmbiguous", Severity.Warning, several.Reason, null, invoice.Supplier.Name, ["BT-27"]);
        var vatId = Identifiers.Compact(invoice.Supplier.VatId);
        if (vatId.Length > 0 && input.Supplier is SupplierFinding.Known { Supplier: { VatId: not null } known } && Identifiers.Compact(known.VatId) != vatId)
            yield return new("VatIdUnknown", Severity.Error, $"The VAT id is not the one that {known.Name} is known to have.", known.VatId, invoice.Supplier.VatId, ["BT-31"]);
    }

    private static IEnumerable<Diagnostic> Order(DiagnosticInput input)
    {
        if (input.OrderCurrency is { } ordered && input.Invoice.Currency is { } invoiced && !ordered.Equals(invoiced, StringComparison.OrdinalIgnoreCase))
            yield return new("CurrencyDiffersFromOrder", Severity.Error, "The order was in another currency.", ordered, invoiced, ["BT-5"]);
    }

    // By law the XML is the invoice. The person who approves sees the print, so what differs is never passed over in silence.
    private static IEnumerable<Diagnostic> Print(DiagnosticInput input)
    {
        if (input.Printed is not { } printed) yield break;
        var invoice = input.Invoice;
        if (printed.Number is { } number && invoice.Number is { } statedNumber && !SameNumber(number, statedNumber))
            yield return Differs("number", statedNumber, number, "BT-1");
        if (printed.IssueDate is { } date && invoice.IssueDate is { } statedDate && date != statedDate)
            yield return Differs("date", Words(statedDate), Words(date), "BT-2");
        if (printed.Currency is { } currency && invoice.Currency is { } statedCurrency && !currency.Equals(statedCurrency, StringComparison.OrdinalIgnoreCase))
            yield return Differs("currency", statedCurrency, currency, "BT-5");
        // Credit notes are printed with a minus by some and without by others.
        if (printed.Gross is { } gross && invoice.Gross is { } statedGross && Math.Abs(gross) != Math.Abs(statedGross))
            yield return Differs("total", Words(statedGross), Words(gross), "BT-112");
    }

    private static bool SameNumber(string printed, string stated) => Identifiers.Normalise(printed) == Identifiers.Normalise(stated);

    private static Diagnostic Differs(string what, string xml, string print, string term) =>
        new("XmlPrintMismatch", Severity.Error, $"The XML's {what} is {xml} and the print's is {print}; the XML is the invoice, but somebody should know why.", xml, print, [term]);

    private static IEnumerable<Diagnostic> Profile(Invoice invoice)
    {
        if (invoice.Profile is InvoiceProfile.Minimum or InvoiceProfile.BasicWithoutLines && invoice.Supplier.Country is "DE")
        {
            yield return new("ProfileNotAnInvoice", Severity.Warning, "MINIMUM and BASIC WL are no electronic invoices under German law; the print counts, not the XML.",
                "EN 16931", invoice.Specification, ["BT-24"]);
        }
    }

    private static string Words(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Words(decimal amount) => amount.ToString("0.00##", CultureInfo.InvariantCulture);
}
