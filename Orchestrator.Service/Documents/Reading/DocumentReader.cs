namespace Orchestrator.Service.Documents.Reading;

/// <summary>One invoice of a file.</summary>
/// <param name="Range">Its pages, or null where the file is taken whole.</param>
/// <param name="Result">What was read.</param>
public sealed record InvoiceReading(PageRange? Range, ExtractionResult Result);

/// <summary>Reads a whole file at once: probe, boundaries, extraction of each invoice. The workers do the same in steps of their own.</summary>
public sealed class DocumentReader(DocumentProber prober, ReadingOptions options, IDocumentExtractor extractor)
{
    /// <summary>The invoices of a file; one entry with a failure where it can't be read.</summary>
    public async Task<IReadOnlyList<InvoiceReading>> ReadAsync(DocumentFile file, CancellationToken cancellation)
    {
        var probe = await prober.ProbeAsync(file, cancellation);
        var plan = SplitPlan.Of(probe, options);
        if (plan.Failure is { } undecided)
        {
            return [new InvoiceReading(null, new ExtractionResult("boundaries", "1", new InvoiceFields(), undecided, probe.Diagnostics))];
        }

        if (!plan.IsSplit)
        {
            return [new InvoiceReading(null, await extractor.ExtractAsync(file with { Probe = probe }, cancellation))];
        }

        var readings = new List<InvoiceReading>();
        foreach (var range in plan.Ranges)
        {
            var result = await extractor.ExtractAsync(file with { Probe = probe.Slice(range) }, cancellation);
            readings.Add(new InvoiceReading(range, WithDoubts(result, plan.Proposal, range)));
        }

        return readings;
    }

    private static ExtractionResult WithDoubts(ExtractionResult result, BoundaryProposal proposal, PageRange range) =>
        proposal.DoubtAbout(range) is { } doubt ? result with { Diagnostics = [.. result.Diagnostics, doubt] } : result;
}
