using Orchestrator.Samples.Bills;
using Orchestrator.Samples.Pdf;

namespace Orchestrator.Samples.Layouts;

/// <summary>What most invoices share: an address, label and value in two columns, the totals.</summary>
internal static class Blocks
{
    public static string Title(Bill bill) => bill.TypeCode is "381" ? bill.Market.CreditNote : bill.Market.Invoice;

    public static double Lines(PdfPage page, double x, double y, PdfFont font, double size, params IEnumerable<string?> lines)
    {
        foreach (var line in lines.OfType<string>())
        {
            page.Text(x, y, line, font, size);
            y += size * 1.3;
        }
        return y;
    }

    public static double Address(PdfPage page, double x, double y, PdfFont font, double size, Company company, string? attention = null) =>
        Lines(page, x, y, font, size, company.Name, attention, company.Street, company.Place);

    public static double Pairs(PdfPage page, double x, double value, double y, PdfFont font, double size, IEnumerable<(string Label, string? Value)> pairs)
    {
        foreach (var (label, text) in pairs.Where(pair => pair.Value is not null))
        {
            page.Text(x, y, label, font, size);
            page.Text(value, y, text!, font, size);
            y += size * 1.4;
        }
        return y;
    }

    public static IEnumerable<(string Label, string? Value)> Facts(Bill bill, bool longDates = false)
    {
        var words = bill.Market;
        Func<DateOnly, string> date = longDates ? words.LongDate : words.ShortDate;
        return
        [
            (words.Number, bill.Number),
            (words.Date, date(bill.Date)),
            (words.Delivered, bill.Delivered is { } delivered ? date(delivered) : null),
            (words.Customer, bill.Customer),
            (words.Order, bill.PurchaseOrder),
            (words.Preceding, bill.Preceding),
            (words.Due, bill.Due is { } due ? date(due) : null),
            (words.Contact, bill.Contact),
        ];
    }

    /// <summary>The sums in the order in which they are added up; the last one is the strong one.</summary>
    public static IReadOnlyList<(string Label, decimal Amount)> Totals(Bill bill, bool vat = true)
    {
        var words = bill.Market;
        var totals = new List<(string, decimal)>();
        if (bill.Allowance != 0 || bill.Charge != 0) totals.Add((words.Lines, bill.LinesTotal));
        if (bill.Allowance != 0) totals.Add((words.Allowance, -bill.Allowance));
        if (bill.Charge != 0) totals.Add((words.Charge, bill.Charge));
        totals.Add((words.Net, bill.Net));
        if (vat) totals.AddRange(bill.VatLines.Select(line => ($"{words.Vat} {words.Percent(line.Rate)}", line.Tax)));
        else totals.Add((words.Vat, bill.Tax));
        totals.Add((words.Gross, bill.Gross));
        if (bill.Prepaid != 0) totals.Add((words.Prepaid, -bill.Prepaid));
        if (bill.Rounding != 0) totals.Add((words.Rounding, bill.Rounding));
        if (bill.Payable != bill.Gross) totals.Add((words.Payable, bill.Payable));
        return totals;
    }

    public static void DrawTotals(
        Sheet sheet, IReadOnlyList<(string Label, decimal Amount)> totals, Bill bill, double label, double right, PdfFont font, PdfFont bold, double size, string currency)
    {
        sheet.Need(totals.Count * size * 1.6);
        for (var i = 0; i < totals.Count; i++)
        {
            var with = i == totals.Count - 1 ? bold : font;
            if (i == totals.Count - 1) sheet.Page.Line(label, sheet.Y - size * 1.12, right, sheet.Y - size * 1.12);
            sheet.Page.Text(label, sheet.Y, totals[i].Label, with, size);
            sheet.Page.TextRight(right, sheet.Y, (currency + " " + bill.Market.Money(totals[i].Amount)).Trim(), with, size);
            sheet.Down(size * 1.6);
        }
    }

    public static string Symbol(Bill bill) => bill.Currency switch { "EUR" => "€", "GBP" => "£", "USD" => "$", _ => bill.Currency };
}
