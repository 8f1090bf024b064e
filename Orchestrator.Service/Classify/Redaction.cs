using System.Text.RegularExpressions;

namespace Orchestrator.Service.Classify;

/// <summary>Makes a line of a log fit for people's eyes: keys masked, at most 300 characters.</summary>
internal static class Redaction
{
    private const int Longest = 300;
    private const int Read = 4000; // masked before it is cut, so that no part of a key is left at the edge
    private const string Mask = "***";

    private static readonly Regex Keys = new(
        @"\b(?:sk|pk|rk|ak)[-_][A-Za-z0-9_-]{8,}|\b(?:gh[pousr]|github_pat|glpat|xox[abprs]|npm|hf|plane_(?:wh|api))[-_][A-Za-z0-9_-]{8,}|\bA(?:KIA|SIA)[A-Z0-9]{12,}|\bAIza[A-Za-z0-9_-]{20,}|\beyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*){0,2}|\b[A-Fa-f0-9]{40,}\b|\b[A-Za-z0-9+_-]{48,}={0,2}",
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private static readonly Regex Named = new(
        @"(?<name>\b(?:authorization|x-api-key|api[-_ ]?key(?: provided)?|access[-_]?key|(?:\w+[-_])?token|secret|password|passwd|pwd|cookie|signature)""?\s*[:=]\s*""?(?:(?:bearer|basic|token)\s+)?)(?<value>[^\s""',;&)}]{4,})|(?<name>\b(?:bearer|basic)\s+)(?<value>[A-Za-z0-9._~+/=-]{8,})|(?<name>://[^\s/:@]*:)(?<value>[^\s/@]+)(?<rest>@)",
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);

    private static readonly Regex Blank = new(@"[\p{Cc}\p{Cf}\s]+", RegexOptions.NonBacktracking);

    public static string Of(string line)
    {
        var text = Blank.Replace(line.Length > Read ? line[..Read] : line, " ");
        text = Keys.Replace(text, Mask);
        return Ellipsis.Of(Named.Replace(text, "${name}" + Mask + "${rest}").Trim(), Longest);
    }
}
