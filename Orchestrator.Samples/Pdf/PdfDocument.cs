using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Samples.Pdf;

/// <summary>
/// The little of PDF 1.7 that the samples need: pages, the standard fonts, attached files, one kind of image. Nothing is
/// compressed, and the file's id is derived from its content, so the same drawing is the same bytes on any machine.
/// </summary>
internal sealed class PdfDocument(string title, string producer)
{
    private readonly List<PdfPage> pages = [];
    private readonly List<PdfFont> fonts = [];
    private readonly List<Attachment> attachments = [];
    private readonly List<BlackAndWhite> images = [];

    public IReadOnlyList<PdfPage> Pages => pages;

    public PdfPage AddPage(double width = 595, double height = 842)
    {
        var page = new PdfPage(this, width, height);
        pages.Add(page);
        return page;
    }

    public void Attach(string name, byte[] content, string relationship) => attachments.Add(new(name, content, relationship));

    public string Add(BlackAndWhite image)
    {
        images.Add(image);
        return $"I{images.Count}";
    }

    public string Use(PdfFont font)
    {
        if (!fonts.Contains(font)) fonts.Add(font);
        return $"F{fonts.IndexOf(font) + 1}";
    }

    public byte[] ToBytes()
    {
        var file = new ObjectFile();
        var (catalog, tree, info) = (file.Reserve(), file.Reserve(), file.Reserve());
        var fontNames = string.Concat(fonts.Select((font, i) =>
            $"/F{i + 1} {file.Add($"<< /Type /Font /Subtype /Type1 /BaseFont /{font.Name} /Encoding /WinAnsiEncoding >>")} 0 R "));
        var imageNames = string.Concat(images.Select((image, i) =>
            $"/I{i + 1} {file.AddStream($"/Type /XObject /Subtype /Image /Width {image.Width} /Height {image.Height} /ColorSpace /DeviceGray /BitsPerComponent 1", image.Rows)} 0 R "));
        var kids = pages.Select(page =>
        {
            var content = file.AddStream("", page.Content);
            return $"{file.Add(string.Create(CultureInfo.InvariantCulture, $"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 {page.Width} {page.Height}] /Resources << /Font << {fontNames}>> /XObject << {imageNames}>> >> /Contents {content} 0 R >>"))} 0 R";
        }).ToList();
        var specs = attachments.OrderBy(attachment => attachment.Name, StringComparer.Ordinal).Select(attachment =>
        {
            var stream = file.AddStream($"/Type /EmbeddedFile /Subtype /text#2Fxml /Params << /Size {attachment.Content.Length} >>", attachment.Content);
            return (attachment.Name, Id: file.Add($"<< /Type /Filespec /F ({attachment.Name}) /UF ({attachment.Name}) /AFRelationship /{attachment.Relationship} /EF << /F {stream} 0 R /UF {stream} 0 R >> >>"));
        }).ToList();
        var attached = specs.Count == 0 ? "" :
            $" /Names << /EmbeddedFiles << /Names [{string.Join(' ', specs.Select(spec => $"({spec.Name}) {spec.Id} 0 R"))}] >> >> /AF [{string.Join(' ', specs.Select(spec => $"{spec.Id} 0 R"))}]";
        file.Set(catalog, $"<< /Type /Catalog /Pages {tree} 0 R{attached} >>");
        file.Set(tree, $"<< /Type /Pages /Count {pages.Count} /Kids [{string.Join(' ', kids)}] >>");
        file.Set(info, $"<< /Title ({title}) /Producer ({producer}) >>");
        return file.ToBytes(catalog, info);
    }

    private sealed record Attachment(string Name, byte[] Content, string Relationship);
}

/// <summary>An image of one bit a point, 1 = white; each row filled up to whole bytes.</summary>
internal sealed record BlackAndWhite(int Width, int Height, byte[] Rows);

/// <summary>Numbered objects, the cross-reference table, the trailer.</summary>
internal sealed class ObjectFile
{
    private readonly List<byte[]> objects = [];

    public int Reserve()
    {
        objects.Add([]);
        return objects.Count;
    }

    public void Set(int id, string body) => objects[id - 1] = Encoding.Latin1.GetBytes(body);

    public int Add(string body)
    {
        var id = Reserve();
        Set(id, body);
        return id;
    }

    public int AddStream(string dictionary, byte[] content)
    {
        objects.Add([.. Encoding.Latin1.GetBytes($"<< {dictionary} /Length {content.Length} >>\nstream\n"), .. content, .. "\nendstream"u8]);
        return objects.Count;
    }

    public byte[] ToBytes(int root, int info)
    {
        using var file = new MemoryStream();
        file.Write("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"u8);
        var offsets = new List<long>();
        foreach (var (body, i) in objects.Select((body, i) => (body, i)))
        {
            offsets.Add(file.Position);
            file.Write(Encoding.Latin1.GetBytes($"{i + 1} 0 obj\n"));
            file.Write(body);
            file.Write("\nendobj\n"u8);
        }
        var id = Convert.ToHexString(SHA256.HashData(file.ToArray()))[..32];
        var table = file.Position;
        file.Write(Encoding.Latin1.GetBytes(
            $"xref\n0 {offsets.Count + 1}\n0000000000 65535 f \n{string.Concat(offsets.Select(offset => $"{offset:D10} 00000 n \n"))}" +
            $"trailer\n<< /Size {offsets.Count + 1} /Root {root} 0 R /Info {info} 0 R /ID [<{id}> <{id}>] >>\nstartxref\n{table}\n%%EOF\n"));
        return file.ToArray();
    }
}
