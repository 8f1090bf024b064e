using System.Buffers;
using System.Text;

namespace Orchestrator.Service.Documents.Acquisition.Mail;

/// <summary>What an attachment is. Its bytes decide; what it calls itself only saves a broken PDF from vanishing in silence.</summary>
internal static class AttachedKind
{
    private const int Looked = 1024;
    private const int LookedForRoot = 64 * 1024;
    private static readonly SearchValues<char> EndOfName = SearchValues.Create(" \t\r\n/>");
    private static readonly string[] InvoiceRoots = ["Invoice", "CreditNote", "CrossIndustryInvoice", "CrossIndustryDocument"];

    public static bool IsDocument(ReadOnlySpan<byte> content, string type, string? name) =>
        HasPdfMark(content) || InvoiceRoots.Contains(XmlRoot(content))
        || type is "application/pdf" || (name?.EndsWith(".pdf", StringComparison.OrdinalIgnoreCase) ?? false);

    /// <summary>Null for the mail's own text, which nobody misses.</summary>
    public static string? WhySkipped(ReadOnlySpan<byte> content, Entity part) => part.Type switch
    {
        "application/ms-tnef" => "It is a winmail.dat of Outlook and is not unpacked; ask the sender to send plain attachments.",
        "application/pkcs7-mime" or "application/x-pkcs7-mime" => "It is encrypted or sealed (S/MIME) and is not opened.",
        "application/pkcs7-signature" or "application/x-pkcs7-signature" or "application/pgp-signature" => null,
        _ when content.StartsWith("PK\x03\x04"u8) => "It is an archive or an office file and is not unpacked; send the invoice as PDF or XML.",
        _ when XmlRoot(content) is { } root && (part.IsAttachment || part.FileName is not null) => $"It is XML with the root '{root}', and invoices have {string.Join(", ", InvoiceRoots)}.",
        _ when part.IsAttachment || (part.FileName is not null && !part.IsInline) => "It is neither a PDF nor an XML invoice.",
        _ => null,
    };

    // Some programs write a few lines before it.
    private static bool HasPdfMark(ReadOnlySpan<byte> content) => content[..Math.Min(Looked, content.Length)].IndexOf("%PDF-"u8) >= 0;

    /// <summary>The root element's local name, found without an XML parser: nothing here may expand an entity.</summary>
    public static string? XmlRoot(ReadOnlySpan<byte> content)
    {
        var text = Start(content);
        if (!text.StartsWith('<')) return null;
        while (text.Length > 1)
        {
            var end = text[1] switch
            {
                '?' => After(text, "?>"),
                '!' when text.StartsWith("<!--") => After(text, "-->"),
                '!' => AfterDoctype(text),
                _ => 0,
            };
            if (end < 0) return null;
            if (end == 0) return LocalName(text[1..]);
            text = text[end..].TrimStart();
            if (!text.StartsWith('<')) return null;
        }
        return null;
    }

    private static ReadOnlySpan<char> Start(ReadOnlySpan<byte> content)
    {
        var head = content[..Math.Min(LookedForRoot, content.Length)];
        var encoding = head is [0xFF, 0xFE, ..] ? Encoding.Unicode : head is [0xFE, 0xFF, ..] ? Encoding.BigEndianUnicode : Encoding.UTF8;
        return encoding.GetString(head).AsSpan().TrimStart('\uFEFF').TrimStart();
    }

    private static int After(ReadOnlySpan<char> text, string mark) => text.IndexOf(mark) is >= 0 and var at ? at + mark.Length : -1;

    private static int AfterDoctype(ReadOnlySpan<char> text)
    {
        var inside = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '[') inside = true;
            else if (text[i] is ']') inside = false;
            else if (text[i] is '>' && !inside) return i + 1;
        }
        return -1;
    }

    private static string LocalName(ReadOnlySpan<char> tag)
    {
        var name = tag[..(tag.IndexOfAny(EndOfName) is >= 0 and var end ? end : Math.Min(tag.Length, 80))];
        return name[(name.LastIndexOf(':') + 1)..].ToString();
    }
}
