using System.Text;
using FuzzySharp;

namespace Orchestrator.Service.Documents.Matching;

/// <summary>Company names as people mean them: without case, accents, punctuation and legal form.</summary>
internal static class CompanyName
{
    private static readonly HashSet<string> LegalForms = new(StringComparer.Ordinal)
    {
        "ag", "gmbh", "mbh", "kg", "kgaa", "ohg", "ug", "haftungsbeschrankt", "gbr", "ek", "ev", "eg", "se", "partg", "partgmbb", "co", "cokg", "inh",
        "ltd", "limited", "llc", "llp", "lp", "plc", "inc", "incorporated", "corp", "corporation", "company", "dac", "pty",
        "sa", "sas", "sasu", "sarl", "eurl", "sci", "snc", "scop", "ei",
        "bv", "nv", "vof", "cv", "sl", "slu", "sau", "srl", "spa", "sapa", "sc", "ab", "as", "asa", "aps", "oy", "oyj", "zoo", "sro", "kft", "doo",
    };

    // Letters that no accent can be taken off of stand for two.
    private const string Accented = "àáâãäåāăąçćčďđèéêëēėęěğìíîïīįłñńňòóôõöøōőŕřśşšťùúûüūůűýÿźżž";
    private const string Plain = "aaaaaaaaacccddeeeeeeeegiiiiiilnnnoooooooorrssstuuuuuuuyyzzz";

    public static string Normalise(string? name)
    {
        var words = Words(name ?? "");
        var from = 0;
        var to = words.Count;
        while (to > from && LegalForms.Contains(words[to - 1])) to--;
        while (from < to && LegalForms.Contains(words[from])) from++;
        // A company that is called nothing but its legal form keeps it.
        return string.Join(' ', from < to ? words[from..to] : words);
    }

    /// <summary>0 to 100, whatever the order of the words.</summary>
    public static int Likeness(string? one, string? other)
    {
        var (a, b) = (Normalise(one), Normalise(other));
        return a.Length == 0 || b.Length == 0 ? 0 : a == b ? 100 : Fuzz.TokenSortRatio(a, b);
    }

    private static List<string> Words(string name)
    {
        var word = new StringBuilder();
        var words = new List<string>();
        foreach (var letter in name.ToLowerInvariant().Append(' '))
        {
            if (letter is '.' or '\'' or '’') continue; // S.p.A., e.K., l'Artigianato
            if (char.IsLetterOrDigit(letter)) Fold(letter, word);
            else if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }
        return words;
    }

    private static void Fold(char letter, StringBuilder word)
    {
        if (letter is 'ß') word.Append("ss");
        else if (letter is 'æ') word.Append("ae");
        else if (letter is 'œ') word.Append("oe");
        else word.Append(Accented.IndexOf(letter, StringComparison.Ordinal) is >= 0 and var at ? Plain[at] : letter);
    }
}
