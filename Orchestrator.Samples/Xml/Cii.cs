using System.Globalization;
using System.Xml;
using Orchestrator.Samples.Bills;

namespace Orchestrator.Samples.Xml;

/// <summary>UN/CEFACT Cross Industry Invoice D16B, as Factur-X and XRechnung use it.</summary>
internal static class Cii
{
    private const string Rsm = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100";
    private const string Aggregate = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100";
    private const string Udt = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100";

    public static string Guideline(EmbeddedXml profile) => profile switch
    {
        EmbeddedXml.Minimum => "urn:factur-x.eu:1p0:minimum",
        EmbeddedXml.BasicWithoutLines => "urn:factur-x.eu:1p0:basicwl",
        EmbeddedXml.Basic => "urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic",
        EmbeddedXml.XRechnung => "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0",
        _ => "urn:cen.eu:en16931:2017",
    };

    public static byte[] Write(Bill bill, EmbeddedXml profile) => XmlFile.Write(xml =>
    {
        var minimum = profile is EmbeddedXml.Minimum;
        xml.WriteStartElement("rsm", "CrossIndustryInvoice", Rsm);
        xml.WriteAttributeString("xmlns", "ram", null, Aggregate);
        xml.WriteAttributeString("xmlns", "udt", null, Udt);
        xml.Element("rsm", "ExchangedDocumentContext", Rsm, () =>
            xml.Ram("GuidelineSpecifiedDocumentContextParameter", () => xml.Ram("ID", Guideline(profile))));
        xml.Element("rsm", "ExchangedDocument", Rsm, () =>
        {
            xml.Ram("ID", bill.Number);
            xml.Ram("TypeCode", bill.TypeCode);
            xml.Ram("IssueDateTime", () => Date(xml, bill.Date));
        });
        xml.Element("rsm", "SupplyChainTradeTransaction", Rsm, () =>
        {
            if (profile is not (EmbeddedXml.Minimum or EmbeddedXml.BasicWithoutLines))
                foreach (var (item, i) in bill.Items.Select((item, i) => (item, i))) Line(xml, bill, item, i + 1);
            xml.Ram("ApplicableHeaderTradeAgreement", () =>
            {
                if (profile is EmbeddedXml.XRechnung) xml.Ram("BuyerReference", bill.Customer);
                xml.Ram("SellerTradeParty", () => Party(xml, bill.Supplier, full: !minimum, seller: true));
                xml.Ram("BuyerTradeParty", () => Party(xml, bill.Buyer, full: !minimum, seller: false));
                if (bill.PurchaseOrder is not null) xml.Ram("BuyerOrderReferencedDocument", () => xml.Ram("IssuerAssignedID", bill.PurchaseOrder));
            });
            xml.Ram("ApplicableHeaderTradeDelivery", () =>
            {
                if (!minimum && bill.Delivered is { } on) xml.Ram("ActualDeliverySupplyChainEvent", () => xml.Ram("OccurrenceDateTime", () => Date(xml, on)));
            });
            xml.Ram("ApplicableHeaderTradeSettlement", () => Settlement(xml, bill, minimum));
        });
        xml.WriteEndElement();
    });

    private static void Line(XmlWriter xml, Bill bill, Item item, int number) => xml.Ram("IncludedSupplyChainTradeLineItem", () =>
    {
        xml.Ram("AssociatedDocumentLineDocument", () => xml.Ram("LineID", number.ToString(CultureInfo.InvariantCulture)));
        xml.Ram("SpecifiedTradeProduct", () =>
        {
            if (item.Code.Length > 0) xml.Ram("SellerAssignedID", item.Code);
            xml.Ram("Name", item.Name);
        });
        xml.Ram("SpecifiedLineTradeAgreement", () => xml.Ram("NetPriceProductTradePrice", () => xml.Ram("ChargeAmount", XmlFile.Number(item.Price))));
        xml.Ram("SpecifiedLineTradeDelivery", () => xml.Ram("BilledQuantity", XmlFile.Number(item.Quantity), ("unitCode", item.Unit)));
        xml.Ram("SpecifiedLineTradeSettlement", () =>
        {
            xml.Ram("ApplicableTradeTax", () =>
            {
                xml.Ram("TypeCode", "VAT");
                xml.Ram("CategoryCode", bill.Category(item.Rate));
                xml.Ram("RateApplicablePercent", XmlFile.Number(item.Rate));
            });
            xml.Ram("SpecifiedTradeSettlementLineMonetarySummation", () => xml.Ram("LineTotalAmount", XmlFile.Money(item.Amount)));
        });
    });

