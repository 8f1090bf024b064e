namespace Orchestrator.Service.Documents.Reading;

/// <summary>What is to be done with a file before anything is extracted: take it whole, cut it, or leave it to a person.</summary>
/// <param name="Ranges">The invoices; one range for a file that is taken whole.</param>
/// <param name="Failure">Why a person must decide, or null.</param>
/// <param name="Proposal">The scores behind the ranges.</param>
public sealed record SplitPlan(IReadOnlyList<PageRange> Ranges, ReadFailure? Failure, BoundaryProposal Proposal)
{
    /// <summary>The file holds several invoices, and where each begins is settled.</summary>
    public bool IsSplit => Failure is null && Ranges.Count > 1;

    /// <summary>
    /// Plans for a probed file. A PDF with an XML invoice inside is one invoice, for its XML can't be divided. One range of implausible length
    /// makes the whole proposal doubtful, so that nothing is cut by it.
    /// </summary>
    public static SplitPlan Of(DocumentProbe probe, ReadingOptions options)
    {
        var isDivisible = probe is { Kind: DocumentKind.Pdf, Failure: null, Pages: > 1, Text: TextLayer.Present } && !EmbeddedXmlExtractor.HasCandidates(probe);
        if (!isDivisible)
        {
            return new SplitPlan([new PageRange(1, Math.Max(1, probe.Pages))], null, new BoundaryProposal([], []));
        }

        var proposal = Boundaries.Find(probe);
        ReadFailure? failure =
            proposal.Ranges.Count > options.MaxInvoices ? ReadFailure.TooManyInvoices
            : proposal.Ranges.Any(range => range.Last - range.First >= options.MaxInvoicePages) ? ReadFailure.TooLongForOne
            : null;
        return new SplitPlan(proposal.Ranges, failure, proposal);
    }
}
