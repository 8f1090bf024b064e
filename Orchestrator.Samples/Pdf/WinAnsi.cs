namespace Orchestrator.Samples.Pdf;

/// <summary>The one-byte encoding of the standard fonts.</summary>
internal static class WinAnsi
{
    private const string Special = "€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ"; // 0x80 to 0x9F

    private const string Accented = "ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöøùúûüýÿ";
    private const string Plain = "AAAAAACEEEEIIIINOOOOOOUUUUYaaaaaaceeeeiiiinoooooouuuuyy";

    public static byte Encode(char letter)
    {
        if (letter is >= ' ' and <= '~' or >= '\u00A0' and <= '\u00FF') return (byte)letter;
        var special = letter == '\0' ? -1 : Special.IndexOf(letter, StringComparison.Ordinal);
        return special >= 0
            ? (byte)(0x80 + special)
            : throw new ArgumentException($"'{letter}' (U+{(int)letter:X4}) is not in the WinAnsi encoding of the standard PDF fonts; write the sample's text without it.");
    }

    /// <summary>An accent does not change a letter's width.</summary>
    public static char Unaccented(char letter)
    {
        var at = Accented.IndexOf(letter, StringComparison.Ordinal);
        return at >= 0 ? Plain[at] : letter;
    }
}
