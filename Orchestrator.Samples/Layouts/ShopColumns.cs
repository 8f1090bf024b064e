using Orchestrator.Samples.Bills;
using Orchestrator.Samples.Pdf;

namespace Orchestrator.Samples.Layouts;

/// <summary>A Dutch shop: one row of column titles with the facts under it, currency signs in front, the VAT beside the total.</summary>
internal static class ShopColumns
{
    public static void Draw(Bill bill, PdfDocument pdf)
    {
        var words = bill.Market;
        var company = bill.Supplier;
        var sheet = new Sheet(pdf, 90, 740);
        var page = sheet.Page;
        page.TextRight(545, 60, company.Name, PdfFont.SansBold, 16);
        Blocks.Lines(page, 400, 78, PdfFont.Sans, 8.5, company.Street, company.Place, company.Phone, $"KvK {company.TaxNumber}", $"BTW {company.VatId}", $"IBAN {company.Iban}");
        Blocks.Address(page, 50, 140, PdfFont.Sans, 10, bill.Buyer, $"t.a.v. {bill.Contact}");
        page.Text(50, 232, words.Invoice, PdfFont.SansBold, 20);
        var titles = new[] { words.Invoice, "Datum", words.Customer, words.Order, words.Due };
        var values = new[] { bill.Number, words.ShortDate(bill.Date), bill.Customer ?? "-", bill.PurchaseOrder ?? "-", bill.Due is { } due ? words.ShortDate(due) : "-" };
        for (var i = 0; i < titles.Length; i++)
        {
            page.Text(50 + i * 102, 258, titles[i], PdfFont.SansBold, 9);
            page.Text(50 + i * 102, 272, values[i], PdfFont.Sans, 9);
        }
        page.Line(50, 280, 545, 280);
        sheet.Y = 305;
        Column[] columns =
        [
            new(words.Quantity, 75, true), new(words.Item, 90), new(words.Vat, 385, true),
            new(words.Price, 465, true), new(words.Amount, 545, true),
        ];
        new Table(columns, PdfFont.Sans, PdfFont.SansBold, 9) { Left = 50, Right = 545, Step = 16 }
            .Draw(sheet, bill.Items.Select(item => new Row(
                [words.Count(item.Quantity), item.Name, words.Percent(item.Rate), $"€ {words.Money(item.Price)}", $"€ {words.Money(item.Amount)}"])));
        sheet.Down(12);
        if (bill.PricesIncludeVat)
        {
            page.Text(330, sheet.Y, words.Gross, PdfFont.SansBold, 11);
            page.TextRight(545, sheet.Y, $"€ {words.Money(bill.Gross)}", PdfFont.SansBold, 11);
            foreach (var line in bill.VatLines)
            {
                sheet.Down(15);
                page.Text(330, sheet.Y, $"waarvan BTW {words.Percent(line.Rate)} over € {words.Money(line.Base)}", PdfFont.Sans, 8.5);
                page.TextRight(545, sheet.Y, $"€ {words.Money(line.Tax)}", PdfFont.Sans, 8.5);
            }
            sheet.Down(15);
            page.Text(330, sheet.Y, words.Net, PdfFont.Sans, 8.5);
            page.TextRight(545, sheet.Y, $"€ {words.Money(bill.Net)}", PdfFont.Sans, 8.5);
        }
        else
        {
            Blocks.DrawTotals(sheet, Blocks.Totals(bill), bill, 330, 545, PdfFont.Sans, PdfFont.SansBold, 10, "€");
        }
        sheet.Down(40);
        Blocks.Lines(page, 50, sheet.Y, PdfFont.Sans, 9, bill.Exemption, bill.Note, bill.Due is null ? null : words.PayTo, words.Thanks);
        page.TextCentred(297, 810, $"Op al onze leveringen zijn de algemene voorwaarden van toepassing, zie www.{company.Domain}", PdfFont.Sans, 7, 0.4);
    }
}
