using Orchestrator.Samples.Bills;
using Orchestrator.Samples.Pdf;

namespace Orchestrator.Samples.Layouts;

/// <summary>A mainframe's print line: one fixed font, everything in character columns.</summary>
internal static class Terminal
{
    private const int RowsPerPage = 22;

    public static void Draw(Bill bill, PdfDocument pdf)
    {
        var words = bill.Market;
        var company = bill.Supplier;
        var chunks = bill.Items.Chunk(RowsPerPage).ToList();
        for (var i = 0; i < chunks.Count; i++)
        {
            var page = pdf.AddPage();
            var lines = new List<string>
            {
                $"{company.Name.ToUpperInvariant(),-52}{"INVOICE",26}",
                $"{company.Street,-52}{$"PAGE {i + 1} OF {chunks.Count}",26}",
                $"{company.Place}, SWEDEN",
                $"VAT NO {company.VatId}   REG NO {company.TaxNumber}",
                "",
                $"{"BILL TO",-44}{"INVOICE NUMBER",-18}{bill.Number,16}",
                $"{bill.Buyer.Name,-44}{"INVOICE DATE",-18}{words.ShortDate(bill.Date),16}",
                $"{bill.Buyer.Street,-44}{"DUE DATE",-18}{words.ShortDate(bill.Due!.Value),16}",
                $"{bill.Buyer.Place,-44}{"CUSTOMER",-18}{bill.Customer,16}",
                $"{"VAT " + bill.Buyer.VatId,-44}{"BUYER ORDER",-18}{bill.PurchaseOrder,16}",
                "",
                new('-', 78),
                $"{"REF",-12}{"DESCRIPTION",-30}{"QTY",10}{"UNIT PRICE",12}{"AMOUNT " + bill.Currency,14}",
                new('-', 78),
            };
            lines.AddRange(chunks[i].Select(item =>
                $"{item.Code,-12}{item.Name,-30}{words.Count(item.Quantity) + " " + Units.In(words.Language, item.Unit),10}{words.Money(item.Price),12}{words.Money(item.Amount),14}"));
            lines.Add(new('-', 78));
            if (i < chunks.Count - 1) lines.Add($"{"CONTINUED ON NEXT PAGE",78}");
            else
            {
                lines.AddRange(
                [
                    $"{"TOTAL EXCL VAT",64}{words.Money(bill.Net),14}",
                    .. bill.VatLines.Select(line => $"{$"VAT {words.Percent(line.Rate)} ON {words.Money(line.Base)}",64}{words.Money(line.Tax),14}"),
                    $"{"TOTAL INCL VAT " + bill.Currency,64}{words.Money(bill.Gross),14}",
                    "",
                    $"PAYMENT TERMS 30 DAYS NET. IBAN {company.Iban}",
                    bill.Note ?? "",
                ]);
            }
            for (var row = 0; row < lines.Count; row++) page.Text(60, 60 + row * 13, lines[row].TrimEnd(), PdfFont.Mono, 10);
        }
    }
}
