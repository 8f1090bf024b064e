using System.Globalization;

namespace Orchestrator.Service.Documents.Diagnostics;

/// <summary>
/// What has to add up. A rule looks only where all of its amounts are stated or, by its own definition, count as nothing;
/// so a MINIMUM invoice, which may not state what was prepaid, is not accused of hiding it.
/// </summary>
internal static class SumRules
{
    public static IEnumerable<Diagnostic> Check(Invoice invoice)
    {
        IEnumerable<Diagnostic?> sums = [Lines(invoice), Net(invoice), Tax(invoice), Gross(invoice), Payable(invoice), .. invoice.VatLines.Select(Rate)];
        return sums.OfType<Diagnostic>();
    }

    private static Diagnostic? Lines(Invoice invoice) =>
        invoice.Lines.Count == 0 || invoice.Lines.Any(line => line.Net is null)
            ? null
            : Compare("BR-CO-10", "The sum of the lines", invoice.LinesTotal, invoice.Lines.Sum(line => line.Net), "BT-106", "BT-131");

    private static Diagnostic? Net(Invoice invoice) =>
        invoice.Profile is InvoiceProfile.Minimum
            ? null
            : Compare("BR-CO-13", "The total without VAT (lines - allowances + charges)", invoice.Net,
                invoice.LinesTotal - (invoice.Allowances ?? 0) + (invoice.Charges ?? 0), "BT-109", "BT-106", "BT-107", "BT-108");

    private static Diagnostic? Tax(Invoice invoice) =>
        invoice.VatLines.Count == 0 || invoice.VatLines.Any(line => line.Tax is null)
            ? null
            : Compare("BR-CO-14", "The VAT (sum of the VAT breakdown)", invoice.Tax, invoice.VatLines.Sum(line => line.Tax), "BT-110", "BT-117");

    // No VAT stated is no VAT only where the document promised to state it; print may just not have been read.
    private static Diagnostic? Gross(Invoice invoice) =>
        invoice.Tax is null && invoice.Profile is InvoiceProfile.Unknown
            ? null
            : Compare("BR-CO-15", "The total with VAT (net + VAT)", invoice.Gross, invoice.Net + (invoice.Tax ?? 0), "BT-112", "BT-109", "BT-110");

    private static Diagnostic? Payable(Invoice invoice) =>
        invoice.Profile is InvoiceProfile.Minimum
            ? null
            : Compare("BR-CO-16", "The amount due (total - prepaid + rounding)", invoice.Payable,
                invoice.Gross - (invoice.Prepaid ?? 0) + (invoice.Rounding ?? 0), "BT-115", "BT-112", "BT-113", "BT-114");

    // The published rules allow less than one unit of the currency between them, because some round line by line.
    private static Diagnostic? Rate(VatLine line)
    {
        if (line is not { Base: { } net, Tax: { } tax, Rate: { } rate }) return null;
        var expected = Cents(net * rate / 100);
        return Math.Abs(expected - tax) < 1 ? null : Wrong("BR-CO-17", $"The VAT of {Words(rate)} % on {Words(net)}", tax, expected, "BT-117", "BT-116", "BT-119");
    }

    // Lines with a third decimal are told by BR-DEC; the sum is rounded as the published rules do.
    private static Diagnostic? Compare(string rule, string what, decimal? actual, decimal? expected, params string[] terms) =>
        actual is { } stated && expected is { } exact && Cents(exact) is var sum && stated != sum ? Wrong(rule, what, stated, sum, terms) : null;

    private static decimal Cents(decimal amount) => Math.Round(amount, 2, MidpointRounding.AwayFromZero);

    private static Diagnostic Wrong(string rule, string what, decimal actual, decimal expected, params string[] terms) =>
        new(rule, Severity.Error, $"{what} is stated as {Words(actual)} and comes to {Words(expected)}.", Words(expected), Words(actual), terms);

    private static string Words(decimal amount) => amount.ToString("0.00##", CultureInfo.InvariantCulture);
}
