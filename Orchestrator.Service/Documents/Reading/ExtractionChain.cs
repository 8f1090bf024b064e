using System.Globalization;

namespace Orchestrator.Service.Documents.Reading;

/// <summary>
/// Asks the extractors in their order and takes the first that reads an invoice: structured data before a supplier's template before the
/// general rules. Where structured data was read from a PDF, its print is read too, and a difference is told.
/// </summary>
public sealed class ExtractionChain(DocumentProber prober, IReadOnlyList<IDocumentExtractor> extractors) : IDocumentExtractor
{
    private const double Sure = 0.75;

    /// <inheritdoc />
    public string Id => "chain";

    /// <inheritdoc />
    public string Version => string.Join(' ', extractors.Select(extractor => $"{extractor.Id}/{extractor.Version}"));

    /// <inheritdoc />
    public bool CanHandle(DocumentProbe probe) => probe.Kind is not DocumentKind.Unknown;

    /// <inheritdoc />
    public async Task<ExtractionResult> ExtractAsync(DocumentFile file, CancellationToken cancellation)
    {
        var probe = file.Probe ?? await prober.ProbeAsync(file, cancellation);
        if (probe.Failure is { } rejected)
        {
            return new ExtractionResult(Id, "1", new InvoiceFields(), rejected, probe.Diagnostics);
        }

        var probed = file with { Probe = probe };
        var diagnostics = new List<ReadDiagnostic>(probe.Diagnostics);
        ExtractionResult? best = null;
        foreach (var extractor in extractors.Where(extractor => extractor.CanHandle(probe)))
        {
            var result = await extractor.ExtractAsync(probed, cancellation);
            if (best is { Fields.Number.Source: FieldSource.Xml })
            {
                diagnostics.AddRange(Differences(best.Fields, result.Fields));
                break;
            }

            diagnostics.AddRange(result.Diagnostics);
            if (best is null || result.Failure is null || result.Fields.Missing.Count < best.Fields.Missing.Count)
            {
                best = result;
            }

            if (best.Failure is null && best.Fields.Number?.Source is not FieldSource.Xml)
            {
                break;
            }
        }

        return best is null
            ? new ExtractionResult(Id, "1", new InvoiceFields(), ReadFailure.NoText, diagnostics)
            : best with { Diagnostics = [.. diagnostics.Distinct()] };
    }

    /// <summary>Where XML and print contradict each other; a field that the print gives only vaguely says nothing.</summary>
    private static IEnumerable<ReadDiagnostic> Differences(InvoiceFields xml, InvoiceFields print)
    {
        if (xml.Number is { } number && print.Number is { Confidence: >= Sure } printed && !Same(number.Value, printed.Value))
        {
            yield return Mismatch("number", number.Value, printed.Value);
        }

        if (xml.IssueDate is { } date && print.IssueDate is { Confidence: >= Sure } printedDate && date.Value != printedDate.Value)
        {
            yield return Mismatch("date", Iso(date.Value), Iso(printedDate.Value));
        }

        if (xml.Currency is { } currency && print.Currency is { Confidence: >= Sure } printedCurrency && currency.Value != printedCurrency.Value)
        {
            yield return Mismatch("currency", currency.Value, printedCurrency.Value);
        }

        if (xml.Gross is { } gross && print.Gross is { Confidence: >= Sure } printedGross && Math.Abs(gross.Value) != Math.Abs(printedGross.Value))
        {
            yield return Mismatch("total", gross.Value.ToString(CultureInfo.InvariantCulture), printedGross.Value.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static bool Same(string left, string right) => Signs(left).SequenceEqual(Signs(right));

    private static IEnumerable<char> Signs(string number) => number.Where(char.IsLetterOrDigit).Select(char.ToUpperInvariant);

    private static string Iso(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static ReadDiagnostic Mismatch(string field, string xml, string print) =>
        new(DiagnosticCodes.XmlPrintMismatch, $"The XML states the {field} {xml}, the print {print}; the XML counts.");
}
