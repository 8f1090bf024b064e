namespace Orchestrator.Service.Documents.Reading.Text;

/// <summary>Reads an invoice's fields from its printed text, by rules that know languages and layouts but no supplier.</summary>
internal static class TextRules
{
    /// <summary>What the rules read.</summary>
    public sealed record Outcome(InvoiceFields Fields, IReadOnlyList<ReadDiagnostic> Diagnostics);

    public static Outcome Read(IReadOnlyList<string> pages)
    {
        var layout = TextLayout.Of(pages);
        if (layout.Lines.Count == 0)
        {
            return new Outcome(new InvoiceFields(), []);
        }

        var totals = TotalsRule.Read(layout);
        var currency = CurrencyRule.Decide(layout, totals.Currency);
        var parties = PartyRule.Read(layout);
        var order = DateOrderRule.Decide(layout, currency?.Value, parties.SupplierVat?.Value);
        var type = TypeRule.Decide(layout);
        var numbers = NumberRule.Candidates(layout);
        var isCredit = type?.Value == "381";
        var fields = new InvoiceFields
        {
            Number = NumberRule.Decide(numbers),
            IssueDate = DateRules.Decide(DateRules.IssueDates(layout, order)),
            DueDate = DateRules.Decide(DateRules.DueDates(layout, order)),
            Type = type,
            Currency = currency,
            PurchaseOrder = OrderRule.PurchaseOrder(layout),
            PrecedingInvoice = OrderRule.PrecedingInvoice(layout),
            Supplier = parties.Supplier,
            SupplierVat = parties.SupplierVat,
            SupplierIban = parties.SupplierIban,
            Buyer = parties.Buyer,
            BuyerVat = parties.BuyerVat,
            Net = Signed(totals.Net, isCredit),
            Tax = Signed(totals.Tax, isCredit),
            Gross = Signed(totals.Gross, isCredit),
            Payable = Signed(totals.Payable, isCredit),
            Prepaid = totals.Prepaid,
        };
        return new Outcome(fields, [.. DiagnosticsOf(totals, numbers)]);
    }

    /// <summary>A credit note states positive amounts; its type carries the sign, whatever the print shows.</summary>
    private static Field<decimal>? Signed(Field<decimal>? amount, bool isCredit) => isCredit && amount is { Value: < 0 } ? amount with { Value = -amount.Value } : amount;

    private static IEnumerable<ReadDiagnostic> DiagnosticsOf(PrintedTotals totals, IReadOnlyList<ScoredValue<string>> numbers)
    {
        if (totals is { Gross: not null, Closes: false })
        {
            yield return new ReadDiagnostic(DiagnosticCodes.TotalsOpen, "The printed total could not be confirmed by a net amount and VAT that add up to it.");
        }

        var certain = numbers.Where(candidate => candidate.Score >= 9).Select(candidate => candidate.Value).Distinct().ToList();
        if (certain.Count > 1)
        {
            yield return new ReadDiagnostic(DiagnosticCodes.SeveralNumbers, $"The document names several invoice numbers: {string.Join(", ", certain.Take(5))}.");
        }
    }
}
