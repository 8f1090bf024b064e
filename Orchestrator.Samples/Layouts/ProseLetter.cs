using Orchestrator.Samples.Bills;
using Orchestrator.Samples.Pdf;

namespace Orchestrator.Samples.Layouts;

/// <summary>A professional's letter: serif, centred head, the date behind the town, the amounts in a short list.</summary>
internal static class ProseLetter
{
    public static void Draw(Bill bill, PdfDocument pdf)
    {
        var words = bill.Market;
        var company = bill.Supplier;
        var italian = words.Language is "it";
        var sheet = new Sheet(pdf, 90, 760);
        var page = sheet.Page;
        page.TextCentred(297, 70, company.Name.ToUpperInvariant(), PdfFont.SerifBold, 14);
        page.TextCentred(297, 86, $"{company.Street} – {company.Place} – {company.Phone}", PdfFont.Serif, 9);
        page.Line(120, 94, 475, 94);
        Blocks.Address(page, italian ? 340 : 70, 140, PdfFont.Serif, 11, bill.Buyer, italian ? "Ufficio acquisti" : null);
        if (italian) page.Text(340, 126, words.BillTo, PdfFont.Serif, 10);
        page.TextRight(525, 232, $"{company.City}, {(italian ? "" : "den ")}{words.LongDate(bill.Date)}", PdfFont.Serif, 11);
        page.Text(70, 262, italian ? $"FATTURA N. {bill.Number}" : $"Kostennote Nr. {bill.Number}", PdfFont.SerifBold, 12);
        if (bill.PurchaseOrder is not null) page.Text(70, 278, $"{words.Order}: {bill.PurchaseOrder}", PdfFont.Serif, 10.5);
        page.Text(70, 300, bill.Note ?? "", PdfFont.Serif, 11);
        page.Text(70, 316, italian ? "si espongono le seguenti competenze:" : "erlauben wir uns, wie folgt abzurechnen:", PdfFont.Serif, 11);
        sheet.Y = 345;
        foreach (var item in bill.Items)
        {
            sheet.Page.Text(85, sheet.Y, item.Name, PdfFont.Serif, 11);
            sheet.Page.TextRight(525, sheet.Y, $"{words.Money(item.Amount)} {Blocks.Symbol(bill)}", PdfFont.Serif, 11);
            sheet.Down(13);
            var detail = $"{words.Count(item.Quantity)} {Units.In(words.Language, item.Unit)} {(italian ? "a" : "zu je")} {words.Money(item.Price)} {Blocks.Symbol(bill)}";
            sheet.Page.Text(100, sheet.Y, detail, PdfFont.Serif, 9.5, 0.3);
            sheet.Down(18);
        }
        sheet.Down(6);
        var totals = Blocks.Totals(bill);
        foreach (var (label, amount) in totals)
        {
            var last = label == totals[^1].Label;
            sheet.Page.Text(85, sheet.Y, label, last ? PdfFont.SerifBold : PdfFont.Serif, 11);
            sheet.Page.TextRight(525, sheet.Y, $"{words.Money(amount)} {Blocks.Symbol(bill)}", last ? PdfFont.SerifBold : PdfFont.Serif, 11);
            sheet.Down(16);
        }
        sheet.Down(16);
        Blocks.Lines(sheet.Page, 70, sheet.Y, PdfFont.Serif, 10.5,
            italian
                ? $"Pagamento entro il {words.LongDate(bill.Due!.Value)} mediante bonifico bancario"
                : $"Wir bitten um Überweisung bis zum {words.LongDate(bill.Due!.Value)} auf das Konto",
            $"IBAN {company.IbanInGroups}, BIC XXXX{company.Country}99");
        page.TextCentred(297, 800, $"{words.TaxNumber} {company.TaxNumber}   ·   {words.VatId} {company.VatId}   ·   www.{company.Domain}", PdfFont.Serif, 8);
    }
}
