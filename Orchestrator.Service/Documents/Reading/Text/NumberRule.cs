using System.Text.RegularExpressions;

namespace Orchestrator.Service.Documents.Reading.Text;

/// <summary>The invoice's number: beside or below its label, or after the document's title.</summary>
internal static partial class NumberRule
{
    private const double Certain = 10;
    private const double AfterTitle = 8;
    private const double UnderTitle = 5.5;
    private const double Vague = 3;
    private const int TopRows = 30;

    /// <summary>All candidates, the best first.</summary>
    public static IReadOnlyList<ScoredValue<string>> Candidates(TextLayout layout)
    {
        var found = new List<ScoredValue<string>>();
        for (var index = 0; index < layout.Lines.Count; index++)
        {
            var line = layout.Lines[index];
            foreach (var label in line.Labels)
            {
                var candidate = label.Kind switch
                {
                    LabelKind.Number => Near(layout, index, label, Certain, isVague: false),
                    LabelKind.Title => TitleOf(layout, index, label),
                    LabelKind.AnyNumber when IsHead(line, label) => HashUnderTitle(layout, line, label) ?? Near(layout, index, label, Vague, isVague: true),
                    _ => null,
                };
                if (candidate is not null)
                {
                    found.Add(candidate);
                }
            }
        }

        return [.. found.OrderByDescending(candidate => candidate.Score)];
    }

    /// <summary>The number, where one stands out; null where the best two say different things with equal right.</summary>
    public static Field<string>? Decide(IReadOnlyList<ScoredValue<string>> candidates)
    {
        if (candidates.Count == 0)
        {
            return null;
        }

        var best = candidates[0];
        var rivals = candidates.Where(other => other.Value != best.Value && other.Score > best.Score - 0.5).ToList();
        var support = candidates.Count(other => other.Value == best.Value);

        // The same number again, on a second page or in the payment slip, settles a tie.
        if (rivals.Count > 0 && rivals.GroupBy(rival => rival.Value).Max(group => group.Count()) is var strongest)
        {
            if (strongest > support)
            {
                best = rivals.GroupBy(rival => rival.Value).OrderByDescending(group => group.Count()).First().First();
            }

            return best.Score < UnderTitle ? null : best.ToField(strongest == support ? 0.6 : 0.75);
        }

        return best.ToField(best.Score >= Certain * 0.8 ? 0.95 : best.Score >= UnderTitle * 0.8 ? 0.8 : 0.5);
    }

    private static ScoredValue<string>? Near(TextLayout layout, int index, Label label, double weight, bool isVague) =>
        Surroundings.Of(layout, index, label)
            .Select(place => Take(place.Text, isVague) is { } number ? new ScoredValue<string>(number, number, weight * place.Likelihood, place.Line.Page) : null)
            .FirstOrDefault(candidate => candidate is not null);

    /// <summary>A title with its number on the same line ("Rechnung (380) Nr. 4711 vom"), or as the head of a column.</summary>
    private static ScoredValue<string>? TitleOf(TextLayout layout, int index, Label label)
    {
        var line = layout.Lines[index];
        var cell = line.CellAt(label.Start);
        var rest = line.Text[label.End..cell.End];
        var match = AfterTitlePattern().Match(rest);
        if (match.Success && Take(match.Groups["number"].Value, isVague: !match.Groups["mark"].Success) is { } number)
        {
            var opens = line.Folded[cell.Start..label.Start].Trim().Length <= 20;
            return new ScoredValue<string>(number, number, (match.Groups["mark"].Success ? Certain : opens ? AfterTitle : Vague) - (line.Row > TopRows ? 1 : 0), line.Page);
        }

        // Right below or beside a title that stands alone; a number there needs both letters or length to count.
        return label.Start == cell.Start && rest.Trim(' ', ':', '.').Length == 0
            ? Surroundings.Of(layout, index, label)
                .Where(place => place.Likelihood > 0.6 && place.Line.Row - line.Row <= 3)
                .Select(place => Take(place.Text, isVague: true) is { } below && place.Text.Trim().Length - below.Length < 3
                    ? new ScoredValue<string>(below, below, UnderTitle * place.Likelihood, place.Line.Page)
                    : null)
                .FirstOrDefault(candidate => candidate is not null)
            : null;
    }

