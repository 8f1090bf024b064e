namespace Orchestrator.Service.Documents.Reading;

/// <summary>One invoice of a file.</summary>
/// <param name="Range">Its pages, or null where the file has none or is one invoice.</param>
/// <param name="Result">What was read.</param>
public sealed record InvoiceReading(PageRange? Range, ExtractionResult Result);

/// <summary>Reads a whole file at once: probe, boundaries, extraction of each invoice. The workers do the same in steps of their own.</summary>
public sealed class DocumentReader(DocumentProber prober, ReadingOptions options, IDocumentExtractor extractor)
{
    /// <summary>The invoices of a file; one entry with a failure where it can't be read.</summary>
    public async Task<IReadOnlyList<InvoiceReading>> ReadAsync(DocumentFile file, CancellationToken cancellation)
    {
        var probe = await prober.ProbeAsync(file, cancellation);
        var ranges = RangesOf(probe, out var proposal);
        if (ranges.Count <= 1)
        {
            return [new InvoiceReading(null, await extractor.ExtractAsync(file with { Probe = probe }, cancellation))];
        }

        if (ranges.Count > options.MaxInvoices)
        {
            return [new InvoiceReading(null, new ExtractionResult("boundaries", "1", new InvoiceFields(), ReadFailure.TooManyInvoices, probe.Diagnostics))];
        }

        var readings = new List<InvoiceReading>();
        foreach (var range in ranges)
        {
            var result = await extractor.ExtractAsync(file with { Probe = probe.Slice(range) }, cancellation);
            var close = proposal.ClosePages.Where(page => page >= range.First && page <= range.Last + 1).ToList();
            readings.Add(new InvoiceReading(range, close.Count == 0 ? result : result with
            {
                Diagnostics = [.. result.Diagnostics, new(DiagnosticCodes.BoundaryUncertain, $"Whether an invoice begins on page {string.Join(", ", close)} was a close decision.")],
            }));
        }

        return readings;
    }

    /// <summary>
    /// The invoices of a probed PDF as ranges. A PDF with an XML invoice inside is one invoice, for its XML can't be divided.
    /// </summary>
    public static IReadOnlyList<PageRange> RangesOf(DocumentProbe probe, out BoundaryProposal proposal)
    {
        var divisible = probe is { Kind: DocumentKind.Pdf, Failure: null, Pages: > 1, Text: TextLayer.Present } && !EmbeddedXmlExtractor.HasCandidates(probe);
        proposal = divisible ? Boundaries.Find(probe) : new BoundaryProposal([new PageRange(1, Math.Max(1, probe.Pages))], []);
        return proposal.Ranges;
    }
}
