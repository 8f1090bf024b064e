using System.Globalization;
using System.Text;

namespace Orchestrator.Service.Documents.Acquisition.Mail;

/// <summary>A value and its parameters (RFC 2045), with those that were cut in pieces or percent-encoded put together (RFC 2231).</summary>
internal sealed class HeaderValue
{
    private readonly Dictionary<string, string> parameters = new(StringComparer.Ordinal);

    private HeaderValue(string value) => Value = value;

    /// <summary>Lower case.</summary>
    public string Value { get; }

    public string? Parameter(string name) => parameters.GetValueOrDefault(name);

    public static HeaderValue Parse(string text)
    {
        var pieces = Pieces(text).ToList();
        var header = new HeaderValue(pieces.Count == 0 ? "" : pieces[0].Trim().ToLowerInvariant());
        var sections = new SortedDictionary<(string Name, int Number), (string Value, bool Encoded)>();
        foreach (var piece in pieces.Skip(1))
        {
            var equals = piece.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1) continue;
            var (name, number, encoded) = Name(piece[..equals].Trim().ToLowerInvariant());
            sections.TryAdd((name, number), (piece[(equals + 1)..].Trim(), encoded));
        }
        foreach (var parameter in sections.GroupBy(section => section.Key.Name))
            header.parameters[parameter.Key] = Join([.. parameter.OrderBy(section => section.Key.Number).Select(section => section.Value)]);
        return header;
    }

    // name, name*, name*0, name*0*
    private static (string Name, int Number, bool Encoded) Name(string written)
    {
        var encoded = written.EndsWith('*');
        var plain = encoded ? written[..^1] : written;
        var star = plain.LastIndexOf('*');
        return star > 0 && int.TryParse(plain.AsSpan(star + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (plain[..star], number, encoded)
            : (plain, 0, encoded);
    }

    private static string Join(IReadOnlyList<(string Value, bool Encoded)> sections)
    {
        if (!sections.Any(section => section.Encoded)) return EncodedWords.Decode(string.Concat(sections.Select(section => section.Value)));
        var (charset, bytes) = ("utf-8", new List<byte>());
        for (var i = 0; i < sections.Count; i++)
        {
            var (value, encoded) = sections[i];
            if (i == 0 && encoded && value.Split('\'', 3) is [var named, _, var rest]) (charset, value) = (named, rest);
            if (encoded) Percent(value, bytes);
            else bytes.AddRange(Encoding.UTF8.GetBytes(value));
        }
        return Charsets.Decode(charset, [.. bytes]);
    }

    private static void Percent(string value, List<byte> bytes)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] is '%' && i + 2 < value.Length && byte.TryParse(value.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                bytes.Add(code);
                i += 2;
            }
            else if (value[i] < 0x80) bytes.Add((byte)value[i]);
            else bytes.AddRange(Encoding.UTF8.GetBytes(value[i].ToString()));
        }
    }

    // Cuts at semicolons, but not inside quotes; takes the quotes away; drops (comments).
    private static IEnumerable<string> Pieces(string text)
    {
        var piece = new StringBuilder();
        var (quoted, comments) = (false, 0);
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            if (letter is '\\' && (quoted || comments > 0) && i + 1 < text.Length)
            {
                if (quoted) piece.Append(text[i + 1]);
                i++;
            }
            else if (letter is '"' && comments == 0) quoted = !quoted;
            else if (!quoted && letter is '(') comments++;
            else if (!quoted && letter is ')' && comments > 0) comments--;
            else if (comments > 0) continue;
            else if (!quoted && letter is ';')
            {
                yield return piece.ToString();
                piece.Clear();
            }
            else piece.Append(letter);
        }
        yield return piece.ToString();
    }
}
