using Orchestrator.Service.Documents.Reading;
using Orchestrator.Service.Documents.Reading.Text;

namespace Orchestrator.Service.Documents.Templates;

/// <summary>Reads a PDF of a supplier that has a template; what the template does not say comes from the general rules.</summary>
public sealed class TemplateExtractor(DocumentProber prober, TemplateBook book) : IDocumentExtractor
{
    /// <inheritdoc />
    public string Id => "supplier-template";

    /// <inheritdoc />
    public string Version => "1";

    /// <inheritdoc />
    public bool CanHandle(DocumentProbe probe) => probe.Kind is DocumentKind.Pdf && probe.Text is TextLayer.Present && book.Match(probe.PageTexts) is not null;

    /// <inheritdoc />
    public async Task<ExtractionResult> ExtractAsync(DocumentFile file, CancellationToken cancellation)
    {
        var probe = file.Probe ?? await prober.ProbeAsync(file, cancellation);
        if (book.Match(probe.PageTexts) is not { } template)
        {
            return new ExtractionResult(Id, Version, new InvoiceFields(), probe.Failure ?? ReadFailure.NoText, []);
        }

        var general = TextRules.Read(probe.PageTexts);
        var fields = template.Over(general.Fields, probe.PageTexts);
        return new ExtractionResult(Id, Version, fields, fields.Missing.Count > 0 ? ReadFailure.MissingFields : null, general.Diagnostics);
    }
}