    /// <summary>A number sign just below a title, wherever on the line.</summary>
    private static ScoredValue<string>? HashUnderTitle(TextLayout layout, TextLine line, Label label)
    {
        var titled = line.Text[label.Start] == '#' && layout.Above(line, 3).Any(above => above.Labels.Any(title => title.Kind is LabelKind.Title && above.CellAt(title.Start) == new Cell(title.Start, title.End)));
        return titled && Take(line.Text[label.End..line.CellAt(label.Start).End], isVague: false) is { } number
            ? new ScoredValue<string>(number, number, AfterTitle, line.Page)
            : null;
    }

    /// <summary>A vague label counts only at the head of its cell.</summary>
    private static bool IsHead(TextLine line, Label label) => line.CellAt(label.Start).Start == label.Start;

    /// <summary>The number at the start of a text; null where something else stands there.</summary>
    internal static string? Take(string text, bool isVague)
    {
        var match = Value().Match(text);
        if (!match.Success)
        {
            return null;
        }

        var number = match.Groups["number"].Value.TrimEnd('.', '-', '/', ':');
        var folded = Folding.Fold(text);
        var isDate = PrintedDate.Find(folded).Any(date => date.Start <= match.Groups["number"].Index && date.End >= match.Groups["number"].Index + number.Length);
        if (isDate || !number.Any(char.IsDigit) || number.Length > 35 || Money().IsMatch(number))
        {
            return null;
        }

        var rest = text.AsSpan(match.Index + match.Length).TrimStart();
        return rest.StartsWith("%") || rest.StartsWith("€") ? null
            : isVague && (number.Count(char.IsDigit) < 3 && !Coded().IsMatch(number) || PageOf().IsMatch(number) || Year().IsMatch(number) || Foreign().IsMatch(number)) ? null
            : number;
    }

    /// <summary>
    /// Signs of one word; a short prefix in capitals may stand apart from its digits ("RE 2024-17"), in a cell of its own from several groups of
    /// them, and a slash may have blanks around it.
    /// </summary>
    [GeneratedRegex(@"^[\s:.#=(]*(?:(?:[Nn][OoRr]|[Nn]°|[Nn]º|№)[.:]?\s*(?=\S*\d))?(?<number>(?:[A-Z]{1,5} \d{1,8}|\d{2,6})(?: \d{2,6}){1,3}(?=\s*$)|(?:[A-Z]{1,5} (?=[A-Z0-9/-]*\d)(?!\d{1,2}[./]\d))?[A-Za-z0-9](?:[A-Za-z0-9]|[/\-._#–+]+(?=[A-Za-z0-9]))*(?: / (?!\d{1,2}[./-])[A-Za-z0-9-]*\d[A-Za-z0-9-]*)?)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Value();

    [GeneratedRegex(@"^(?:\s*\([^)]{1,40}\))*\s*(?<mark>(?:[Nn](?:[RrOo]|um|ummer|umber|umero|°|º)?[.:°º]{0,2}|#|№)[\s:]*(?=\S*\d))?[:\s–-]*(?<number>\S.*)$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AfterTitlePattern();

    [GeneratedRegex(@"^\d{1,2}/\d{1,2}$", RegexOptions.CultureInvariant)]
    private static partial Regex PageOf();

    [GeneratedRegex(@"^\d{1,3}(?:[.,]\d{3})*[.,]\d{2}$", RegexOptions.CultureInvariant)]
    private static partial Regex Money();

    /// <summary>Capitals and digits joined by a sign: few digits are enough.</summary>
    [GeneratedRegex(@"^[A-Z]{1,5}[-/]\d{1,2}$", RegexOptions.CultureInvariant)]
    private static partial Regex Coded();

    [GeneratedRegex(@"^(?:19|20)\d\d$", RegexOptions.CultureInvariant)]
    private static partial Regex Year();

    /// <summary>VAT identifiers and accounts, which have a country's letters before their digits.</summary>
    [GeneratedRegex(@"^(?:(?:AT|BE|CH|CZ|DE|DK|ES|FI|FR|GB|IE|IT|LU|NL|NO|PL|PT|SE)U?\d{8,12}|[A-Z]{2}\d{2}[A-Z0-9]{10,}|\+?\d{2,4}/\d{4,}|0\d{2,4}-\d{4,})$", RegexOptions.CultureInvariant)]
    private static partial Regex Foreign();
}
