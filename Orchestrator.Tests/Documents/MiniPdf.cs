using System.Globalization;
using System.Text;

namespace Orchestrator.Tests.Documents;

/// <summary>Writes the smallest PDFs that real programs read: text in a typewriter's letters, so that columns stay columns.</summary>
internal sealed class MiniPdf
{
    private readonly List<byte[]> _objects = [];

    /// <summary>Text pages that share one font, as one program prints them.</summary>
    public static byte[] Of(params string[] pages) => new MiniPdf().Build(pages, null, null);

    /// <summary>Text pages with a file inside.</summary>
    public static byte[] WithAttachment(string name, byte[] content, params string[] pages) => new MiniPdf().Build(pages, name, content);

    /// <summary>Pages that draw a box and carry no text.</summary>
    public static byte[] OfPictures(int pages) => new MiniPdf().Build([.. Enumerable.Repeat<string?>(null, pages)], null, null);

    private byte[] Build(string?[] pages, string? attachment, byte[]? content)
    {
        // 1 catalog, 2 pages, 3 font; then two objects for each page; then the attachment.
        var first = 4;
        var file = first + 2 * pages.Length;
        var names = attachment is null ? "" : string.Create(CultureInfo.InvariantCulture, $"/Names<</EmbeddedFiles<</Names[(a){file + 1} 0 R]>>>>");
        Add($"<</Type/Catalog/Pages 2 0 R{names}>>");
        Add($"<</Type/Pages/Count {pages.Length}/Kids[{string.Join(' ', pages.Select((_, page) => $"{first + 2 * page} 0 R"))}]>>");
        Add("<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>>");
        for (var page = 0; page < pages.Length; page++)
        {
            Add($"<</Type/Page/Parent 2 0 R/MediaBox[0 0 842 842]/Contents {first + 2 * page + 1} 0 R/Resources<</Font<</F1 3 0 R>>>>>>");
            AddStream("", pages[page] is { } text ? Drawn(text) : "50 50 300 300 re f"u8.ToArray());
        }

        if (attachment is not null)
        {
            AddStream("/Type/EmbeddedFile", content!);
            Add($"<</Type/Filespec/F({attachment})/UF({attachment})/EF<</F {file} 0 R>>>>");
        }

        return Assemble();
    }

    private static byte[] Drawn(string text)
    {
        var drawn = new StringBuilder("BT /F1 8 Tf 10 TL 30 810 Td\n");
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            var safe = line.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("(", "\\(", StringComparison.Ordinal).Replace(")", "\\)", StringComparison.Ordinal);
            drawn.Append('(').Append(safe.Replace("€", "\\200", StringComparison.Ordinal)).Append(") Tj T*\n");
        }

        return Encoding.Latin1.GetBytes(drawn.Append("ET").ToString());
    }

    private void Add(string body) => _objects.Add(Encoding.Latin1.GetBytes(body));

    private void AddStream(string entries, byte[] data) => _objects.Add(
    [
        .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"<<{entries}/Length {data.Length}>>stream\n")), .. data, .. "\nendstream"u8,
    ]);

    private byte[] Assemble()
    {
        using var pdf = new MemoryStream();
        pdf.Write("%PDF-1.7\n"u8);
        var offsets = new List<long>();
        for (var index = 0; index < _objects.Count; index++)
        {
            offsets.Add(pdf.Position);
            pdf.Write(Encoding.ASCII.GetBytes($"{index + 1} 0 obj\n"));
            pdf.Write(_objects[index]);
            pdf.Write("\nendobj\n"u8);
        }

        var table = pdf.Position;
        var rows = string.Concat(offsets.Select(offset => string.Create(CultureInfo.InvariantCulture, $"{offset:0000000000} 00000 n \n")));
        pdf.Write(Encoding.ASCII.GetBytes($"xref\n0 {_objects.Count + 1}\n0000000000 65535 f \n{rows}trailer\n<</Size {_objects.Count + 1}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n"));
        return pdf.ToArray();
    }
}
