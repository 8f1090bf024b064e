using Orchestrator.Service.Documents.Processes;
using Orchestrator.Service.Documents.Reading.Probing;
using Orchestrator.Service.Documents.Reading.Xml;

namespace Orchestrator.Service.Documents.Reading;

/// <summary>Reads the XML invoice inside a hybrid PDF (ZUGFeRD, Factur-X, XRechnung).</summary>
public sealed class EmbeddedXmlExtractor(DocumentProber prober, PdfTools tools, ReadingOptions options) : IDocumentExtractor
{
    private const int MostCandidates = 8;

    private static readonly string[] WellKnown = ["factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml"];

    /// <inheritdoc />
    public string Id => "embedded-xml";

    /// <inheritdoc />
    public string Version => "1";

    /// <inheritdoc />
    public bool CanHandle(DocumentProbe probe) => HasCandidates(probe);

    /// <inheritdoc />
    public async Task<ExtractionResult> ExtractAsync(DocumentFile file, CancellationToken cancellation)
    {
        var probe = file.Probe ?? await prober.ProbeAsync(file, cancellation);
        var unreadable = new List<ReadDiagnostic>();
        using var folder = WorkFolder.Create();
        foreach (var attachment in Candidates(probe))
        {
            var content = await tools.StreamAsync(folder, file.Path, attachment.ObjectId, cancellation);
            using var stream = new MemoryStream(content.Output);
            var read = await BoundedXml.ReadAsync(stream, options, cancellation);
            if (read.Root is { } root && InvoiceXml.Knows(root))
            {
                var result = InvoiceXml.Read(root, Id, Version);
                return result with { Diagnostics = [.. unreadable, .. result.Diagnostics] };
            }

            if (read.Root is null)
            {
                unreadable.Add(new ReadDiagnostic(DiagnosticCodes.EmbeddedXmlUnreadable,
                    $"The attachment {SafeName(attachment.Name)} can't be read as XML: {(read.Failure ?? ReadFailure.XmlUnreadable).Sentence()}"));
            }
        }

        return new ExtractionResult(Id, Version, new InvoiceFields(), ReadFailure.XmlNotAnInvoice, unreadable);
    }

    /// <summary>Whether a PDF carries anything that is named as XML.</summary>
    internal static bool HasCandidates(DocumentProbe probe) => probe.Kind is DocumentKind.Pdf && Candidates(probe).Any();

    /// <summary>Whatever is named as XML, the names of the standards first, whatever their case.</summary>
    private static IEnumerable<PdfAttachment> Candidates(DocumentProbe probe) => probe.Attachments
        .Where(attachment => attachment.Name.EndsWith(".xml", StringComparison.OrdinalIgnoreCase))
        .OrderBy(attachment => WellKnown.Contains(attachment.Name, StringComparer.OrdinalIgnoreCase) ? 0 : 1)
        .Take(MostCandidates);

    private static string SafeName(string name) => string.Concat(name.Where(c => !char.IsControl(c)).Take(80));
}
