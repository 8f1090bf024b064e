namespace Orchestrator.Service.Classify;

/// <summary>Shortens text for people's eyes.</summary>
internal static class Ellipsis
{
    /// <summary>The text, or its beginning with an ellipsis; no character is cut in two.</summary>
    /// <param name="text">Any.</param>
    /// <param name="longest">In UTF-16 units, the ellipsis among them; at least 2.</param>
    public static string Of(string text, int longest) =>
        text.Length <= longest ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[longest - 2]) ? longest - 2 : longest - 1), "…");
}
