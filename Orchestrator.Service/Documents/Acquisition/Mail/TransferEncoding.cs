namespace Orchestrator.Service.Documents.Acquisition.Mail;

/// <summary>Takes what is there: mails are cut off, wrapped again and padded wrongly on their way.</summary>
internal static class TransferEncoding
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    public static byte[] Base64(ReadOnlySpan<byte> text)
    {
        var letters = new byte[text.Length + 3];
        var count = 0;
        foreach (var letter in text)
        {
            if (letter is (byte)'=') break;
            if (char.IsAsciiLetterOrDigit((char)letter) || letter is (byte)'+' or (byte)'/') letters[count++] = letter;
        }
        if (count % 4 == 1) count--; // six bits are no byte
        // Where the text was cut off, the last letter's filler bits need not be zero, which the strict decoder refuses.
        if (count % 4 is 2) letters[count - 1] = Masked(letters[count - 1], 0x30);
        if (count % 4 is 3) letters[count - 1] = Masked(letters[count - 1], 0x3C);
        while (count % 4 != 0) letters[count++] = (byte)'=';
        System.Buffers.Text.Base64.DecodeFromUtf8InPlace(letters.AsSpan(0, count), out var written);
        return letters[..written];
    }

    private static byte Masked(byte letter, int mask) => (byte)Alphabet[Alphabet.IndexOf((char)letter, StringComparison.Ordinal) & mask];

    public static byte[] QuotedPrintable(ReadOnlySpan<byte> text, bool keepTrailingBlanks = false)
    {
        var bytes = new byte[text.Length];
        var count = 0;
        while (text.Length > 0)
        {
            var end = text.IndexOf((byte)'\n');
            var line = text[..(end < 0 ? text.Length : end + 1)];
            text = text[line.Length..];
            count += Line(line, bytes.AsSpan(count), keepTrailingBlanks);
        }
        return bytes[..count];
    }

    private static int Line(ReadOnlySpan<byte> line, Span<byte> into, bool keepTrailingBlanks)
    {
        var content = line.TrimEnd("\r\n"u8);
        var newline = line[content.Length..];
        if (!keepTrailingBlanks) content = content.TrimEnd(" \t"u8); // added on the way
        if (content.EndsWith("="u8)) // the line goes on
        {
            content = content[..^1];
            newline = default;
        }
        var count = 0;
        for (var i = 0; i < content.Length; i++)
        {
            if (content[i] is (byte)'=' && i + 2 < content.Length && Hex(content[i + 1]) is >= 0 and var high && Hex(content[i + 2]) is >= 0 and var low)
            {
                into[count++] = (byte)(high * 16 + low);
                i += 2;
            }
            else into[count++] = content[i];
        }
        newline.CopyTo(into[count..]);
        return count + newline.Length;
    }

    private static int Hex(byte letter) => letter switch
    {
        >= (byte)'0' and <= (byte)'9' => letter - '0',
        >= (byte)'A' and <= (byte)'F' => letter - 'A' + 10,
        >= (byte)'a' and <= (byte)'f' => letter - 'a' + 10,
        _ => -1,
    };
}
