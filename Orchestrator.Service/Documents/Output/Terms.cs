using System.Globalization;

namespace Orchestrator.Service.Documents.Output;

/// <summary>An invoice's values under their business terms, in the standard's order; what is missing is left out.</summary>
internal static class Terms
{
    public static IEnumerable<(string Term, string Value)> Of(Invoice invoice) => Present(
    [
        ("BT-1", invoice.Number),
        ("BT-2", Date(invoice.IssueDate)),
        ("BT-3", invoice.TypeCode),
        ("BT-5", invoice.Currency),
        ("BT-9", Date(invoice.DueDate)),
        ("BT-10", invoice.BuyerReference),
        ("BT-12", invoice.Contract),
        ("BT-13", invoice.PurchaseOrder),
        ("BT-15", invoice.ReceivingAdvice),
        ("BT-16", invoice.DespatchAdvice),
        ("BT-20", invoice.PaymentTerms),
        ("BT-24", invoice.Specification),
        ("BT-25", invoice.PrecedingInvoice),
        ("BT-27", invoice.Supplier.Name),
        ("BT-29", invoice.Supplier.Identifier),
        ("BT-31", invoice.Supplier.VatId),
        ("BT-32", invoice.Supplier.TaxNumber),
        ("BT-40", invoice.Supplier.Country),
        ("BT-44", invoice.Buyer.Name),
        ("BT-46", invoice.Buyer.Identifier),
        ("BT-48", invoice.Buyer.VatId),
        ("BT-55", invoice.Buyer.Country),
        ("BT-72", Date(invoice.DeliveryDate)),
        ("BT-81", invoice.PaymentMeans),
        ("BT-83", invoice.Remittance),
        ("BT-84", invoice.Supplier.Iban),
        ("BT-106", Amount(invoice.LinesTotal)),
        ("BT-107", Amount(invoice.Allowances)),
        ("BT-108", Amount(invoice.Charges)),
        ("BT-109", Amount(invoice.Net)),
        ("BT-110", Amount(invoice.Tax)),
        ("BT-112", Amount(invoice.Gross)),
        ("BT-113", Amount(invoice.Prepaid)),
        ("BT-114", Amount(invoice.Rounding)),
        ("BT-115", Amount(invoice.Payable)),
    ]);

    public static IEnumerable<(string Term, string Value)> Of(VatLine line) => Present(
    [
        ("BT-116", Amount(line.Base)),
        ("BT-117", Amount(line.Tax)),
        ("BT-118", line.Category),
        ("BT-119", Number(line.Rate)),
        ("BT-120", line.ExemptionReason),
    ]);

    public static IEnumerable<(string Term, string Value)> Of(InvoiceLine line) => Present(
    [
        ("BT-126", line.Id),
        ("BT-129", Number(line.Quantity)),
        ("BT-130", line.Unit),
        ("BT-131", Amount(line.Net)),
        ("BT-132", line.PurchaseOrderLine),
        ("BT-146", Number(line.Price)),
        ("BT-149", Number(line.PriceBaseQuantity)),
        ("BT-151", line.VatCategory),
        ("BT-152", Number(line.VatRate)),
        ("BT-153", line.Name),
        ("BT-155", line.SupplierItem),
        ("BT-157", line.StandardItem),
    ]);

    /// <summary>Two decimals, and more only where they say something; 5 and 5.000 are the same bytes.</summary>
    public static string? Amount(decimal? amount) => amount?.ToString("0.00########", CultureInfo.InvariantCulture);

    private static string? Number(decimal? number) => number?.ToString("0.##########", CultureInfo.InvariantCulture);

    private static string? Date(DateOnly? date) => date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static IEnumerable<(string, string)> Present(IEnumerable<(string Term, string? Value)> terms) =>
        terms.Where(term => term.Value is not null).Select(term => (term.Term, term.Value!));
}
