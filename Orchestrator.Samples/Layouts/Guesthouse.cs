using Orchestrator.Samples.Bills;
using Orchestrator.Samples.Pdf;

namespace Orchestrator.Samples.Layouts;

/// <summary>A bill from a till program: one line a day with its own date, gross prices, the VAT told apart at the end.</summary>
internal static class Guesthouse
{
    public static void Draw(Bill bill, PdfDocument pdf)
    {
        var words = bill.Market;
        var company = bill.Supplier;
        var sheet = new Sheet(pdf, 80, 740, 420, 595);
        var page = sheet.Page;
        page.TextCentred(210, 45, company.Name, PdfFont.SerifBold, 14);
        page.TextCentred(210, 58, $"{company.Street}, {company.Place}, Tel. {company.Phone}", PdfFont.Serif, 8);
        Blocks.Address(page, 40, 90, PdfFont.Serif, 9.5, bill.Buyer);
        page.Text(40, 160, $"RECHNUNG Nr. {bill.Number}", PdfFont.SerifBold, 12);
        page.Text(40, 176, $"Anreise {words.ShortDate(bill.Items[0].On!.Value)}   Abreise {words.ShortDate(bill.Delivered!.Value)}   Zimmer 14   Gast: {bill.Contact}", PdfFont.Serif, 9);
        page.TextRight(380, 160, $"Datum: {words.ShortDate(bill.Date)}", PdfFont.Serif, 10);
        sheet.Y = 200;
        Column[] columns =
        [
            new("Tag", 40), new("Leistung", 100), new("Anz.", 262, true),
            new("à EUR", 318, true), new("EUR", 380, true),
        ];
        new Table(columns, PdfFont.Serif, PdfFont.SerifBold, 9) { Left = 40, Right = 380, Step = 12.5 }
            .Draw(sheet, bill.Items.Select(item => new Row([words.ShortDate(item.On!.Value), item.Name, words.Count(item.Quantity), words.Money(item.Price), words.Money(item.Amount)])));
        sheet.Down(6);
        page.Text(180, sheet.Y, "Rechnungsbetrag brutto EUR", PdfFont.SerifBold, 11);
        page.TextRight(380, sheet.Y, words.Money(bill.Gross), PdfFont.SerifBold, 11);
        sheet.Down(20);
        foreach (var line in bill.VatLines)
        {
            var share = $"darin {words.Percent(line.Rate)} MwSt. {words.Money(line.Tax)} auf netto {words.Money(line.Base)} = brutto {words.Money(line.Base + line.Tax)}";
            page.Text(40, sheet.Y, share, PdfFont.Serif, 9);
            sheet.Down(12);
        }
        Blocks.Lines(page, 40, sheet.Y + 14, PdfFont.Serif, 9, bill.Note, "Wir danken für Ihren Besuch und freuen uns auf ein Wiedersehen.");
        page.Line(40, 560, 380, 560);
        page.TextCentred(210, 572, $"St.-Nr. {company.TaxNumber} · Bankverbindung: IBAN {company.Iban}", PdfFont.Serif, 7.5);
    }
}
