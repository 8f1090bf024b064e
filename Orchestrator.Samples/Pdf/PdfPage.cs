using System.Globalization;
using System.Text;

namespace Orchestrator.Samples.Pdf;

/// <summary>One page to draw on. Points; x from the left, y from the top, as one reads a letter.</summary>
internal sealed class PdfPage(PdfDocument document, double width, double height)
{
    private readonly StringBuilder content = new(); // Latin-1: each char is one byte of the stream

    public double Width => width;
    public double Height => height;

    public byte[] Content => Encoding.Latin1.GetBytes(content.ToString());

    public void Text(double x, double y, string text, PdfFont font, double size, double grey = 0)
    {
        if (text.Length == 0) return;
        content.Append(CultureInfo.InvariantCulture, $"BT /{document.Use(font)} {Number(size)} Tf {Number(grey)} g {Number(x)} {Number(height - y)} Td (");
        foreach (var letter in text)
        {
            if (letter is '(' or ')' or '\\') content.Append('\\');
            content.Append((char)WinAnsi.Encode(letter));
        }
        content.Append(") Tj ET\n");
    }

    public void TextRight(double right, double y, string text, PdfFont font, double size, double grey = 0) =>
        Text(right - font.Width(text, size), y, text, font, size, grey);

    public void TextCentred(double centre, double y, string text, PdfFont font, double size, double grey = 0) =>
        Text(centre - font.Width(text, size) / 2, y, text, font, size, grey);

    public void Line(double x1, double y1, double x2, double y2, double thickness = 0.5) =>
        content.Append(CultureInfo.InvariantCulture, $"0.4 G {Number(thickness)} w {Number(x1)} {Number(height - y1)} m {Number(x2)} {Number(height - y2)} l S\n");

    public void Box(double x, double y, double w, double h, double thickness = 0.5) =>
        content.Append(CultureInfo.InvariantCulture, $"0.4 G {Number(thickness)} w {Number(x)} {Number(height - y - h)} {Number(w)} {Number(h)} re S\n");

    public void Fill(double x, double y, double w, double h, Colour colour) =>
        content.Append(CultureInfo.InvariantCulture, $"{Number(colour.R)} {Number(colour.G)} {Number(colour.B)} rg {Number(x)} {Number(height - y - h)} {Number(w)} {Number(h)} re f\n");

    public void Image(string name, double x, double y, double w, double h) =>
        content.Append(CultureInfo.InvariantCulture, $"q {Number(w)} 0 0 {Number(h)} {Number(x)} {Number(height - y - h)} cm /{name} Do Q\n");

    private static string Number(double value) => Math.Round(value, 2).ToString("0.##", CultureInfo.InvariantCulture);
}

/// <summary>Red, green, blue from 0 to 1.</summary>
internal readonly record struct Colour(double R, double G, double B)
{
    public static readonly Colour Shade = new(0.92, 0.92, 0.92);
}
