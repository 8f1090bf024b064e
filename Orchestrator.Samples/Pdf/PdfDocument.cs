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
        var resources = $"<< /Font << {Fonts(file)}>> /XObject << {Images(file)}>> >>";
        var kids = pages.Select(page => Reference(Page(file, page, tree, resources))).ToList();
        file.Set(catalog, $"<< /Type /Catalog /Pages {Reference(tree)}{Attached(file)} >>");
        file.Set(tree, $"<< /Type /Pages /Count {pages.Count} /Kids [{string.Join(' ', kids)}] >>");
        file.Set(info, $"<< /Title ({title}) /Producer ({producer}) >>");
        return file.ToBytes(catalog, info);
    }

    private string Fonts(ObjectFile file) => string.Concat(fonts.Select((font, i) =>
        $"/F{i + 1} {Reference(file.Add($"<< /Type /Font /Subtype /Type1 /BaseFont /{font.Name} /Encoding /WinAnsiEncoding >>"))} "));

    private string Images(ObjectFile file) => string.Concat(images.Select((image, i) =>
    {
        var size = $"/Width {image.Width} /Height {image.Height}";
        return $"/I{i + 1} {Reference(file.AddStream($"/Type /XObject /Subtype /Image {size} /ColorSpace /DeviceGray /BitsPerComponent 1", image.Rows))} ";
    }));

    private static int Page(ObjectFile file, PdfPage page, int tree, string resources)
    {
        var content = file.AddStream("", page.Content);
        var box = string.Create(CultureInfo.InvariantCulture, $"[0 0 {page.Width} {page.Height}]");
        return file.Add($"<< /Type /Page /Parent {Reference(tree)} /MediaBox {box} /Resources {resources} /Contents {Reference(content)} >>");
    }

    // The name tree wants its names in order.
    private string Attached(ObjectFile file)
    {
        if (attachments.Count == 0) return "";
        var specs = attachments.OrderBy(attachment => attachment.Name, StringComparer.Ordinal)
            .Select(attachment => (attachment.Name, Reference: Reference(FileSpecification(file, attachment)))).ToList();
        var names = string.Join(' ', specs.Select(spec => $"({spec.Name}) {spec.Reference}"));
        return $" /Names << /EmbeddedFiles << /Names [{names}] >> >> /AF [{string.Join(' ', specs.Select(spec => spec.Reference))}]";
    }

    private static int FileSpecification(ObjectFile file, Attachment attachment)
    {
        var stream = Reference(file.AddStream($"/Type /EmbeddedFile /Subtype /text#2Fxml /Params << /Size {attachment.Content.Length} >>", attachment.Content));
        var name = $"/F ({attachment.Name}) /UF ({attachment.Name})";
        return file.Add($"<< /Type /Filespec {name} /AFRelationship /{attachment.Relationship} /EF << /F {stream} /UF {stream} >> >>");
    }

    private static string Reference(int id) => $"{id} 0 R";

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
