using Orchestrator.Service.Documents.Reading.Text;

namespace Orchestrator.Service.Documents.Reading.Splitting;

/// <summary>What one page says about whether an invoice begins on it.</summary>
internal sealed record PageSignals(
    bool IsBlank,
    PageNumber? Number,
    IReadOnlySet<string> InvoiceNumbers,
    DateOnly? IssueDate,
    bool HasTitle,
    bool Continues,
    IReadOnlySet<string> VatIds,
    decimal? Gross,
    PageFonts Fonts)
{
    private const int TopLines = 25;
    private const int HeadingLines = 12;
    private const double Certain = 7.5;
    private const double LikelyInHeading = 4.5;

    private static readonly string[] Continuations = ["ubertrag", "fortsetzung", "continued", "carried forward", "brought forward", "report de la page", "suite de la page", "transport van vorige", "vervolg", "suma anterior", "continuacion", "riporto", "segue da"];

    public static PageSignals Of(string text, PageFonts fonts)
    {
        var layout = TextLayout.Of([text]);
        var lines = layout.Lines;
        var hasTitle = lines.Take(TopLines).Any(HasTitleIn);
        var issued = IssueDateOf(layout);
        return new PageSignals(
            lines.Count == 0,
            PageNumber.Find(lines),
            NumberRule.Candidates(layout).Where(candidate => candidate.Score >= (hasTitle && issued is not null ? LikelyInHeading : Certain)).Select(candidate => candidate.Value).ToHashSet(),
            issued,
            hasTitle,
            lines.Take(HeadingLines).Any(line => Continuations.Any(word => line.Folded.Contains(word, StringComparison.Ordinal))),
            PartyRule.AllVatIds(layout),
            TotalsRule.Read(layout) is { Closes: true, Gross.Value: var gross } ? gross : null,
            fonts);
    }

    /// <summary>Only a date with a label of its own; both orders of its numbers are as good for comparing.</summary>
    private static DateOnly? IssueDateOf(TextLayout layout) =>
        DateRules.IssueDates(layout, DateOrder.DayFirst).FirstOrDefault(date => date.Score >= 5.5)?.Value;

    private static bool HasTitleIn(TextLine line) => line.Labels.Any(label =>
        label.Kind is LabelKind.Title && line.CellAt(label.Start) is var cell && label.Start - cell.Start <= 20 && cell.End - cell.Start <= 70);
}
