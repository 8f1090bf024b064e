using Orchestrator.Service.Documents.Matching;

namespace Orchestrator.Service.Documents.Diagnostics;

/// <summary>Whether a document may be exported without anybody having looked at it.</summary>
public abstract record ReviewDecision
{
    private ReviewDecision() { }

    public sealed record Approve : ReviewDecision;

    public sealed record Review(IReadOnlyList<string> Reasons) : ReviewDecision;

    /// <summary>So surely a copy that only a person's word can let it through.</summary>
    public sealed record Duplicate(Guid Of, IReadOnlyList<string> Reasons) : ReviewDecision;
}

internal static class Reviewing
{
    /// <param name="invoice">The invoice.</param>
    /// <param name="diagnostics">What the rules found, and the reader.</param>
    /// <param name="match">Null before matching.</param>
    /// <param name="duplicates">The strongest first.</param>
    public static ReviewDecision Decide(Invoice invoice, IReadOnlyList<Diagnostic> diagnostics, MatchOutcome? match, IReadOnlyList<DuplicateScore> duplicates)
    {
        if (duplicates is [{ Score: >= DuplicateScore.Blocks } copy, ..]) return new ReviewDecision.Duplicate(copy.Of, copy.Reasons);
        List<string> reasons =
        [
            .. diagnostics.Where(diagnostic => diagnostic.Severity is Severity.Error).Select(diagnostic => $"{diagnostic.Rule}: {diagnostic.Message}"),
            .. Unchecked(invoice),
            .. Match(match),
            .. duplicates.Where(duplicate => duplicate.Score >= DuplicateScore.Review).SelectMany(duplicate => duplicate.Reasons),
        ];
        return reasons.Count == 0 ? new ReviewDecision.Approve() : new ReviewDecision.Review([.. reasons.Distinct()]);
    }

    // A total that nothing was added up against was read, but not checked.
    private static IEnumerable<string> Unchecked(Invoice invoice)
    {
        if (invoice.Gross is not null && (invoice.Net is null || (invoice.Tax is null && invoice.Profile is InvoiceProfile.Unknown)))
            yield return "The total could not be checked: the net total or the VAT was not found.";
    }

    private static IEnumerable<string> Match(MatchOutcome? match)
    {
        if (match is null) yield return "It is not matched yet.";
        else if (!match.IsMatched) yield return match.Reason;
        else if (match.SupplierId is null) yield return "The supplier is not in the master data.";
    }
}
