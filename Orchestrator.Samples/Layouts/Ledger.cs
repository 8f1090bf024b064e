using Orchestrator.Samples.Bills;
using Orchestrator.Samples.Pdf;

namespace Orchestrator.Samples.Layouts;

/// <summary>A southern ERP form: number and date in one sentence, boxes everywhere, a VAT table, due dates at the foot.</summary>
internal static class Ledger
{
    public static void Draw(Bill bill, PdfDocument pdf)
    {
        var words = bill.Market;
        var sheet = new Sheet(pdf, 228, 640);
        Column[] columns =
        [
            new(words.Pos, 45), new(words.Item, 78), new(words.Quantity, 345, true),
            new(words.Price, 415, true), new(words.Vat, 462, true), new(words.Amount, 545, true),
        ];
        new Table(columns, PdfFont.Sans, PdfFont.SansBold, 8)
        {
            Left = 40, Right = 555, Step = 13, Shaded = true,
            Running = (sum, number) => (words.CarriedForward, $"{words.BroughtForward} {number}", words.Money(sum)),
        }.Draw(sheet, bill.Items.Select((item, i) => new Row(
        [
            $"{(i + 1) * 10:000}", $"{item.Code} {item.Name}", $"{words.Count(item.Quantity)} {Units.In(words.Language, item.Unit)}",
            words.Money(item.Price), words.Percent(item.Rate), words.Money(item.Amount),
        ], item.Amount)));
        Summary(sheet.Page, bill);
        for (var i = 0; i < pdf.Pages.Count; i++) Frame(pdf.Pages[i], bill, i + 1, pdf.Pages.Count);
    }

    private static void Frame(PdfPage page, Bill bill, int number, int count)
    {
        var words = bill.Market;
        var company = bill.Supplier;
        page.Text(40, 50, company.Name, PdfFont.SansBold, 13);
        Blocks.Lines(page, 40, 64, PdfFont.Sans, 8, company.Street, company.Place, $"Tel. {company.Phone}  {company.Domain}",
            $"{words.VatId} {company.VatId}  {words.TaxNumber} {company.TaxNumber}");
        page.Box(320, 40, 235, 80);
        page.Text(328, 54, words.BillTo, PdfFont.Sans, 7.5, 0.4);
        Blocks.Address(page, 328, 68, PdfFont.Sans, 9.5, bill.Buyer);
        page.Text(328, 113, $"{words.VatId} {bill.Buyer.VatId}", PdfFont.Sans, 8);
        page.Box(40, 130, 515, 28);
        page.Text(48, 148, Headline(bill), PdfFont.SansBold, 12);
        page.TextRight(547, 148, $"{words.Page} {number} {words.Of} {count}", PdfFont.Sans, 9);
        var x = 48.0;
        (string Label, string? Value)[] facts =
        [
            (words.Customer, bill.Customer), (words.Order, bill.PurchaseOrder),
            (words.Delivered, bill.Delivered is { } on ? words.ShortDate(on) : null), (words.Preceding, bill.Preceding),
        ];
        foreach (var (label, value) in facts)
        {
            if (value is null) continue;
            page.Text(x, 172, label, PdfFont.Sans, 7, 0.4);
            page.Text(x, 184, value, PdfFont.Sans, 9);
            x += 130;
        }
        page.Box(40, 160, 515, 30);
        page.Text(40, 812, $"{company.Name} - {company.Street} - {company.Place} - IBAN {company.IbanInGroups}", PdfFont.Sans, 7, 0.3);
    }

    private static string Headline(Bill bill) => bill.Market.Language switch
    {
        "it" => $"Fattura n. {bill.Number} del {bill.Market.ShortDate(bill.Date)}",
        "fr" => $"FACTURE N° {bill.Number} du {bill.Market.ShortDate(bill.Date)}",
        _ => $"FACTURA {bill.Number}   Fecha: {bill.Market.ShortDate(bill.Date)}",
    };

    private static void Summary(PdfPage page, Bill bill)
    {
        var words = bill.Market;
        page.Box(40, 660, 290, 90);
        page.Text(48, 673, words.Vat, PdfFont.SansBold, 8);
        page.TextRight(190, 673, words.Base, PdfFont.SansBold, 8);
        page.TextRight(320, 673, words.Vat, PdfFont.SansBold, 8);
        var y = 687.0;
        foreach (var line in bill.VatLines)
        {
            page.Text(48, y, words.Percent(line.Rate), PdfFont.Sans, 8.5);
            page.TextRight(190, y, words.Money(line.Base), PdfFont.Sans, 8.5);
            page.TextRight(320, y, words.Money(line.Tax), PdfFont.Sans, 8.5);
            y += 12;
        }
        if (bill.Exemption is not null) page.Text(48, y, bill.Exemption, PdfFont.Sans, 7.5);
        var due = bill.Due ?? bill.Date;
        page.Text(48, 744, $"{words.Due}: {words.ShortDate(due)}  {words.Money(bill.Payable)} {bill.Currency}", PdfFont.Sans, 8.5);
        page.Box(335, 660, 220, 90);
        y = 673;
        var totals = Blocks.Totals(bill, vat: false);
        foreach (var (label, amount) in totals)
        {
            var last = label == totals[^1].Label;
            page.Text(343, y, label, last ? PdfFont.SansBold : PdfFont.Sans, last ? 10 : 9);
            page.TextRight(547, y, $"{words.Money(amount)}{(last ? " " + Blocks.Symbol(bill) : "")}", last ? PdfFont.SansBold : PdfFont.Sans, last ? 10 : 9);
            y += 13;
        }
        Blocks.Lines(page, 40, 766, PdfFont.Sans, 8.5, words.PayTo, bill.Note);
    }
}
