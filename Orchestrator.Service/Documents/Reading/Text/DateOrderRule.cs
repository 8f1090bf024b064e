using System.Text.RegularExpressions;

namespace Orchestrator.Service.Documents.Reading.Text;

/// <summary>Whether 03/11 is the third of November or the eleventh of March, by everything else on the pages.</summary>
internal static partial class DateOrderRule
{
    private static readonly string[] DayFirstCurrencies = ["EUR", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "INR", "AUD", "NZD", "BRL", "ZAR", "MXN", "SGD", "HKD", "AED", "TRY"];

    private const int MostDates = 20;

    public static DateOrder Decide(TextLayout layout, string? currency, string? supplierVat)
    {
        var dates = layout.Lines.SelectMany(line => PrintedDate.Find(line.Folded)).ToList();
        var dayFirst = dates.Count(date => date.MonthFirst is null && IsSlashed(date));
        var monthFirst = dates.Count(date => date.DayFirst is null && IsSlashed(date));
        if (dayFirst != monthFirst)
        {
            return dayFirst > monthFirst ? DateOrder.DayFirst : DateOrder.MonthFirst;
        }

        return ByTerms(layout)
            ?? ByLanguage(layout)
            ?? (layout.Lines.Any(line => American().IsMatch(line.Text)) && currency is "USD" or null && supplierVat is null ? DateOrder.MonthFirst
                : supplierVat is not null || DayFirstCurrencies.Contains(currency) ? DateOrder.DayFirst
                : currency is "USD" ? DateOrder.MonthFirst
                : DateOrder.Unknown);
    }

    private static bool IsSlashed(PrintedDate date) => date.Raw.AsSpan().ContainsAny('/', '-') && date.DayFirst != date.MonthFirst;

    /// <summary>Terms of so many days say how far the due date lies from the date of issue; often only one reading fits.</summary>
    private static DateOrder? ByTerms(TextLayout layout)
    {
        var terms = layout.Lines.SelectMany(line => Days().Matches(line.Folded)).Select(match => int.Parse(match.Groups["days"].Value, System.Globalization.CultureInfo.InvariantCulture)).ToHashSet();
        var fits = new[] { DateOrder.DayFirst, DateOrder.MonthFirst }.Where(order =>
        {
            var issued = DateRules.IssueDates(layout, order).Where(date => date.Score > 5).Select(date => date.Value).Distinct().Take(MostDates).ToList();
            var due = DateRules.DueDates(layout, order).Select(date => date.Value).Distinct().Take(MostDates).ToList();
            return issued.Any(from => due.Any(to => terms.Any(days => Math.Abs(to.DayNumber - from.DayNumber - days) <= (days >= 30 ? 1 : 0))));
        }).ToList();
        return fits.Count == 1 ? fits[0] : null;
    }

    /// <summary>Only English is written where the month comes first.</summary>
    private static DateOrder? ByLanguage(TextLayout layout)
    {
        var (foreign, english) = (0, 0);
        foreach (var line in layout.Lines)
        {
            foreach (Match word in Words().Matches(line.Folded))
            {
                _ = word.Groups["english"].Success ? english++ : foreign++;
            }
        }

        return foreign > english ? DateOrder.DayFirst : null;
    }

    [GeneratedRegex(@"\b(?<days>\d{1,3})\s?(?:days?|tagen?|jours?|j|dagen|dias|giorni|gg)\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Days();

    [GeneratedRegex(@"\b(?:(?<english>invoice|date|amount|total|due|payment|quantity|price|tax|bill|balance|number)|rechnung\w*|datum|betrag|menge|mwst|ust|facture|montant|tva|quantite|factuur\w*|btw|bedrag|aantal|factura|fecha|importe|iva|cantidad|fattura|imponibile|scadenza|quantita|totale|totaal)\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Words();

    [GeneratedRegex(@"\b(?:USA|United States|U\.S\.A)\b|,?\s(?:AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY)\s\d{5}(?:-\d{4})?\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex American();
}
