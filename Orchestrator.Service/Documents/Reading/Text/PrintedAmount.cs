using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Service.Documents.Reading.Text;

/// <summary>How a page writes its decimals.</summary>
internal enum DecimalMark
{
    /// <summary>Nothing on the page says.</summary>
    Unknown,

    /// <summary>1.234,56</summary>
    Comma,

    /// <summary>1,234.56</summary>
    Dot,
}

/// <summary>An amount of money as printed.</summary>
/// <param name="Start">Where it begins on its line, sign and currency included.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Raw">The text.</param>
/// <param name="Value">Its value with its sign.</param>
/// <param name="IsWhole">It has neither decimals nor a dash in their place; only a label or a currency makes it money.</param>
/// <param name="Currency">The currency beside it, or null.</param>
internal readonly partial record struct PrintedAmount(int Start, int End, string Raw, decimal Value, bool IsWhole, string? Currency)
{
    private static readonly string[] Units =
        ["kg", "g", "km", "l", "ltr", "kwh", "mwh", "kw", "stk", "stck", "st", "pcs", "pce", "h", "hrs", "std", "min", "gb", "mb", "tb", "m", "m2", "m3", "qm", "cbm", "cm", "mm", "x", "%", "ml", "unit", "units", "liter", "liters", "tage", "days", "jours", "dagen", "uur", "ore", "pz", "uds", "ud", "nr"];

    /// <summary>How most of a document's plain amounts write their decimals.</summary>
    public static DecimalMark MarkOf(IEnumerable<string> lines)
    {
        var (comma, dot) = (0, 0);
        foreach (Match match in lines.SelectMany(line => Clear().Matches(line)))
        {
            _ = match.Groups["mark"].Value == "," ? comma++ : dot++;
        }

        return comma > dot ? DecimalMark.Comma : dot > comma ? DecimalMark.Dot : DecimalMark.Unknown;
    }

    /// <summary>All amounts of a line, from left to right. Shares, measures, dates and longer numbers are none.</summary>
    public static IReadOnlyList<PrintedAmount> Find(string line, DecimalMark mark)
    {
        var dates = PrintedDate.Find(Folding.Fold(line)).ToList();
        var found = new List<PrintedAmount>();
        foreach (Match match in Pattern().Matches(line))
        {
            var digits = match.Groups["digits"];
            if (!dates.Any(date => digits.Index < date.End && date.Start < digits.Index + digits.Length) && !IsMeasure(line, match.Index + match.Length)
                && Read(match, mark) is { } amount)
            {
                found.Add(amount);
            }
        }

        return found;
    }

    private static bool IsMeasure(string line, int end)
    {
        var rest = line.AsSpan(end);
        if (rest.StartsWith("%") || rest.StartsWith(" %"))
        {
            return true;
        }

        var word = Word().Match(line, end, Math.Min(12, line.Length - end));
        return word.Success && Units.Contains(word.Groups["word"].Value.ToLowerInvariant());
    }

    private static PrintedAmount? Read(Match match, DecimalMark mark)
    {
        var digits = match.Groups["digits"].Value;
        if (Parse(digits, mark) is not { } value)
        {
            return null;
        }

        var negative = match.Groups["minus"].Success || match.Groups["after"].Success || match.Groups["open"].Success && match.Groups["close"].Success;
        var currency = Currencies.Of(match.Groups["before"].Value) ?? Currencies.Of(match.Groups["behind"].Value);
        var whole = !digits.AsSpan().ContainsAny('.', ',') && !match.Groups["dash"].Success;
        var number = match.Groups["digits"];
        return new PrintedAmount(match.Index, match.Index + match.Length, match.Value.Trim(), negative ? -value : value,
            whole || number.Value.Length - number.Value.LastIndexOfAny(['.', ',']) == 4 && currency is null && mark is DecimalMark.Unknown, currency);
    }

    /// <summary>The value of digits with their marks. A single mark before three digits separates thousands, unless it is the page's decimal mark.</summary>
    internal static decimal? Parse(string digits, DecimalMark mark)
    {
        var plain = digits.Replace(" ", "", StringComparison.Ordinal).Replace("'", "", StringComparison.Ordinal).Replace("\u2019", "", StringComparison.Ordinal);
        var last = plain.LastIndexOfAny(['.', ',']);
        if (last >= 0)
        {
            var sign = plain[last];
            var other = sign == ',' ? '.' : ',';
            var decimals = plain.Length - last - 1;
            var once = plain.IndexOf(sign, StringComparison.Ordinal) == last;
            var isPageMark = mark is DecimalMark.Comma && sign == ',' || mark is DecimalMark.Dot && sign == '.';
            var separates = once && (decimals != 3 || plain.Contains(other, StringComparison.Ordinal) || isPageMark);
            plain = separates
                ? string.Concat(plain[..last].Replace(other.ToString(), "", StringComparison.Ordinal), ".", plain[(last + 1)..])
                : plain.Replace(sign.ToString(), "", StringComparison.Ordinal);
        }

        return decimal.TryParse(plain, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value <= FieldLimits.LargestAmount ? value : null;
    }

    /// <summary>Sign, currency, digits in groups, decimals, currency, sign; not within words, codes or longer numbers.</summary>
    [GeneratedRegex("""
        (?<![\w.,/#*+°-])
        (?:(?<open>\()\s?)?
        (?<minus>[-\u2212\u2013]\s?)?
        (?<before>(?:US|CA|AU|A|C|NZ|HK|R|S)?[$€£¥₹]|EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|HUF|RON|INR|CAD|AUD|NZD|JPY|DEM|ZAR|BRL|MXN|AED|SGD|HKD|TRY|Rs\.?|Fr\.|SFr\.?|zł|kr\.?)?\s?
        (?<minus>[-\u2212\u2013]\s?)?
        (?<digits>\d{1,3}(?:[.,'\u2019 ]\d{3})+(?:[.,]\d{1,2})?(?![\d])|\d+(?:[.,]\d{1,4})?)
        (?<dash>[,.][-\u2013\u2014]{1,2})?
        (?<after>-(?!\w))?
        (?:\s?(?<close>\)))?
        \s?(?<behind>[€£¥₹$]|(?:EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|HUF|RON|INR|CAD|AUD|NZD|JPY|DEM|ZAR|BRL|MXN|AED|SGD|HKD|TRY|Euro|euros?|zł|Kč|kr)\b)?
        (?<after>-(?![\w-]))?
        (?![\w*/°]|[.,:]\w|[-\u2013]\w)
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Pattern();

    [GeneratedRegex(@"(?<![\w.,])\d{1,3}(?:[.,' ]?\d{3})*(?<mark>[.,])\d{2}(?![\d%]|[.,]\d|\s%)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Clear();

    [GeneratedRegex(@"\G\s?(?<word>[A-Za-z]+\d?|%)(?![\w])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Word();
}
