using System.Globalization;
using System.Text;
using System.Xml;

namespace Orchestrator.Samples.Xml;

internal static class XmlFile
{
    public static byte[] Write(Action<XmlWriter> content)
    {
        using var bytes = new MemoryStream();
        using (var xml = XmlWriter.Create(bytes, new() { Encoding = new UTF8Encoding(false), Indent = true, IndentChars = " ", NewLineChars = "\n" })) content(xml);
        return [.. bytes.ToArray(), (byte)'\n'];
    }

    public static void Element(this XmlWriter xml, string prefix, string name, string ns, Action content)
    {
        xml.WriteStartElement(prefix, name, ns);
        content();
        xml.WriteEndElement();
    }

    public static string Money(decimal amount) => amount.ToString("0.00", CultureInfo.InvariantCulture);

    public static string Number(decimal value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
