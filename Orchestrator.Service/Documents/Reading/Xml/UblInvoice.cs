using static Orchestrator.Service.Documents.Reading.Xml.XmlValues;

namespace Orchestrator.Service.Documents.Reading.Xml;

/// <summary>UBL 2.1 Invoice and CreditNote.</summary>
internal static class UblInvoice
{
    private const string Sums = "LegalMonetaryTotal|RequestedMonetaryTotal";

    public static string? Profile(Element root) => root.Value("CustomizationID");

    public static InvoiceFields Read(Element root)
    {
        var currency = root.Value("DocumentCurrencyCode");
        var seller = root.At("AccountingSupplierParty", "Party");
        var buyer = root.At("AccountingCustomerParty", "Party");
        var sums = root.At(Sums);
        var tax = TaxIn(root, currency);
        return new InvoiceFields
        {
            Number = Term(root.Value("ID")),
            Type = Term(root.Value("InvoiceTypeCode|CreditNoteTypeCode") ?? (root.Name == "CreditNote" ? "381" : null)),
            IssueDate = Date(root.Value("IssueDate")),
            DueDate = Date(root.Value("DueDate") ?? root.Value("PaymentMeans", "PaymentDueDate")),
            Currency = Term(currency),
            PurchaseOrder = Term(root.Value("OrderReference", "ID")),
            PrecedingInvoice = Term(root.Value("BillingReference", "InvoiceDocumentReference", "ID")),
            Supplier = Term(Name(seller)),
            SupplierVat = Term(VatId(seller)),
            SupplierIban = Term(root.Value("PaymentMeans", "PayeeFinancialAccount", "ID")),
            Buyer = Term(Name(buyer)),
            BuyerVat = Term(VatId(buyer)),
            LineTotal = Amount(sums?.Value("LineExtensionAmount")),
            Allowances = Amount(sums?.Value("AllowanceTotalAmount")),
            Charges = Amount(sums?.Value("ChargeTotalAmount")),
            Net = Amount(sums?.Value("TaxExclusiveAmount")),
            Tax = Amount(tax?.Value("TaxAmount")),
            Gross = Amount(sums?.Value("TaxInclusiveAmount")),
            Prepaid = Amount(sums?.Value("PrepaidAmount")),
            Rounding = Amount(sums?.Value("PayableRoundingAmount")),
            Payable = Amount(sums?.Value("PayableAmount")),
            Vat = [.. (tax?.All("TaxSubtotal") ?? []).Select(Vat)],
            Lines = [.. root.Children.Where(element => element.Name is "InvoiceLine" or "CreditNoteLine").Select(Line)],
        };
    }

    /// <summary>The registered name is BT-27; the name in trade (BT-28) stands in where there is no other.</summary>
    private static string? Name(Element? party) =>
        party?.Value("PartyLegalEntity", "RegistrationName") ?? party?.Value("PartyName", "Name");

    private static string? VatId(Element? party) => party?.All("PartyTaxScheme")
        .FirstOrDefault(scheme => scheme.Value("TaxScheme", "ID") is "VAT" or null)?.Value("CompanyID");

    /// <summary>The total tax may stand twice, the second time in the currency of the books and without rates.</summary>
    private static Element? TaxIn(Element root, string? currency)
    {
        var all = root.All("TaxTotal").ToList();
        return all.FirstOrDefault(tax => tax.At("TaxAmount")?.Attribute("currencyID") == currency) ?? all.FirstOrDefault();
    }

    private static VatRow Vat(Element row) => new(
        Decimal(row.Value("TaxableAmount")),
        Decimal(row.Value("TaxAmount")),
        row.Value("TaxCategory", "ID"),
        Decimal(row.Value("TaxCategory", "Percent")));

    private static InvoiceLine Line(Element line)
    {
        var quantity = line.At("InvoicedQuantity|CreditedQuantity");
        return new InvoiceLine(
            line.Value("ID"),
            line.Value("Item", "Name"),
            Decimal(quantity?.Text.Trim()),
            quantity?.Attribute("unitCode"),
            Decimal(line.Value("Price", "PriceAmount")),
            Decimal(line.Value("LineExtensionAmount")),
            Decimal(line.Value("Item", "ClassifiedTaxCategory", "Percent")));
    }
}
