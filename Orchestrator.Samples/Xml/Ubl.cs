using System.Globalization;
using System.Xml;
using Orchestrator.Samples.Bills;

namespace Orchestrator.Samples.Xml;

/// <summary>UBL 2.1 Invoice and CreditNote.</summary>
internal static class Ubl
{
    private const string Cac = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
    private const string Cbc = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";

    public static byte[] Write(Bill bill) => XmlFile.Write(xml =>
    {
        var kind = bill.TypeCode is "381" ? "CreditNote" : "Invoice";
        xml.WriteStartElement(kind, $"urn:oasis:names:specification:ubl:schema:xsd:{kind}-2");
        xml.WriteAttributeString("xmlns", "cac", null, Cac);
        xml.WriteAttributeString("xmlns", "cbc", null, Cbc);
        xml.Basic("CustomizationID", Cii.Guideline(EmbeddedXml.En16931));
        xml.Basic("ID", bill.Number);
        xml.Basic("IssueDate", Date(bill.Date));
        if (kind is "Invoice" && bill.Due is { } due) xml.Basic("DueDate", Date(due));
        xml.Basic($"{kind}TypeCode", bill.TypeCode);
        xml.Basic("DocumentCurrencyCode", bill.Currency);
        if (bill.PurchaseOrder is not null) xml.Aggregate("OrderReference", () => xml.Basic("ID", bill.PurchaseOrder));
        if (bill.Preceding is not null) xml.Aggregate("BillingReference", () => xml.Aggregate("InvoiceDocumentReference", () => xml.Basic("ID", bill.Preceding)));
        xml.Aggregate("AccountingSupplierParty", () => Party(xml, bill.Supplier));
        xml.Aggregate("AccountingCustomerParty", () => Party(xml, bill.Buyer));
        if (bill.Delivered is { } on) xml.Aggregate("Delivery", () => xml.Basic("ActualDeliveryDate", Date(on)));
        if (bill.Supplier.Iban is not null)
        {
            xml.Aggregate("PaymentMeans", () =>
            {
                xml.Basic("PaymentMeansCode", "58");
                xml.Basic("PaymentID", bill.Number);
                xml.Aggregate("PayeeFinancialAccount", () => xml.Basic("ID", bill.Supplier.Iban));
            });
        }
        if (bill.Due is null) xml.Aggregate("PaymentTerms", () => xml.Basic("Note", bill.Market.Credit));
        Adjustment(xml, bill, charge: false, bill.Allowance, "Rabatt");
        Adjustment(xml, bill, charge: true, bill.Charge, "Versand");
        Tax(xml, bill);
        xml.Aggregate("LegalMonetaryTotal", () =>
        {
            xml.Amount("LineExtensionAmount", bill.LinesTotal, bill.Currency);
            xml.Amount("TaxExclusiveAmount", bill.Net, bill.Currency);
            xml.Amount("TaxInclusiveAmount", bill.Gross, bill.Currency);
            if (bill.Allowance != 0) xml.Amount("AllowanceTotalAmount", bill.Allowance, bill.Currency);
            if (bill.Charge != 0) xml.Amount("ChargeTotalAmount", bill.Charge, bill.Currency);
            if (bill.Prepaid != 0) xml.Amount("PrepaidAmount", bill.Prepaid, bill.Currency);
            if (bill.Rounding != 0) xml.Amount("PayableRoundingAmount", bill.Rounding, bill.Currency);
            xml.Amount("PayableAmount", bill.Payable, bill.Currency);
        });
        foreach (var (item, i) in bill.Items.Select((item, i) => (item, i))) Line(xml, bill, item, i + 1, kind);
        xml.WriteEndElement();
    });

    private static void Party(XmlWriter xml, Company company) => xml.Aggregate("Party", () =>
    {
        xml.Aggregate("PartyName", () => xml.Basic("Name", company.Name));
        xml.Aggregate("PostalAddress", () =>
        {
            xml.Basic("StreetName", company.Street);
            xml.Basic("CityName", company.City);
            xml.Basic("PostalZone", company.PostCode);
            xml.Aggregate("Country", () => xml.Basic("IdentificationCode", company.Country));
        });
        if (company.VatId is not null)
        {
            xml.Aggregate("PartyTaxScheme", () =>
            {
                xml.Basic("CompanyID", company.VatId);
                xml.Aggregate("TaxScheme", () => xml.Basic("ID", "VAT"));
            });
        }
        xml.Aggregate("PartyLegalEntity", () => xml.Basic("RegistrationName", company.Name));
    });

    private static void Adjustment(XmlWriter xml, Bill bill, bool charge, decimal amount, string reason)
    {
        if (amount == 0) return;
        xml.Aggregate("AllowanceCharge", () =>
        {
            xml.Basic("ChargeIndicator", charge ? "true" : "false");
            xml.Basic("AllowanceChargeReason", reason);
            xml.Amount("Amount", amount, bill.Currency);
            Category(xml, "TaxCategory", bill.VatLines[0].Category, bill.VatLines[0].Rate, null);
        });
    }

    private static void Tax(XmlWriter xml, Bill bill) => xml.Aggregate("TaxTotal", () =>
    {
        xml.Amount("TaxAmount", bill.Tax, bill.Currency);
        foreach (var line in bill.VatLines)
        {
            xml.Aggregate("TaxSubtotal", () =>
            {
                xml.Amount("TaxableAmount", line.Base, bill.Currency);
                xml.Amount("TaxAmount", line.Tax, bill.Currency);
                Category(xml, "TaxCategory", line.Category, line.Rate, line.Category is "S" or "Z" ? null : bill.Exemption);
            });
        }
    });

    private static void Category(XmlWriter xml, string name, string category, decimal rate, string? exemption) => xml.Aggregate(name, () =>
    {
        xml.Basic("ID", category);
        xml.Basic("Percent", XmlFile.Number(rate));
        if (exemption is not null) xml.Basic("TaxExemptionReason", exemption);
        xml.Aggregate("TaxScheme", () => xml.Basic("ID", "VAT"));
    });

    private static void Line(XmlWriter xml, Bill bill, Item item, int number, string kind) => xml.Aggregate($"{kind}Line", () =>
    {
        xml.Basic("ID", number.ToString(CultureInfo.InvariantCulture));
        xml.Basic(kind is "Invoice" ? "InvoicedQuantity" : "CreditedQuantity", XmlFile.Number(item.Quantity), ("unitCode", item.Unit));
        xml.Amount("LineExtensionAmount", item.Amount, bill.Currency);
        xml.Aggregate("Item", () =>
        {
            xml.Basic("Name", item.Name);
            if (item.Code.Length > 0) xml.Aggregate("SellersItemIdentification", () => xml.Basic("ID", item.Code));
            Category(xml, "ClassifiedTaxCategory", bill.Category(item.Rate), item.Rate, null);
        });
        xml.Aggregate("Price", () => xml.Basic("PriceAmount", XmlFile.Number(item.Price), ("currencyID", bill.Currency)));
    });

    private static string Date(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static void Aggregate(this XmlWriter xml, string name, Action content) => xml.Element("cac", name, Cac, content);

    private static void Amount(this XmlWriter xml, string name, decimal amount, string currency) => xml.Basic(name, XmlFile.Money(amount), ("currencyID", currency));

    private static void Basic(this XmlWriter xml, string name, string? text, (string Name, string Value)? attribute = null) => xml.Element("cbc", name, Cbc, () =>
    {
        if (attribute is var (key, value)) xml.WriteAttributeString(key, value);
        xml.WriteString(text);
    });
}
