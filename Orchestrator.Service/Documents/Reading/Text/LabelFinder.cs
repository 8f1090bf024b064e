namespace Orchestrator.Service.Documents.Reading.Text;

/// <summary>A phrase on a line that says what stands beside or below it.</summary>
internal readonly record struct Label(LabelKind Kind, int Start, int End);

/// <summary>A word, a number or a sign of a line.</summary>
internal readonly record struct Token(int Start, int End, string Text);

/// <summary>Finds the phrases of <see cref="LabelPhrases"/> on a line, the longest one at each place.</summary>
internal static class LabelFinder
{
    private const int WidestGap = 3;

    private static readonly Dictionary<string, (string[] Words, LabelKind Kind)[]> ByFirstWord = LabelPhrases.All
        .SelectMany(group => group.Phrases.Select(phrase => (Words: phrase.Split(' '), group.Kind)))
        .GroupBy(phrase => phrase.Words[0])
        .ToDictionary(group => group.Key, group => group.OrderByDescending(phrase => phrase.Words.Length).ToArray());

    /// <summary>German glues words together; what stands before these endings does not change their meaning.</summary>
    private static readonly string[] Endings = ["rechnung", "rechnungsnummer", "gutschrift", "versicherungsteuer"];

    public static IReadOnlyList<Label> Find(string folded)
    {
        var tokens = Tokens(folded);
        var labels = new List<Label>();
        for (var at = 0; at < tokens.Count;)
        {
            var (length, kind) = Longest(folded, tokens, at);
            if (length == 0 || IsCode(folded, tokens[at + length - 1]))
            {
                at++;
                continue;
            }

            labels.Add(new Label(kind, tokens[at].Start, tokens[at + length - 1].End));
            at += length;
        }

        return labels;
    }

    /// <summary>Letters, digits and the number sign; a change from one to the other ends a token, so that "no562" is two.</summary>
    public static List<Token> Tokens(string folded)
    {
        var tokens = new List<Token>();
        for (var at = 0; at < folded.Length;)
        {
            var kind = Kind(folded[at]);
            var start = at++;
            while (at < folded.Length && kind != 0 && kind != '#' && Kind(folded[at]) == kind)
            {
                at++;
            }

            if (kind != 0)
            {
                tokens.Add(new Token(start, at, folded[start..at]));
            }
        }

        return tokens;
    }

    /// <summary>A word glued to digits ("PO445") is a code and no label, unless it is a word for number ("no562").</summary>
    private static bool IsCode(string folded, Token last) =>
        last.End < folded.Length && char.IsDigit(folded[last.End]) && last.Text is not ("no" or "nr" or "n" or "#" or "num");

    private static char Kind(char c) => char.IsLetter(c) || c == '_' ? 'a' : char.IsDigit(c) ? '0' : c == '#' ? '#' : '\0';

    private static (int Length, LabelKind Kind) Longest(string folded, List<Token> tokens, int at)
    {
        var word = tokens[at].Text;
        if (!ByFirstWord.TryGetValue(word, out var phrases)
            && (Array.Find(Endings, ending => word.EndsWith(ending, StringComparison.Ordinal)) is not { } known || !ByFirstWord.TryGetValue(known, out phrases)))
        {
            return default;
        }

        foreach (var (words, kind) in phrases)
        {
            if (Matches(folded, tokens, at, words))
            {
                return (words.Length, kind);
            }
        }

        return default;
    }

    private static bool Matches(string folded, List<Token> tokens, int at, string[] words)
    {
        if (at + words.Length > tokens.Count)
        {
            return false;
        }

        for (var word = 1; word < words.Length; word++)
        {
            var gap = folded.AsSpan(tokens[at + word - 1].End..tokens[at + word].Start);
            if (tokens[at + word].Text != words[word] || gap.Length > WidestGap || gap.IndexOf("  ") >= 0 || gap.IndexOfAny('|', ';') >= 0)
            {
                return false;
            }
        }

        return true;
    }
}
