using Orchestrator.Samples.Bills;
using Orchestrator.Samples.Pdf;

namespace Orchestrator.Samples.Layouts;

/// <summary>Power and telephone: the amount in a box on page 1, the details behind it, text for the customer at the end.</summary>
internal static class Utility
{
    public static void Draw(Bill bill, PdfDocument pdf)
    {
        var words = bill.Market;
        var company = bill.Supplier;
        var french = words.Language is "fr";
        var sheet = new Sheet(pdf, 100, 760);
        var page = sheet.Page;
        page.Fill(0, 0, 595, 44, new(0.05, 0.35, 0.45));
        page.Text(40, 29, company.Name, PdfFont.SansBold, 16, 1);
        Blocks.Address(page, 330, 110, PdfFont.Sans, 10, bill.Buyer);
        Blocks.Lines(page, 40, 110, PdfFont.Sans, 8.5,
            french ? "Service clients : 555 (appel gratuit)" : "Kundenservice: 0800 555 0142", company.Phone, $"service@{company.Domain}",
            french ? "Votre contrat : Fibre Pro 1 Gbit/s" : "Verbrauchsstelle: Werkstr. 5, Halle 2", french ? $"Référence client {bill.Customer}" : $"Vertragskonto {bill.Customer}");
        page.Text(40, 225, french ? $"Facture n° {bill.Number} du {words.LongDate(bill.Date)}" : $"Jahresabrechnung Strom {bill.Date.Year - 1}", PdfFont.SansBold, 14);
        if (!french) page.Text(40, 243, $"Rechnungsnummer: {bill.Number}     Datum: {words.LongDate(bill.Date)}", PdfFont.Sans, 10);
        if (bill.PurchaseOrder is not null) page.Text(40, french ? 243 : 258, $"{words.Order}: {bill.PurchaseOrder}", PdfFont.Sans, 10);
        page.Fill(40, 280, 515, 70, new(0.9, 0.95, 0.96));
        page.Text(55, 305, french ? "Montant à payer TTC" : bill.Prepaid > 0 ? "Ihre Nachzahlung" : "Ihr Rechnungsbetrag", PdfFont.Sans, 12);
        page.TextRight(540, 309, $"{words.Money(bill.Payable)} {Blocks.Symbol(bill)}", PdfFont.SansBold, 20);
        page.Text(55, 335, french ? $"Prélevé le {words.LongDate(bill.Due!.Value)} sur votre compte" : $"fällig am {words.LongDate(bill.Due!.Value)}", PdfFont.Sans, 9.5);
        sheet.Y = 385;
        foreach (var (label, amount) in Blocks.Totals(bill))
        {
            page.Text(55, sheet.Y, label, PdfFont.Sans, 10);
            page.TextRight(540, sheet.Y, $"{words.Money(amount)} {Blocks.Symbol(bill)}", PdfFont.Sans, 10);
            page.Line(55, sheet.Y + 4, 540, sheet.Y + 4, 0.25);
            sheet.Down(17);
        }
        Blocks.Lines(page, 40, sheet.Y + 20, PdfFont.Sans, 9, bill.Note,
            french ? "Le détail de votre consommation figure à la page suivante." : "Die Berechnung im Einzelnen finden Sie auf den folgenden Seiten.");
        page.Line(40, 660, 555, 660, 0.8);
        page.Text(40, 676, french ? "Coordonnées bancaires" : "Zahlschein / Bankverbindung", PdfFont.SansBold, 9);
        Blocks.Lines(page, 40, 692, PdfFont.Sans, 9, company.Name, $"IBAN {company.IbanInGroups}", $"{(french ? "Communication" : "Verwendungszweck")}: {bill.Number} / {bill.Customer}");

        sheet.NextPage();
        sheet.Page.Text(40, sheet.Y, french ? "Détail de la facture" : "Berechnung im Einzelnen", PdfFont.SansBold, 12);
        sheet.Down(24);
        Column[] columns =
        [
            new(words.Item, 40), new(french ? "Période" : "Zeitraum", 270), new(words.Quantity, 408, true),
            new(words.Price, 480, true), new(words.Amount, 555, true),
        ];
        new Table(columns, PdfFont.Sans, PdfFont.SansBold, 8.5) { Left = 40, Right = 555, Shaded = true, Step = 15 }
            .Draw(sheet, bill.Items.Select(item => new Row(
                [item.Name, item.Code, $"{words.Count(item.Quantity)} {Units.In(words.Language, item.Unit)}", words.Price4(item.Price), words.Money(item.Amount)])));
        if (!french)
        {
            sheet.NextPage();
            sheet.Page.Text(40, sheet.Y, "Was Sie noch wissen sollten", PdfFont.SansBold, 12);
            Blocks.Lines(sheet.Page, 40, sheet.Y + 24, PdfFont.Sans, 9,
                "Stromkennzeichnung des Lieferjahres: 62 % erneuerbare Energien, 38 % sonstige Energieträger.",
                "Zählernummer 1 ESY 99 0042 0183, Zählerstand alt 41.208, Zählerstand neu 53.874, abgelesen am 31.12.2025.",
                "Ihr neuer monatlicher Abschlag beträgt 318,00 € und ist jeweils zum 15. des Monats fällig, erstmals am 15.04.2026.",
                "Bei Fragen zu dieser Abrechnung wenden Sie sich bitte innerhalb von vier Wochen an unseren Kundenservice.",
                "Schlichtungsstelle Beispiel e. V., Musterplatz 9, 10999 Berlin.");
        }
        for (var i = 0; i < pdf.Pages.Count; i++)
        {
            pdf.Pages[i].Text(40, 812, $"{company.Name}, {company.Street}, {company.Place} - {words.VatId} {company.VatId}", PdfFont.Sans, 7, 0.3);
            pdf.Pages[i].TextRight(555, 812, french ? $"Page {i + 1}/{pdf.Pages.Count}" : $"Seite {i + 1} von {pdf.Pages.Count}", PdfFont.Sans, 7, 0.3);
        }
    }
}
