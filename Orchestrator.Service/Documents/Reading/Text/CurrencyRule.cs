using System.Text.RegularExpressions;

namespace Orchestrator.Service.Documents.Reading.Text;

/// <summary>The invoice's currency: where a label names it, else beside its total, else by the most amounts.</summary>
internal static partial class CurrencyRule
{
    public static Field<string>? Decide(TextLayout layout, string? besideTotal)
    {
        foreach (var (line, index) in layout.Lines.Select((line, index) => (line, index)))
        {
            foreach (var label in line.Labels.Where(label => label.Kind is LabelKind.Currency))
            {
                foreach (var place in Surroundings.Of(layout, index, label))
                {
                    if (First(place.Text) is { } named && named.Start <= 4)
                    {
                        return new Field<string>(named.Code, place.Text.Trim(), 0.97, FieldSource.Rule, line.Page);
                    }
                }
            }
        }

        if (besideTotal is not null)
        {
            return new Field<string>(Local(layout, besideTotal), besideTotal, 0.95, FieldSource.Rule, null);
        }

        var votes = layout.Lines.SelectMany(line => Mentions().Matches(line.Text)).Select(match => Currencies.Of(match.Value) ?? Words(match.Value)).OfType<string>()
            .GroupBy(code => code).OrderByDescending(group => group.Count()).ToList();
        return votes.Count == 0 || votes.Count > 1 && votes[0].Count() == votes[1].Count() ? null
            : new Field<string>(Local(layout, votes[0].Key), votes[0].Key, votes.Count == 1 ? 0.9 : 0.7, FieldSource.Rule, null);
    }

    private static (string Code, int Start)? First(string text)
    {
        foreach (Match match in Mentions().Matches(text))
        {
            if ((Currencies.Of(match.Value) ?? Words(match.Value)) is { } code)
            {
                return (code, match.Index);
            }
        }

        return null;
    }

    private static string? Words(string text) => text.ToLowerInvariant() switch
    {
        "us dollars" or "us dollar" => "USD",
        "pounds sterling" or "british pounds" => "GBP",
        "swiss francs" or "schweizer franken" => "CHF",
        _ => null,
    };

    /// <summary>Several countries call theirs a dollar; an identifier that only one of them has tells which.</summary>
    private static string Local(TextLayout layout, string code) =>
        code != "USD" || layout.Lines.Any(line => line.Text.Contains("US$", StringComparison.Ordinal) || line.Text.Contains("USD", StringComparison.Ordinal)) ? code
        : layout.Lines.Any(line => Australian().IsMatch(line.Text)) ? "AUD"
        : layout.Lines.Any(line => Canadian().IsMatch(line.Text)) ? "CAD"
        : code;

    [GeneratedRegex(@"(?:\b(?:US|CA|AU|NZ|HK)|\b[ACSR])?\$|[€£¥₹]|\b(?:EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|ISK|INR|CAD|AUD|NZD|JPY|CNY|ZAR|BRL|MXN|AED|SGD|HKD|TRY|DEM)\b|\bRs\.?(?=\s?\d)|\b[Ee]uros?\b|\bEURO\b|zł|Kč|\bUS [Dd]ollars?\b|\b[Pp]ounds [Ss]terling\b|\bSFr\.|\bFr\.(?=\s?\d)|\b[Ss]wiss [Ff]rancs\b|\bSchweizer Franken\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Mentions();

    [GeneratedRegex(@"\bABN\b|\bAustralia\b", RegexOptions.CultureInvariant)]
    private static partial Regex Australian();

    [GeneratedRegex(@"\bHST\b|\bCanada\b|\bGST/HST\b", RegexOptions.CultureInvariant)]
    private static partial Regex Canadian();
}
