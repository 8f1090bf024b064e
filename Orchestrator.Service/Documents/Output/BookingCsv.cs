using CsvHelper;

namespace Orchestrator.Service.Documents.Output;

/// <summary>
/// Lines for an accounting system: one a VAT rate, or one for the whole invoice where no breakdown is known. Credit notes
/// have negative amounts here, whatever sign they were written with. Cells that a spreadsheet would run as a formula are
/// written as text, since a supplier's name is anybody's to choose.
/// </summary>
internal static class BookingCsv
{
    private static readonly string[] Columns =
        ["document", "invoice_number", "type_code", "issue_date", "due_date", "supplier", "supplier_vat", "iban", "currency", "vat_category", "vat_rate", "net", "vat", "gross", "order", "match"];

    public static byte[] Write(OutputDocument document)
    {
        using var bytes = new MemoryStream();
        using (var csv = CsvWriter.Create(bytes, new() { Injection = CsvInjection.Escape, NewLine = "\n" }, leaveOpen: true))
        {
            csv.WriteRecord(Columns);
            foreach (var line in Lines(document.Invoice)) Write(csv, document, line);
        }
        return bytes.ToArray();
    }

    private static IReadOnlyList<VatLine> Lines(Invoice invoice) =>
        invoice.VatLines.Count > 0 ? invoice.VatLines : [new() { Base = invoice.Net, Tax = invoice.Tax }];

    private static void Write(CsvWriter csv, OutputDocument document, VatLine line)
    {
        var invoice = document.Invoice;
        var sign = invoice.IsCreditNote && (invoice.Gross ?? 0) > 0 ? -1 : 1;
        // A total without a breakdown keeps the invoice's own gross, even where no net is known.
        var gross = invoice.VatLines.Count > 0 ? line.Base + (line.Tax ?? 0) : invoice.Gross;
        var terms = Terms.Of(invoice).ToDictionary(term => term.Term, term => term.Value);
        csv.WriteField(document.DocumentId.ToString("D"));
        foreach (var term in (ReadOnlySpan<string>)["BT-1", "BT-3", "BT-2", "BT-9", "BT-27", "BT-31", "BT-84", "BT-5"])
            csv.WriteField(terms.GetValueOrDefault(term));
        csv.WriteField(line.Category);
        csv.WriteField(line.Rate, "0.####");
        // As numbers, because as text a credit note's minus would look like a formula.
        foreach (var amount in (ReadOnlySpan<decimal?>)[line.Base, line.Tax, gross]) csv.WriteField(amount * sign, "0.00########");
        csv.WriteField(document.Match?.OrderNumber ?? invoice.PurchaseOrder);
        csv.WriteField(document.Match?.Status.ToString());
        csv.EndRecord();
    }
}
