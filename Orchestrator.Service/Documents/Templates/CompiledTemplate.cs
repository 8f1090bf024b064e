using System.Text.RegularExpressions;
using Orchestrator.Service.Documents.Reading;
using Orchestrator.Service.Documents.Reading.Text;

namespace Orchestrator.Service.Documents.Templates;

/// <summary>A template ready for use.</summary>
internal sealed record CompiledTemplate(SupplierTemplate Template, IReadOnlyDictionary<string, Regex> Patterns)
{
    private const double Confidence = 0.98;

    public bool Fits(IReadOnlyList<string> pages) =>
        Template.Keywords.All(word => pages.Any(page => page.Contains(word, StringComparison.Ordinal)));

    /// <summary>Puts what the template finds over what the general rules found.</summary>
    public InvoiceFields Over(InvoiceFields general, IReadOnlyList<string> pages) => general with
    {
        Supplier = Fixed(Template.Supplier) ?? general.Supplier,
        SupplierVat = Fixed(Template.SupplierVat) ?? general.SupplierVat,
        Currency = Fixed(Template.Currency) ?? general.Currency,
        Number = Find("number", pages) ?? general.Number,
        PurchaseOrder = Find("po", pages) ?? general.PurchaseOrder,
        IssueDate = Date("date", pages) ?? general.IssueDate,
        DueDate = Date("due", pages) ?? general.DueDate,
        Net = Amount("net", pages) ?? general.Net,
        Tax = Amount("tax", pages) ?? general.Tax,
        Gross = Amount("gross", pages) ?? general.Gross,
        Payable = Amount("payable", pages) ?? general.Payable,
    };

    private Field<string>? Fixed(string? value) => value is null ? null : new Field<string>(value, Template.Id, Confidence, FieldSource.Template, null);

    private Field<string>? Find(string field, IReadOnlyList<string> pages)
    {
        if (!Patterns.TryGetValue(field, out var pattern))
        {
            return null;
        }

        for (var page = 0; page < pages.Count; page++)
        {
            foreach (var line in pages[page].Split('\n'))
            {
                if (pattern.Match(line) is { Success: true, Groups.Count: > 1 } match)
                {
                    return new Field<string>(match.Groups[1].Value.Trim(), match.Value.Trim(), Confidence, FieldSource.Template, page + 1);
                }
            }
        }

        return null;
    }

    private Field<DateOnly>? Date(string field, IReadOnlyList<string> pages)
    {
        var order = Template.Dates == "month-first" ? DateOrder.MonthFirst : DateOrder.DayFirst;
        return Find(field, pages) is { } found && PrintedDate.Find(Folding.Fold(found.Value)).FirstOrDefault().In(order) is { } date
            ? new Field<DateOnly>(date, found.Raw, found.Confidence, found.Source, found.Page)
            : null;
    }

    private Field<decimal>? Amount(string field, IReadOnlyList<string> pages) =>
        Find(field, pages) is { } found && PrintedAmount.Find(found.Value, Template.DecimalMark == "." ? DecimalMark.Dot : DecimalMark.Comma) is [var amount, ..]
            ? new Field<decimal>(amount.Value, found.Raw, found.Confidence, found.Source, found.Page)
            : null;
}