    private static void Party(XmlWriter xml, Company company, bool full, bool seller)
    {
        xml.Ram("Name", company.Name);
        if (full || seller)
        {
            xml.Ram("PostalTradeAddress", () =>
            {
                if (full)
                {
                    xml.Ram("PostcodeCode", company.PostCode);
                    xml.Ram("LineOne", company.Street);
                    xml.Ram("CityName", company.City);
                }
                xml.Ram("CountryID", company.Country);
            });
        }
        if (company.VatId is not null && (full || seller)) xml.Ram("SpecifiedTaxRegistration", () => xml.Ram("ID", company.VatId, ("schemeID", "VA")));
        else if (seller && company.TaxNumber is not null) xml.Ram("SpecifiedTaxRegistration", () => xml.Ram("ID", company.TaxNumber, ("schemeID", "FC")));
    }

    private static void Settlement(XmlWriter xml, Bill bill, bool minimum)
    {
        if (!minimum) xml.Ram("PaymentReference", bill.Number);
        xml.Ram("InvoiceCurrencyCode", bill.Currency);
        if (!minimum)
        {
            if (bill.Supplier.Iban is not null)
            {
                xml.Ram("SpecifiedTradeSettlementPaymentMeans", () =>
                {
                    xml.Ram("TypeCode", "58");
                    xml.Ram("PayeePartyCreditorFinancialAccount", () => xml.Ram("IBANID", bill.Supplier.Iban));
                });
            }
            foreach (var line in bill.VatLines)
            {
                xml.Ram("ApplicableTradeTax", () =>
                {
                    xml.Ram("CalculatedAmount", XmlFile.Money(line.Tax));
                    xml.Ram("TypeCode", "VAT");
                    if (line.Category is "E" or "K" or "AE") xml.Ram("ExemptionReason", bill.Exemption);
                    xml.Ram("BasisAmount", XmlFile.Money(line.Base));
                    xml.Ram("CategoryCode", line.Category);
                    xml.Ram("RateApplicablePercent", XmlFile.Number(line.Rate));
                });
            }
            Adjustment(xml, bill, charge: false, bill.Allowance, "Rabatt");
            Adjustment(xml, bill, charge: true, bill.Charge, "Versand");
            xml.Ram("SpecifiedTradePaymentTerms", () =>
            {
                if (bill.Due is { } due) xml.Ram("DueDateDateTime", () => Date(xml, due));
                else xml.Ram("Description", bill.Market.Credit);
            });
        }
        xml.Ram("SpecifiedTradeSettlementHeaderMonetarySummation", () =>
        {
            if (!minimum)
            {
                xml.Ram("LineTotalAmount", XmlFile.Money(bill.LinesTotal));
                if (bill.Charge != 0) xml.Ram("ChargeTotalAmount", XmlFile.Money(bill.Charge));
                if (bill.Allowance != 0) xml.Ram("AllowanceTotalAmount", XmlFile.Money(bill.Allowance));
            }
            xml.Ram("TaxBasisTotalAmount", XmlFile.Money(bill.Net));
            xml.Ram("TaxTotalAmount", XmlFile.Money(bill.Tax), ("currencyID", bill.Currency));
            if (!minimum && bill.Rounding != 0) xml.Ram("RoundingAmount", XmlFile.Money(bill.Rounding));
            xml.Ram("GrandTotalAmount", XmlFile.Money(bill.Gross));
            if (!minimum && bill.Prepaid != 0) xml.Ram("TotalPrepaidAmount", XmlFile.Money(bill.Prepaid));
            xml.Ram("DuePayableAmount", XmlFile.Money(bill.Payable));
        });
        if (!minimum && bill.Preceding is not null) xml.Ram("InvoiceReferencedDocument", () => xml.Ram("IssuerAssignedID", bill.Preceding));
    }

    private static void Adjustment(XmlWriter xml, Bill bill, bool charge, decimal amount, string reason)
    {
        if (amount == 0) return;
        var highest = bill.VatLines[0];
        xml.Ram("SpecifiedTradeAllowanceCharge", () =>
        {
            xml.Ram("ChargeIndicator", () => xml.Element("udt", "Indicator", Udt, () => xml.WriteString(charge ? "true" : "false")));
            xml.Ram("ActualAmount", XmlFile.Money(amount));
            xml.Ram("Reason", reason);
            xml.Ram("CategoryTradeTax", () =>
            {
                xml.Ram("TypeCode", "VAT");
                xml.Ram("CategoryCode", highest.Category);
                xml.Ram("RateApplicablePercent", XmlFile.Number(highest.Rate));
            });
        });
    }

    private static void Date(XmlWriter xml, DateOnly date) => xml.Element("udt", "DateTimeString", Udt, () =>
    {
        xml.WriteAttributeString("format", "102");
        xml.WriteString(date.ToString("yyyyMMdd", CultureInfo.InvariantCulture));
    });

    private static void Ram(this XmlWriter xml, string name, Action content) => xml.Element("ram", name, Aggregate, content);

    private static void Ram(this XmlWriter xml, string name, string? text, (string Name, string Value)? attribute = null) => xml.Element("ram", name, Aggregate, () =>
    {
        if (attribute is var (key, value)) xml.WriteAttributeString(key, value);
        xml.WriteString(text);
    });
}
