using System.IO.Compression;
using System.Text;
using Orchestrator.Samples.Pdf;

namespace Orchestrator.Samples.Files;

/// <summary>What must end with a reason and never stop a worker; `expected.tsv` says how each ends.</summary>
internal static class BadFiles
{
    private const string Expected =
        """
        file	document_status	reason	note
        billion-laughs.xml	failed	XmlForbiddenDtd	within 1 s
        deep-nesting.xml	failed	XmlTooDeep	depth counted, no recursion
        encrypted-user-password.pdf	failed	PasswordRequired	the password is "secret"
        html-error-page.pdf	failed	NotAPdf	by magic bytes, before any tool runs
        no-text-layer.pdf	needs review	NeedsOcr	
        truncated-half.pdf	failed	CorruptPdf	
        ubl-broken-total.xml	completed or needs review	BR-CO-15	a diagnostic with both values
        xxe-file.xml	failed	XmlForbiddenDtd	no file is read
        zero-byte.pdf	failed	Empty	
        zip-renamed.pdf	failed	NotAPdf	

        """;

    public static async Task<IReadOnlyList<SampleFile>> WriteAsync(SampleFile pdf, SampleFile ubl) =>
    [
        new("bad/billion-laughs.xml", BillionLaughs()),
        new("bad/deep-nesting.xml", $"<?xml version=\"1.0\"?>\n<Invoice>{string.Concat(Enumerable.Repeat("<a>", 2000))}{string.Concat(Enumerable.Repeat("</a>", 2000))}</Invoice>\n"),
        new("bad/encrypted-user-password.pdf", await Qpdf.EncryptAsync(pdf.Content, "secret")),
        new("bad/html-error-page.pdf", "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n"),
        new("bad/no-text-layer.pdf", Scan()),
        new("bad/truncated-half.pdf", pdf.Content[..(pdf.Content.Length / 2)]),
        new("bad/ubl-broken-total.xml", Encoding.UTF8.GetString(ubl.Content).Replace(">4294.47</cbc:TaxInclusiveAmount>", ">4394.47</cbc:TaxInclusiveAmount>", StringComparison.Ordinal)),
        new("bad/xxe-file.xml", "<?xml version=\"1.0\"?>\n<!DOCTYPE Invoice [<!ENTITY secret SYSTEM \"file:///etc/hostname\">]>\n<Invoice>&secret;</Invoice>\n"),
        new("bad/zero-byte.pdf", Array.Empty<byte>()),
        new("bad/zip-renamed.pdf", Zip()),
        new("bad/expected.tsv", Expected),
    ];

    private static string BillionLaughs()
    {
        var xml = new StringBuilder("<?xml version=\"1.0\"?>\n<!DOCTYPE Invoice [\n<!ENTITY l0 \"lol\">\n");
        for (var i = 1; i <= 9; i++) xml.Append("<!ENTITY l").Append(i).Append(" \"").Insert(xml.Length, $"&l{i - 1};", 10).Append("\">\n");
        return xml.Append("]>\n<Invoice>&l9;</Invoice>\n").ToString();
    }

    // A page as a scanner leaves it: one image, grey bars where the words would be, no text.
    private static byte[] Scan()
    {
        const int width = 248, height = 350, stride = width / 8;
        var rows = new byte[stride * height];
        Array.Fill(rows, (byte)0xFF);
        for (var y = 30; y < height - 30; y++)
        {
            if (y % 9 > 3) continue;
            var length = 6 + y / 9 * 7 % 19;
            for (var x = 3; x < 3 + length; x++) rows[y * stride + x] = (byte)(x % 4 == 0 ? 0xFF : 0x11);
        }
        var pdf = new PdfDocument("scan", "example scanner");
        var name = pdf.Add(new BlackAndWhite(width, height, rows));
        pdf.AddPage().Image(name, 0, 0, 595, 842);
        return pdf.ToBytes();
    }

    private static byte[] Zip()
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            var entry = zip.CreateEntry("invoice.txt", CompressionLevel.NoCompression);
            entry.LastWriteTime = new(2026, 3, 20, 9, 0, 0, TimeSpan.Zero);
            using var content = entry.Open();
            content.Write("Invoice 4711, 100.00 EUR\n"u8);
        }
        return bytes.ToArray();
    }
}
