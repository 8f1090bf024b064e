using static Orchestrator.Service.Documents.Reading.Xml.XmlValues;

namespace Orchestrator.Service.Documents.Reading.Xml;

/// <summary>Cross Industry Invoice D16B and its forerunner ZUGFeRD 1.0, which has the same tree under other names.</summary>
internal static class CiiInvoice
{
    private const string Document = "ExchangedDocument|HeaderExchangedDocument";
    private const string Transaction = "SupplyChainTradeTransaction|SpecifiedSupplyChainTradeTransaction";
    private const string Agreement = "ApplicableHeaderTradeAgreement|ApplicableSupplyChainTradeAgreement";
    private const string Settlement = "ApplicableHeaderTradeSettlement|ApplicableSupplyChainTradeSettlement";
    private const string Summation = "SpecifiedTradeSettlementHeaderMonetarySummation|SpecifiedTradeSettlementMonetarySummation";
    private const string DateTime = "DateTimeString|DateTime";

    public static string? Profile(Element root) => root.Value(
        "ExchangedDocumentContext|SpecifiedExchangedDocumentContext", "GuidelineSpecifiedDocumentContextParameter", "ID");

    public static InvoiceFields Read(Element root)
    {
        var transaction = root.At(Transaction);
        var agreement = transaction?.At(Agreement);
        var settlement = transaction?.At(Settlement);
        var sums = settlement?.At(Summation);
        var seller = agreement?.At("SellerTradeParty");
        var buyer = agreement?.At("BuyerTradeParty");
        var currency = settlement?.Value("InvoiceCurrencyCode");
        return new InvoiceFields
        {
            Number = Term(root.Value(Document, "ID")),
            Type = Term(root.Value(Document, "TypeCode")),
            IssueDate = Date(root.Value(Document, "IssueDateTime", DateTime)),
            DueDate = Date(settlement?.Value("SpecifiedTradePaymentTerms", "DueDateDateTime", DateTime)),
            Currency = Term(currency),
            PurchaseOrder = Term(agreement?.Value("BuyerOrderReferencedDocument", "IssuerAssignedID|ID") ?? OrderOfLines(transaction)),
            PrecedingInvoice = Term(settlement?.Value("InvoiceReferencedDocument", "IssuerAssignedID|ID")),
            Supplier = Term(seller?.Value("Name")),
            SupplierVat = Term(VatId(seller)),
            SupplierIban = Term(settlement?.Value("SpecifiedTradeSettlementPaymentMeans", "PayeePartyCreditorFinancialAccount", "IBANID")),
            Buyer = Term(buyer?.Value("Name")),
            BuyerVat = Term(VatId(buyer)),
            LineTotal = Amount(sums?.Value("LineTotalAmount")),
            Allowances = Amount(sums?.Value("AllowanceTotalAmount")),
            Charges = Amount(sums?.Value("ChargeTotalAmount")),
            Net = Amount(sums?.Value("TaxBasisTotalAmount")),
            Tax = Amount(InCurrency(sums?.All("TaxTotalAmount"), currency)),
            Gross = Amount(InCurrency(sums?.All("GrandTotalAmount"), currency)),
            Prepaid = Amount(sums?.Value("TotalPrepaidAmount")),
            Rounding = Amount(sums?.Value("RoundingAmount")),
            Payable = Amount(sums?.Value("DuePayableAmount")),
            Vat = [.. (settlement?.All("ApplicableTradeTax") ?? []).Select(Vat)],
            Lines = [.. (transaction?.All("IncludedSupplyChainTradeLineItem") ?? []).Select(Line)],
        };
    }

    /// <summary>The order of the first line that names one, where the head names none.</summary>
    private static string? OrderOfLines(Element? transaction) => (transaction?.All("IncludedSupplyChainTradeLineItem") ?? [])
        .Select(line => line.Value("SpecifiedLineTradeAgreement|SpecifiedSupplyChainTradeAgreement", "BuyerOrderReferencedDocument", "IssuerAssignedID|ID"))
        .FirstOrDefault(order => order is not null);

    /// <summary>A party may have several numbers; only the one marked VA is the VAT identifier.</summary>
    private static string? VatId(Element? party) => party?.All("SpecifiedTaxRegistration")
        .Select(registration => registration.At("ID"))
        .FirstOrDefault(id => id?.Attribute("schemeID") == "VA")?.Text.Trim() is { Length: > 0 } id ? id : null;

    /// <summary>Totals may stand twice, the second time in the currency of the books.</summary>
    private static string? InCurrency(IEnumerable<Element>? amounts, string? currency)
    {
        var all = amounts?.ToList() ?? [];
        return (all.FirstOrDefault(amount => amount.Attribute("currencyID") == currency) ?? all.FirstOrDefault())?.Text.Trim();
    }

    private static VatRow Vat(Element tax) => new(
        Decimal(tax.Value("BasisAmount")),
        Decimal(tax.Value("CalculatedAmount")),
        tax.Value("CategoryCode"),
        Decimal(tax.Value("RateApplicablePercent|ApplicablePercent")));

    private static InvoiceLine Line(Element line)
    {
        var settlement = line.At("SpecifiedLineTradeSettlement|SpecifiedSupplyChainTradeSettlement");
        var quantity = line.At("SpecifiedLineTradeDelivery|SpecifiedSupplyChainTradeDelivery", "BilledQuantity");
        return new InvoiceLine(
            line.Value("AssociatedDocumentLineDocument", "LineID"),
            line.Value("SpecifiedTradeProduct", "Name"),
            Decimal(quantity?.Text.Trim()),
            quantity?.Attribute("unitCode"),
            Decimal(line.Value("SpecifiedLineTradeAgreement|SpecifiedSupplyChainTradeAgreement", "NetPriceProductTradePrice", "ChargeAmount")),
            Decimal(settlement?.Value("SpecifiedTradeSettlementLineMonetarySummation|SpecifiedTradeSettlementMonetarySummation", "LineTotalAmount")),
            Decimal(settlement?.Value("ApplicableTradeTax", "RateApplicablePercent|ApplicablePercent")));
    }
}
