using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Service.Documents.Reading.Text;

namespace Orchestrator.Service.Documents.Reading.Splitting;

/// <summary>A page's own number as printed, with the count of pages where that is printed too.</summary>
internal readonly partial record struct PageNumber(int Page, int? Of)
{
    private const int EdgeLines = 6;

    /// <summary>Finds it: by its word anywhere, as bare numbers only at the top or the bottom of the page.</summary>
    public static PageNumber? Find(IReadOnlyList<TextLine> lines)
    {
        var worded = lines.Select(line => Read(Worded().Match(line.Folded))).OfType<PageNumber>().ToList();
        if (worded.Count > 0)
        {
            return worded.Find(number => number.Of is not null) is { Of: not null } whole ? whole : worded[0];
        }

        foreach (var line in lines.Take(EdgeLines).Concat(lines.TakeLast(EdgeLines)))
        {
            foreach (var cell in line.Cells)
            {
                if (Read(Bare().Match(line.Folded[cell.Start..cell.End])) is { } bare)
                {
                    return bare;
                }
            }
        }

        return null;
    }

    private static PageNumber? Read(Match match)
    {
        if (!match.Success)
        {
            return null;
        }

        var page = int.Parse(match.Groups["page"].Value, CultureInfo.InvariantCulture);
        var of = match.Groups["of"].Success ? int.Parse(match.Groups["of"].Value, CultureInfo.InvariantCulture) : (int?)null;
        return page >= 1 && (of is null || page <= of) ? new PageNumber(page, of) : null;
    }

    [GeneratedRegex(@"(?<![a-z]|(?:von|from|van|to|on|see|siehe|auf|zu|de|la|dalla|zie|ver)\s)(?:page|seite|pagina|pag|blad|bladzijde|blatt|folio|strona|hoja|side|sida|pg)\s?(?:no|nr|n)?[.:#]?\s{0,4}(?<page>\d{1,3})(?:\s{0,2}(?:/|of|von|van|de|di|sur|z|af|av|\|)\s{0,2}(?<of>\d{1,3}))?(?![\d.,]\d|\d)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Worded();

    [GeneratedRegex(@"^-?\s?\(?(?<page>\d{1,2})\s?(?:/|of|von|van|de|di|sur)\s?(?<of>\d{1,2})\)?\s?-?$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Bare();
}
