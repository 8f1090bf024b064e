using Orchestrator.Samples.Bills;
using Orchestrator.Samples.Pdf;

namespace Orchestrator.Samples.Layouts;

/// <summary>A web shop's or a cloud tool's invoice: a band of colour, a grid of facts, a shaded total.</summary>
internal static class ColourBand
{
    public static void Draw(Bill bill, PdfDocument pdf)
    {
        var words = bill.Market;
        var company = bill.Supplier;
        var sheet = new Sheet(pdf, 80, 750);
        var page = sheet.Page;
        page.Fill(0, 0, 595, 90, bill.Currency switch { "GBP" => new(0.36, 0.1, 0.2), "CHF" => new(0.7, 0.1, 0.1), _ => new(0.1, 0.3, 0.15) });
        page.Text(45, 45, company.Name, PdfFont.SansBold, 18, 1);
        page.Text(45, 62, $"{company.Street}, {company.Place}", PdfFont.Sans, 9, 1);
        page.TextRight(550, 52, Blocks.Title(bill).ToUpperInvariant(), PdfFont.SansBold, 24, 1);
        page.Text(45, 120, words.BillTo, PdfFont.SansBold, 9);
        Blocks.Address(page, 45, 134, PdfFont.Sans, 10, bill.Buyer);
        if (bill.Buyer.VatId is not null) page.Text(45, 190, $"{words.VatId} {bill.Buyer.VatId}", PdfFont.Sans, 8);
        Grid(page, [.. Blocks.Facts(bill, longDates: true).Where(fact => fact.Value is not null).Select(fact => (fact.Label, fact.Value!))]);
        sheet.Y = 290;
        Column[] columns =
        [
            new(words.Item, 45), new(words.Quantity, 330, true), new(words.Price, 405, true),
            new(words.Vat, 455, true), new($"{words.Amount} ({Blocks.Symbol(bill)})", 550, true),
        ];
        new Table(columns, PdfFont.Sans, PdfFont.SansBold, 9) { Left = 45, Right = 550, Step = 18, RuledRows = true, Shaded = true }
            .Draw(sheet, bill.Items.Select(item => new Row([item.Name, words.Count(item.Quantity), words.Price4(item.Price), words.Percent(item.Rate), words.Money(item.Amount)])));
        sheet.Down(10);
        VatSummary(sheet, bill);
        var totals = Blocks.Totals(bill, vat: false);
        sheet.Page.Fill(335, sheet.Y - 14, 215, totals.Count * 16 + 8, Colour.Shade);
        Blocks.DrawTotals(sheet, totals, bill, 345, 542, PdfFont.Sans, PdfFont.SansBold, 10, Blocks.Symbol(bill));
        sheet.Down(22);
        Blocks.Lines(sheet.Page, 45, sheet.Y, PdfFont.Sans, 9, bill.Note, words.PayTo, $"IBAN: {company.IbanInGroups}", words.Thanks);
        for (var i = 0; i < pdf.Pages.Count; i++)
        {
            var taxNumber = company.TaxNumber is null ? "" : $"{words.TaxNumber} {company.TaxNumber} | ";
            pdf.Pages[i].TextCentred(297, 805, $"{company.Name} | {words.VatId} {company.VatId} | {taxNumber}accounts@{company.Domain}", PdfFont.Sans, 7.5, 0.35);
            pdf.Pages[i].TextRight(550, 820, $"{words.Page} {i + 1} {words.Of} {pdf.Pages.Count}", PdfFont.Sans, 7.5, 0.35);
        }
    }

    // Label above value, three to a row.
    private static void Grid(PdfPage page, (string Label, string Value)[] facts)
    {
        for (var i = 0; i < facts.Length; i++)
        {
            var (x, y) = (275 + i % 3 * 95, 120 + i / 3 * 34);
            page.Text(x, y, facts[i].Label, PdfFont.Sans, 7.5, 0.4);
            page.Text(x, y + 12, facts[i].Value, PdfFont.SansBold, 9);
        }
    }

    private static void VatSummary(Sheet sheet, Bill bill)
    {
        var words = bill.Market;
        sheet.Need(bill.VatLines.Count * 13 + 120);
        sheet.Page.Text(45, sheet.Y, $"{words.Vat} %", PdfFont.SansBold, 8);
        sheet.Page.TextRight(150, sheet.Y, words.Base, PdfFont.SansBold, 8);
        sheet.Page.TextRight(220, sheet.Y, words.Vat, PdfFont.SansBold, 8);
        for (var i = 0; i < bill.VatLines.Count; i++)
        {
            var line = bill.VatLines[i];
            sheet.Page.Text(45, sheet.Y + 13 * (i + 1), words.Percent(line.Rate), PdfFont.Sans, 8);
            sheet.Page.TextRight(150, sheet.Y + 13 * (i + 1), words.Money(line.Base), PdfFont.Sans, 8);
            sheet.Page.TextRight(220, sheet.Y + 13 * (i + 1), words.Money(line.Tax), PdfFont.Sans, 8);
        }
    }
}
