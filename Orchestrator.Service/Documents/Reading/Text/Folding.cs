namespace Orchestrator.Service.Documents.Reading.Text;

/// <summary>Text as labels are compared: small letters without accents. One character stays one, so that positions in a line still hold.</summary>
internal static class Folding
{
    private const string Accented = "àáâãäåāăąçćčďèéêëēėęěìíîïīłńňñòóôõöøōőŕřśšßťùúûüūůűýÿźżž°º№’‘´`–—−‐‑";
    private const string Plain = "aaaaaaaaacccdeeeeeeeeiiiiilnnnoooooooorrsssstuuuuuuuyyzzzoon''''-----";

    public static string Fold(string text) => string.Create(text.Length, text, static (folded, source) =>
    {
        for (var at = 0; at < folded.Length; at++)
        {
            folded[at] = Fold(source[at]);
        }
    });

    private static char Fold(char c)
    {
        if (c < 128)
        {
            return char.ToLowerInvariant(c);
        }

        var lower = char.ToLowerInvariant(c);
        var known = Accented.IndexOf(lower, StringComparison.Ordinal);
        return known >= 0 ? Plain[known] : lower;
    }
}
