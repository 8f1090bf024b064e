using Orchestrator.Samples.Bills;
using Orchestrator.Samples.Pdf;

namespace Orchestrator.Samples.Layouts;

/// <summary>The German business letter: window address, facts on the right, three columns at the foot.</summary>
internal static class DinLetter
{
    public static void Draw(Bill bill, PdfDocument pdf)
    {
        var words = bill.Market;
        var sheet = new Sheet(pdf, 90, 740);
        var page = sheet.Page;
        page.TextRight(538, 62, bill.Supplier.Name, PdfFont.SansBold, 15);
        page.Text(57, 130, $"{bill.Supplier.Name} · {bill.Supplier.Street} · {bill.Supplier.Place}", PdfFont.Sans, 6.5, 0.4);
        Blocks.Address(page, 57, 146, PdfFont.Sans, 10, bill.Buyer, bill.TypeCode is "381" ? null : "Einkauf");
        Blocks.Pairs(page, 350, 440, 146, PdfFont.Sans, 9, Blocks.Facts(bill));
        page.Text(57, 280, $"{Blocks.Title(bill)} {bill.Number}", PdfFont.SansBold, 13);
        var opening = bill.TypeCode is "381" ? $"zu unserer Rechnung {bill.Preceding} erteilen wir Ihnen folgende Gutschrift:" : "wir berechnen Ihnen für unsere Lieferung:";
        page.Text(57, 300, opening, PdfFont.Sans, 9.5);
        sheet.Y = 325;
        Column[] columns =
        [
            new(words.Pos, 57), new("Art.-Nr.", 85), new(words.Item, 150), new(words.Quantity, 372, true),
            new("Einh.", 380), new(words.Price, 462, true), new($"{words.Amount} {bill.Currency}", 538, true),
        ];
        new Table(columns, PdfFont.Sans, PdfFont.SansBold, 8.5)
        {
            Running = (sum, number) => (words.CarriedForward, $"{words.BroughtForward} {number}", words.Money(sum)),
        }.Draw(sheet, bill.Items.Select((item, i) => new Row(
            [$"{i + 1}", item.Code, item.Name, words.Count(item.Quantity), Units.In(words.Language, item.Unit), words.Money(item.Price), words.Money(item.Amount)], item.Amount)));
        sheet.Down(8);
        Blocks.DrawTotals(sheet, Blocks.Totals(bill), bill, 350, 538, PdfFont.Sans, PdfFont.SansBold, 9.5, "");
        sheet.Down(14);
        sheet.Need(50);
        Blocks.Lines(sheet.Page, 57, sheet.Y, PdfFont.Sans, 9.5, bill.TypeCode is "381" ? words.Credit : Terms(bill), bill.Note, bill.TypeCode is "381" ? null : words.Thanks);
        for (var i = 0; i < pdf.Pages.Count; i++) Foot(pdf.Pages[i], bill, i + 1, pdf.Pages.Count);
    }

    private static string Terms(Bill bill) => bill.Due is { } due
        ? $"Zahlbar bis zum {bill.Market.ShortDate(due)} ohne Abzug. {bill.Market.PayTo}"
        : bill.Market.PayTo;

    private static void Foot(PdfPage page, Bill bill, int number, int count)
    {
        var company = bill.Supplier;
        if (number > 1) page.Text(57, 62, $"{Blocks.Title(bill)} {bill.Number} vom {bill.Market.ShortDate(bill.Date)}", PdfFont.Sans, 8);
        page.TextRight(538, 756, $"{bill.Market.Page} {number} {bill.Market.Of} {count}", PdfFont.Sans, 8);
        page.Line(57, 764, 538, 764);
        Blocks.Lines(page, 57, 775, PdfFont.Sans, 7, company.Name, company.Street, company.Place);
        Blocks.Lines(page, 230, 775, PdfFont.Sans, 7, $"Tel. {company.Phone}", $"www.{company.Domain}", $"buchhaltung@{company.Domain}");
        Blocks.Lines(page, 390, 775, PdfFont.Sans, 7, $"{bill.Market.VatId} {company.VatId}",
            $"IBAN {company.IbanInGroups}", company.TaxNumber is null ? null : $"St.-Nr. {company.TaxNumber}");
    }
}
