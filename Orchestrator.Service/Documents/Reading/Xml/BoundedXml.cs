using System.Xml;

namespace Orchestrator.Service.Documents.Reading.Xml;

/// <summary>
/// Reads untrusted XML: no document type, no other file and no address is ever opened, depth and size are counted, and nothing recurses.
/// </summary>
internal static class BoundedXml
{
    /// <summary>What was read, or why not.</summary>
    public readonly record struct Outcome(Element? Root, ReadFailure? Failure);

    public static async Task<Outcome> ReadAsync(Stream stream, ReadingOptions options, CancellationToken cancellation)
    {
        var settings = new XmlReaderSettings
        {
            Async = true,
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = options.MaxXmlCharacters,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            IgnoreWhitespace = true,
        };
        try
        {
            using var reader = XmlReader.Create(stream, settings);
            return await ReadAsync(reader, options, cancellation);
        }
        catch (XmlException exception)
        {
            return new Outcome(null, Meaning(exception));
        }
        catch (ArgumentException)
        {
            return new Outcome(null, ReadFailure.XmlUnreadable); // an encoding that does not exist
        }
    }

    private static async Task<Outcome> ReadAsync(XmlReader reader, ReadingOptions options, CancellationToken cancellation)
    {
        Element? root = null;
        var open = new Stack<Element>();
        var elements = 0;
        while (await reader.ReadAsync())
        {
            cancellation.ThrowIfCancellationRequested();
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    if (reader.Depth >= options.MaxXmlDepth)
                    {
                        return new Outcome(null, ReadFailure.XmlTooDeep);
                    }

                    if (++elements > options.MaxXmlElements)
                    {
                        return new Outcome(null, ReadFailure.XmlTooLarge);
                    }

                    var element = ElementAt(reader);
                    root ??= element;
                    if (open.TryPeek(out var parent))
                    {
                        parent.Add(element);
                    }

                    if (!reader.IsEmptyElement)
                    {
                        open.Push(element);
                    }

                    break;
                case XmlNodeType.EndElement:
                    open.Pop();
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace when open.Count > 0:
                    open.Peek().Append(await reader.GetValueAsync());
                    break;
            }
        }

        return new Outcome(root, null);
    }

    private static Element ElementAt(XmlReader reader)
    {
        var element = new Element(reader.LocalName);
        while (reader.MoveToNextAttribute())
        {
            element.Add(reader.LocalName, reader.Value);
        }

        reader.MoveToElement();
        return element;
    }

    /// <summary>The reader has one exception type for all; its sentence is the only thing that tells these two from the rest.</summary>
    private static ReadFailure Meaning(XmlException exception) =>
        exception.Message.Contains("DTD", StringComparison.Ordinal) ? ReadFailure.XmlForbiddenDtd
        : exception.Message.Contains("MaxCharactersInDocument", StringComparison.Ordinal) ? ReadFailure.XmlTooLarge
        : ReadFailure.XmlUnreadable;
}
