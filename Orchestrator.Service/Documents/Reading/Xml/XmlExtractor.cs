using Orchestrator.Service.Documents.Reading.Xml;

namespace Orchestrator.Service.Documents.Reading;

/// <summary>Reads a file that is itself an XML invoice.</summary>
public sealed class XmlExtractor(DocumentProber prober) : IDocumentExtractor
{
    /// <inheritdoc />
    public string Id => "xml";

    /// <inheritdoc />
    public string Version => "1";

    /// <inheritdoc />
    public bool CanHandle(DocumentProbe probe) => probe.Kind is DocumentKind.Xml;

    /// <inheritdoc />
    public async Task<ExtractionResult> ExtractAsync(DocumentFile file, CancellationToken cancellation)
    {
        var probe = file.Probe ?? await prober.ProbeAsync(file, cancellation);
        return probe.Root is { } root
            ? InvoiceXml.Read(root, Id, Version)
            : new ExtractionResult(Id, Version, new InvoiceFields(), probe.Failure ?? ReadFailure.XmlUnreadable, []);
    }
}
