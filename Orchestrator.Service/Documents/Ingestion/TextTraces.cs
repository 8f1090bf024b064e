using Orchestrator.Service.Documents.Matching;

namespace Orchestrator.Service.Documents.Ingestion;

/// <summary>What of a text is kept for matching, since the text itself stays in the file.</summary>
internal static class TextTraces
{
    private const int MostWords = 2000;
    private const int ShortestWord = 5;
    private const int LongestWord = 40;

    /// <summary>The words that could be an order's number: they have a digit.</summary>
    public static IReadOnlyList<string> Words(IReadOnlyList<string> pages) =>
        [.. pages.SelectMany(page => page.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Where(word => word.Length <= LongestWord && word.Any(char.IsAsciiDigit))
            .Select(Identifiers.Normalise)
            .Where(word => word.Length >= ShortestWord)
            .Distinct()
            .Take(MostWords)];

    /// <summary>Equal for the same print in another file; null where there is hardly any text.</summary>
    public static string? Hash(IReadOnlyList<string> pages) => Duplicates.TextHash(string.Join(' ', pages));
}
