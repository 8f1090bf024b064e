using Orchestrator.Service.Documents.Reading.Text;

namespace Orchestrator.Service.Documents.Reading;

/// <summary>Reads a PDF's printed text by general rules.</summary>
public sealed class TextExtractor(DocumentProber prober) : IDocumentExtractor
{
    /// <inheritdoc />
    public string Id => "text-rules";

    /// <inheritdoc />
    public string Version => "1";

    /// <inheritdoc />
    public bool CanHandle(DocumentProbe probe) => probe.Kind is DocumentKind.Pdf;

    /// <inheritdoc />
    public async Task<ExtractionResult> ExtractAsync(DocumentFile file, CancellationToken cancellation)
    {
        var probe = file.Probe ?? await prober.ProbeAsync(file, cancellation);
        if ((probe.Failure ?? Unreadable(probe.Text)) is { } failure)
        {
            return new ExtractionResult(Id, Version, new InvoiceFields(), failure, []);
        }

        var read = TextRules.Read(probe.PageTexts);
        return new ExtractionResult(Id, Version, read.Fields, read.Fields.Missing.Count > 0 ? ReadFailure.MissingFields : null, read.Diagnostics);
    }

    private static ReadFailure? Unreadable(TextLayer text) => text switch
    {
        TextLayer.Pictures => ReadFailure.NeedsOcr,
        TextLayer.TooLittle => ReadFailure.NoText,
        _ => null,
    };
}
