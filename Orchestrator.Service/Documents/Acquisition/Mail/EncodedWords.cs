using System.Text;
using System.Text.RegularExpressions;

namespace Orchestrator.Service.Documents.Acquisition.Mail;

/// <summary>RFC 2047: `=?charset?B?...?=` in a header.</summary>
internal static partial class EncodedWords
{
    public static string Decode(string text)
    {
        if (!text.Contains("=?", StringComparison.Ordinal)) return text;
        var result = new StringBuilder();
        var (at, charset, bytes) = (0, "", new List<byte>());
        foreach (Match word in Word().Matches(text))
        {
            var between = text[at..word.Index];
            var (named, encoding, content) = (word.Groups[1].Value.Split('*')[0], word.Groups[2].Value, word.Groups[3].Value);
            // A letter of several bytes may be cut in two by neighbouring words, so their bytes are joined before decoding.
            var continues = charset.Length > 0 && string.IsNullOrWhiteSpace(between);
            if (!continues || !named.Equals(charset, StringComparison.OrdinalIgnoreCase))
            {
                result.Append(Charsets.Decode(charset, [.. bytes]));
                bytes.Clear();
                if (!continues) result.Append(between);
            }
            charset = named;
            var letters = Encoding.ASCII.GetBytes(content);
            bytes.AddRange(encoding is "b" or "B" ? TransferEncoding.Base64(letters) : Underscored(letters));
            at = word.Index + word.Length;
        }
        return result.Append(Charsets.Decode(charset, [.. bytes])).Append(text.AsSpan(at)).ToString();
    }

    private static byte[] Underscored(byte[] letters)
    {
        letters.AsSpan().Replace((byte)'_', (byte)' ');
        return TransferEncoding.QuotedPrintable(letters, keepTrailingBlanks: true);
    }

    [GeneratedRegex(@"=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=")]
    private static partial Regex Word();
}
