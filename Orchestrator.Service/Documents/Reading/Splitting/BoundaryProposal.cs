namespace Orchestrator.Service.Documents.Reading;

/// <summary>How much speaks for a page as the first of an invoice.</summary>
/// <param name="Page">The page, from 1.</param>
/// <param name="Score">Above 0 an invoice begins here. Between -1 and 1 it was close.</param>
/// <param name="Reasons">What was weighed, with its points.</param>
public sealed record PageScore(int Page, double Score, IReadOnlyList<string> Reasons)
{
    /// <summary>Whether an invoice begins on the page.</summary>
    public bool IsStart => Score > 0;

    /// <summary>Whether a person should look at the decision.</summary>
    public bool IsClose => Math.Abs(Score) <= 1;
}

/// <summary>The invoices of a PDF as ranges of pages, with the scores that led there.</summary>
/// <param name="Ranges">The invoices in order; together they cover all pages.</param>
/// <param name="Scores">One for each page.</param>
public sealed record BoundaryProposal(IReadOnlyList<PageRange> Ranges, IReadOnlyList<PageScore> Scores)
{
    /// <summary>The pages where the decision was close.</summary>
    public IReadOnlyList<int> ClosePages => [.. Scores.Where(score => score.Page > 1 && score.IsClose).Select(score => score.Page)];

    /// <summary>What a person should know about where one of the invoices begins and ends, or null.</summary>
    public ReadDiagnostic? DoubtAbout(PageRange range)
    {
        var close = ClosePages.Where(page => page >= range.First && page <= range.Last + 1).ToList();
        return close.Count == 0 ? null : new(DiagnosticCodes.BoundaryUncertain, $"Whether an invoice begins on page {string.Join(", ", close)} was a close decision.");
    }
}
