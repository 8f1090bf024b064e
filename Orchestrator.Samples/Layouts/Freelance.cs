using Orchestrator.Samples.Bills;
using Orchestrator.Samples.Pdf;

namespace Orchestrator.Samples.Layouts;

/// <summary>An American template on letter paper: a large word, bill-to, a thin table, the balance due.</summary>
internal static class Freelance
{
    public static void Draw(Bill bill, PdfDocument pdf)
    {
        var words = bill.Market;
        var company = bill.Supplier;
        var sheet = new Sheet(pdf, 80, 700, 612, 792);
        var page = sheet.Page;
        page.Text(54, 70, "INVOICE", PdfFont.Sans, 28, 0.3);
        Blocks.Lines(page, 54, 100, PdfFont.Sans, 9.5, company.Name, company.Street, company.Place, company.Phone, $"billing@{company.Domain}");
        Blocks.Pairs(page, 390, 480, 70, PdfFont.Sans, 10,
        [
            ("Invoice #", bill.Number),
            ("Date", words.ShortDate(bill.Date)),
            ("Terms", "Net 30"),
            ("Due date", words.ShortDate(bill.Due!.Value)),
            ("PO #", bill.PurchaseOrder),
            ("Account", bill.Customer),
        ]);
        page.Text(54, 190, "BILL TO", PdfFont.SansBold, 9);
        Blocks.Address(page, 54, 204, PdfFont.Sans, 10, bill.Buyer, "Accounts Payable");
        page.Text(330, 190, "REMIT TO", PdfFont.SansBold, 9);
        Blocks.Lines(page, 330, 204, PdfFont.Sans, 10, company.Name, "First Example Bank", "Routing 000000000", "Account 9991000741");
        sheet.Y = 285;
        Column[] columns =
        [
            new("DATE", 54), new("DESCRIPTION", 120), new("QTY", 400, true),
            new("RATE", 480, true), new("AMOUNT", 558, true),
        ];
        new Table(columns, PdfFont.Sans, PdfFont.SansBold, 9) { Left = 54, Right = 558, Step = 16 }
            .Draw(sheet, bill.Items.Select(item => new Row(
                [item.On is { } on ? words.ShortDate(on) : item.Code, item.Name, words.Count(item.Quantity), words.Price4(item.Price), words.Money(item.Amount)])));
        sheet.Down(12);
        sheet.Need(90);
        var rate = bill.VatLines[0].Rate;
        var totals = new List<(string, string)>
        {
            ("SUBTOTAL", words.Money(bill.Net)),
            (rate == 0 ? "TAX" : $"TAX ({words.Percent(rate)})", words.Money(bill.Tax)),
            ("TOTAL", "$" + words.Money(bill.Gross)),
        };
        if (bill.Prepaid != 0) totals.Add(("PAYMENTS", "-$" + words.Money(bill.Prepaid)));
        foreach (var (label, amount) in totals)
        {
            sheet.Page.Text(390, sheet.Y, label, PdfFont.Sans, 9.5);
            sheet.Page.TextRight(558, sheet.Y, amount, PdfFont.Sans, 9.5);
            sheet.Down(15);
        }
        sheet.Page.Line(390, sheet.Y - 8, 558, sheet.Y - 8);
        sheet.Down(8);
        sheet.Page.Text(390, sheet.Y, "BALANCE DUE", PdfFont.SansBold, 11);
        sheet.Page.TextRight(558, sheet.Y, "USD " + words.Money(bill.Payable), PdfFont.SansBold, 13);
        sheet.Down(30);
        Blocks.Lines(sheet.Page, 54, sheet.Y, PdfFont.Sans, 9, bill.Note, words.Thanks);
        for (var i = 0; i < pdf.Pages.Count; i++)
        {
            pdf.Pages[i].Text(54, 760, $"{company.Name}  EIN {company.TaxNumber}", PdfFont.Sans, 7.5, 0.4);
            if (pdf.Pages.Count > 1) pdf.Pages[i].TextRight(558, 760, $"Page {i + 1} of {pdf.Pages.Count}", PdfFont.Sans, 7.5, 0.4);
        }
    }
}
