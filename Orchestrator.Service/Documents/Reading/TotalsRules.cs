using System.Globalization;

namespace Orchestrator.Service.Documents.Reading;

/// <summary>How far the rules on totals apply to a syntax or profile.</summary>
public enum TotalsScope
{
    /// <summary>All of them.</summary>
    Full,

    /// <summary>All but what is due: the profile leaves out the terms between gross and payable.</summary>
    ToGross,

    /// <summary>Only that net and VAT make gross: the syntax is older than the rules.</summary>
    GrossOnly,
}

/// <summary>The rules of EN 16931 on an invoice's totals. A rule whose terms are absent has nothing to say.</summary>
public static class TotalsRules
{
    private const decimal Cent = 0.01m;

    /// <summary>The rules that the fields break, each with both values.</summary>
    /// <param name="fields">The fields of one invoice.</param>
    /// <param name="scope">Which of the rules apply.</param>
    public static IReadOnlyList<ReadDiagnostic> Check(InvoiceFields fields, TotalsScope scope = TotalsScope.Full)
    {
        var net = fields.Net?.Value;
        var tax = fields.Tax?.Value;
        var gross = fields.Gross?.Value;
        var hasTerms = scope is not TotalsScope.GrossOnly;
        var found = new List<ReadDiagnostic?>
        {
            hasTerms && fields.LineTotal?.Value is { } lines && fields.Lines.Count > 0 && fields.Lines.All(line => line.Net is not null)
                ? Compare("BR-CO-10", "sum of the lines", lines, fields.Lines.Sum(line => line.Net!.Value)) : null,
            hasTerms && net is { } without && fields.LineTotal?.Value is { } sum
                ? Compare("BR-CO-13", "total without VAT", without, sum - Amount(fields.Allowances) + Amount(fields.Charges)) : null,
            hasTerms && tax is { } vat && fields.Vat.Count > 0 && fields.Vat.All(row => row.Tax is not null)
                ? Compare("BR-CO-14", "total VAT", vat, fields.Vat.Sum(row => row.Tax!.Value)) : null,
            net is { } b && gross is { } total
                ? Compare("BR-CO-15", "total with VAT", total, b + (tax ?? 0)) : null,
            gross is { } g && fields.Payable?.Value is { } payable && scope is TotalsScope.Full
                ? Compare("BR-CO-16", "amount due", payable, g - Amount(fields.Prepaid) + Amount(fields.Rounding)) : null,
        };
        return [.. found.OfType<ReadDiagnostic>()];
    }

    private static decimal Amount(Field<decimal>? field) => field?.Value ?? 0;

    private static ReadDiagnostic? Compare(string rule, string what, decimal stated, decimal computed) =>
        Math.Abs(stated - computed) <= Cent ? null : new ReadDiagnostic(rule, string.Create(CultureInfo.InvariantCulture, $"The {what} is stated as {stated} and computes to {computed}."));
}
