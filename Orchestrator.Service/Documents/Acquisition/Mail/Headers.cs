using System.Text;

namespace Orchestrator.Service.Documents.Acquisition.Mail;

/// <summary>A mail's header fields, unfolded, in their order. Of fields that stand there twice the first one counts: SES writes on top.</summary>
internal sealed class Headers
{
    // A mail of 40 MB may consist of nothing but header lines, each of which would cost twenty times its bytes.
    private const int MaxFields = 1000;
    private const int MaxFieldLength = 64 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<(string Name, string Value)> fields = [];

    public string? First(string name) => fields.Find(field => field.Name == name) is { Name: not null } field ? field.Value : null;

    /// <summary>A field that people read.</summary>
    public string? Text(string name) => First(name) is { } value ? EncodedWords.Decode(value).Trim() : null;

    public static Headers Parse(ReadOnlyMemory<byte> raw, out ReadOnlyMemory<byte> body)
    {
        var headers = new Headers();
        StringBuilder? field = null;
        var rest = raw;
        while (rest.Length > 0)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            var line = Text(rest.Span[..(end < 0 ? rest.Length : end)]).TrimEnd('\r');
            var next = end < 0 ? default : rest[(end + 1)..];
            if (line.Length == 0)
            {
                rest = next;
                break;
            }
            if (line[0] is ' ' or '\t')
            {
                if (field is { Length: < MaxFieldLength }) field.Append(' ').Append(line.AsSpan().Trim());
            }
            else
            {
                headers.Add(field);
                field = new(line.Length > MaxFieldLength ? line[..MaxFieldLength] : line);
            }
            rest = next;
        }
        headers.Add(field);
        body = rest;
        return headers;
    }

    private void Add(StringBuilder? field)
    {
        var text = field?.ToString() ?? "";
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && fields.Count < MaxFields) fields.Add((text[..colon].Trim().ToLowerInvariant(), text[(colon + 1)..].Trim()));
    }

    // Headers ought to be ASCII, modern ones are UTF-8, and what is neither is mostly Latin-1.
    private static string Text(ReadOnlySpan<byte> line)
    {
        try
        {
            return Strict.GetString(line);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(line);
        }
    }
}
