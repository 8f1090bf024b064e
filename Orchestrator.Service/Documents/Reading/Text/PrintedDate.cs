using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Service.Documents.Reading.Text;

/// <summary>Which of two numbers comes first in a date of numbers.</summary>
internal enum DateOrder
{
    /// <summary>Nothing on the page says.</summary>
    Unknown,

    /// <summary>03/11 is the third of November.</summary>
    DayFirst,

    /// <summary>03/11 is the eleventh of March.</summary>
    MonthFirst,
}

/// <summary>A date as printed. Some can be read in two ways until the rest of the page decides.</summary>
internal readonly partial record struct PrintedDate(int Start, int End, string Raw, DateOnly? DayFirst, DateOnly? MonthFirst)
{
    /// <summary>Both readings are dates, and differ.</summary>
    public bool IsAmbiguous => DayFirst is not null && MonthFirst is not null && DayFirst != MonthFirst;

    /// <summary>The date in an order; null where that order was needed and is not known.</summary>
    public DateOnly? In(DateOrder order) => IsAmbiguous
        ? order switch { DateOrder.DayFirst => DayFirst, DateOrder.MonthFirst => MonthFirst, _ => null }
        : DayFirst ?? MonthFirst;

    /// <summary>All dates of a line that was folded, from left to right.</summary>
    public static IEnumerable<PrintedDate> Find(string folded) => Pattern().Matches(folded).Select(Read).OfType<PrintedDate>();

    private static PrintedDate? Read(Match match)
    {
        if (match.Groups["name"].Success)
        {
            return Months.Of(match.Groups["name"].Value) is { } month ? Named(match, month) : null;
        }

        var year = Year(match.Groups["year"].Value);
        var (first, second) = (Number(match, "first"), Number(match, "second"));
        if (match.Groups["iso"].Success)
        {
            return Date(year, first, second) is { } iso ? Exact(match, iso) : null;
        }

        // With dots the day always comes first.
        var dayFirst = Date(year, second, first);
        var monthFirst = match.Groups["mark"].Value == "." ? null : Date(year, first, second);
        return dayFirst is null && monthFirst is null ? null : new PrintedDate(match.Index, match.Index + match.Length, match.Value, dayFirst, monthFirst);
    }

    private static PrintedDate? Named(Match match, int month) =>
        Date(Year(match.Groups["year"].Value), month, Number(match, "day")) is { } date ? Exact(match, date) : null;

    private static PrintedDate Exact(Match match, DateOnly date) => new(match.Index, match.Index + match.Length, match.Value, date, date);

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static int Year(string digits)
    {
        var year = int.Parse(digits, CultureInfo.InvariantCulture);
        return digits.Length > 2 ? year : year < 70 ? 2000 + year : 1900 + year;
    }

    private static DateOnly? Date(int year, int month, int day) =>
        year is >= 1980 and <= 2099 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month) ? new DateOnly(year, month, day) : null;

    /// <summary>
    /// Year first; day and month in numbers, blanks after the dots allowed; day, month by name, year; month by name, day, year.
    /// None may be part of a longer run of numbers, such as an address of the network.
    /// </summary>
    [GeneratedRegex("""
        (?<![\w./-])(?<iso>(?<year>(?:19|20)\d\d)\s?[-/.]\s?(?<first>\d{1,2})\s?[-/.]\s?(?<second>\d{1,2}))(?!\d|[./-]\d)
        |(?<!\d|\d[./-]|[a-z]-)(?<first>\d{1,2})(?:\s?(?<mark>[./-])\s?)(?<second>\d{1,2})\s?\k<mark>\s?(?<year>(?:19|20)\d\d|\d\d)(?!\d|[./-]\d|,\d)
        |(?<![\w.])(?<day>\d{1,2})(?:st|nd|rd|th|er|o|\.)?[\s./-]{0,3}(?:(?:de|of|di|d)[\s'])?\s?(?<name>[a-z]{3,10})\.?,?[\s./-]{0,3}(?:(?:de|del|of|di)\s)?'?(?<year>(?:19|20)\d\d|\d\d)(?!\d|[.,]\d)
        |(?<![a-z])(?<name>[a-z]{3,10})\.?\s?(?<day>\d{1,2})(?:st|nd|rd|th|\.)?\s?[,.]?\s{0,2}(?<year>(?:19|20)\d\d)(?!\d)
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Pattern();
}

/// <summary>The months' names, folded, in the languages that are read here.</summary>
internal static class Months
{
    private static readonly Dictionary<string, int> ByName = new string[]
    {
        "january jan januar janner jaenner janvier janv januari enero ene gennaio gen janeiro janv stycznia styczen januar",
        "february feb februar februaer feber fevrier fevr fev februari febrero febbraio fevereiro lutego luty",
        "march mar marz maerz mrz mars maart mrt marzo marco marca marzec",
        "april apr avril avr abril abr aprile kwietnia kwiecien",
        "may mai mei mayo maggio mag maio maja maj",
        "june jun juni juin junio giugno giu junho czerwca czerwiec",
        "july jul juli juillet juil julio luglio lug julho lipca lipiec",
        "august aug aout augustus agosto ago agt sierpnia sierpien augusti",
        "september sep sept septembre septiembre settembre set sett setembro wrzesnia wrzesien",
        "october oct oktober okt octobre octubre ottobre ott outubro out pazdziernika pazdziernik",
        "november nov novembre noviembre novembro listopada listopad",
        "december dec dezember dez decembre diciembre dic dicembre dezembro grudnia grudzien desember",
    }
    .SelectMany((names, month) => names.Split(' ').Distinct().Select(name => (name, month: month + 1)))
    .ToDictionary(entry => entry.name, entry => entry.month);

    /// <summary>The month of a name, from 1.</summary>
    public static int? Of(string name) => ByName.TryGetValue(name, out var month) ? month : null;
}
