using Orchestrator.Samples.Bills;
using Orchestrator.Samples.Xml;

namespace Orchestrator.Samples.Files;

/// <summary>Orders that fit the invoices: some exactly, some not, and the file says how each should come out.</summary>
internal static class PurchaseOrders
{
    private const string Header = "po_number,supplier,supplier_vat,buyer,currency,ordered_net,received_net,expected_case,invoices";

    public static string Write(IReadOnlyList<Drawn> documents) => string.Concat(documents
        .Where(drawn => drawn.Bill.PurchaseOrder is not null && drawn.Bill.TypeCode is "380")
        .Select(Row).Prepend(Header).Select(row => row + "\n"));

    private static string Row(Drawn drawn)
    {
        var bill = drawn.Bill;
        var expected = Case(bill);
        var ordered = expected switch
        {
            "over_1pct_tolerance" => Bill.Round(bill.Net / 1.005m),
            "price_variance_12pct" => Bill.Round(bill.Net / 1.12m),
            _ => bill.Net,
        };
        var received = expected is "under_received" ? Bill.Round(ordered * 0.6m) : ordered;
        var currency = expected is "currency_mismatch" ? "EUR" : bill.Currency;
        return string.Join(',', Quoted(bill.PurchaseOrder!), Quoted(bill.Supplier.Name), Quoted(bill.Supplier.VatId ?? ""), Quoted(bill.Buyer.Name), currency,
            XmlFile.Money(ordered), XmlFile.Money(received), expected, drawn.File.Path);
    }

    private static string Case(Bill bill) => bill.PurchaseOrder switch
    {
        "4500-118147" => "over_1pct_tolerance",
        "PO-55120" or "OA 26-0081" => "price_variance_12pct",
        "BC-3377" or "PC-2026-118" => "under_received",
        "4500-118301" => "currency_mismatch",
        _ => "exact",
    };

    private static string Quoted(string text) => text.Contains(',', StringComparison.Ordinal) ? $"\"{text}\"" : text;
}
