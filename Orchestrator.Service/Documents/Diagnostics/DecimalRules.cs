using System.Globalization;

namespace Orchestrator.Service.Documents.Diagnostics;

/// <summary>Amounts have two decimals at most (BR-DEC). Prices may have more.</summary>
internal static class DecimalRules
{
    public static IEnumerable<Diagnostic> Check(Invoice invoice) => Amounts(invoice)
        .Where(amount => amount.Value is { } value && value * 100 % 1 != 0)
        .DistinctBy(amount => amount.Rule)
        .Select(amount => new Diagnostic(amount.Rule, Severity.Warning, $"{amount.Term} has more than two decimals.",
            null, amount.Value!.Value.ToString(CultureInfo.InvariantCulture), [amount.Term]));

    private static IEnumerable<(string Rule, string Term, decimal? Value)> Amounts(Invoice invoice) =>
    [
        ("BR-DEC-09", "BT-106", invoice.LinesTotal),
        ("BR-DEC-10", "BT-107", invoice.Allowances),
        ("BR-DEC-11", "BT-108", invoice.Charges),
        ("BR-DEC-12", "BT-109", invoice.Net),
        ("BR-DEC-13", "BT-110", invoice.Tax),
        ("BR-DEC-14", "BT-112", invoice.Gross),
        ("BR-DEC-16", "BT-113", invoice.Prepaid),
        ("BR-DEC-17", "BT-114", invoice.Rounding),
        ("BR-DEC-18", "BT-115", invoice.Payable),
        .. invoice.VatLines.Select(line => ("BR-DEC-19", "BT-116", line.Base)),
        .. invoice.VatLines.Select(line => ("BR-DEC-20", "BT-117", line.Tax)),
        .. invoice.Lines.Select(line => ("BR-DEC-23", "BT-131", line.Net)),
    ];
}
