using System.Globalization;
using System.Security.Cryptography;
using Orchestrator.Samples.Bills;
using Orchestrator.Samples.Xml;

namespace Orchestrator.Samples.Files;

/// <summary>What each file says, one row a file.</summary>
internal static class Truth
{
    private static readonly string Header = string.Join('\t',
        "file", "kind", "syntax", "profile", "supplier", "supplier_vat", "buyer", "invoice_number", "type_code", "issue_date", "currency",
        "net", "tax", "gross", "payable", "po_ref", "lines", "pages", "truth_source", "number_in_text", "gross_in_text", "sha256");

    public static string Write(IReadOnlyList<Drawn> documents) => string.Concat(documents.Select(Row).Prepend(Header).Select(row => row + "\n"));

    private static string Row(Drawn drawn)
    {
        var bill = drawn.Bill;
        var embedded = bill.Xml is not EmbeddedXml.None;
        var (kind, syntax, profile) = drawn.Pages > 0
            ? (embedded ? "hybrid" : "text", embedded ? "CII" : "", embedded ? Cii.Guideline(bill.Xml) : "")
            : drawn.File.Path.EndsWith(".cii.xml", StringComparison.Ordinal)
                ? ("xml", "CII", Cii.Guideline(EmbeddedXml.En16931))
                : ("xml", bill.TypeCode is "381" ? "UBL-CreditNote" : "UBL-Invoice", Cii.Guideline(EmbeddedXml.En16931));
        var sameInPrint = !drawn.File.Path.StartsWith("special/", StringComparison.Ordinal);
        return string.Join('\t',
            drawn.File.Path, kind, syntax, profile, bill.Supplier.Name, bill.Supplier.VatId, bill.Buyer.Name, bill.Number, bill.TypeCode,
            bill.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), bill.Currency,
            XmlFile.Money(bill.Net), XmlFile.Money(bill.Tax), XmlFile.Money(bill.Gross), XmlFile.Money(bill.Payable),
            bill.PurchaseOrder, bill.Items.Count, drawn.Pages > 0 ? drawn.Pages : "", "generated", drawn.Pages > 0 ? "true" : "", drawn.Pages > 0 ? sameInPrint ? "true" : "false" : "",
            Convert.ToHexStringLower(SHA256.HashData(drawn.File.Content)));
    }
}
