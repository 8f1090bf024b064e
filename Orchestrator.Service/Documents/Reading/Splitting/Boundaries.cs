using System.Globalization;
using Orchestrator.Service.Documents.Reading.Splitting;

namespace Orchestrator.Service.Documents.Reading;

/// <summary>
/// Finds where invoices begin in a PDF of several, by what is printed and by which pages share fonts. A pure function of the probe; no page
/// is opened again. The points were set by reason, not fitted to files.
/// </summary>
public static class Boundaries
{
    /// <summary>Proposes the ranges of pages.</summary>
    public static BoundaryProposal Find(DocumentProbe probe)
    {
        var pages = probe.PageTexts.Select((text, page) => PageSignals.Of(text, page < probe.Fonts.Count ? probe.Fonts[page] : PageFonts.None)).ToList();
        return Find(pages);
    }

    internal static BoundaryProposal Find(IReadOnlyList<PageSignals> pages)
    {
        if (pages.Count == 0)
        {
            return new BoundaryProposal([], []);
        }

        var file = FileSignals.Of(pages);
        var scores = new List<PageScore> { new(1, 10, ["first page"]) };
        var open = new OpenInvoice(pages[0]);
        for (var page = 1; page < pages.Count; page++)
        {
            var score = Score(page, pages, open, file);
            scores.Add(score);
            if (score.IsStart)
            {
                open = new OpenInvoice(pages[page]);
            }
            else
            {
                open.Add(pages[page]);
            }
        }

        return new BoundaryProposal(RangesOf(scores), scores);
    }

    private static PageScore Score(int index, IReadOnlyList<PageSignals> pages, OpenInvoice open, FileSignals file)
    {
        var page = pages[index];
        if (page.IsBlank)
        {
            return new PageScore(index + 1, -10, ["blank"]);
        }

        var points = new Points();
        var restarts = ByPageNumber(points, page, open, file);
        ByInvoiceNumber(points, page, open, restarts);
        points.Add(page.HasTitle ? 1 : 0, "title");
        points.Add(page.Continues ? -3 : 0, "carried over");
        points.Add(page.IssueDate is not null ? 1 : 0, "date of issue");
        points.Add(page.VatIds.Count > 0 && open.VatIds.Count > 0 && !page.VatIds.Overlaps(open.VatIds) ? 2 : 0, "other VAT identifiers");
        points.Add(page.Gross is { } gross && open.Gross is { } earlier && gross != earlier ? 1.5 : 0, "another total that closes");
        points.Add(pages[index - 1].IsBlank ? 1 : 0, "after a blank page");
        ByFonts(points, page, open, file);
        return new PageScore(index + 1, points.Sum, points.Reasons);
    }

    /// <summary>A first page starts an invoice, a following number continues it. Numbers that count the whole file say less.</summary>
    private static bool ByPageNumber(Points points, PageSignals page, OpenInvoice open, FileSignals file)
    {
        if (page.Number is not { } number)
        {
            // Where the pages before told that they were the last, this one is another's.
            points.Add(open.LastNumber is { Of: { } of, Page: var last } && last == of && !file.IsNumberedThrough ? 2 : 0, "the last page was before");
            return false;
        }

        if (number.Page == 1)
        {
            points.Add(4, "page 1");
            points.Add(open.LastNumber is { Of: { } of, Page: var last } && last == of ? 2 : 0, "the last page was before");
            return true;
        }

        var continues = open.LastNumber is { } before && number.Page == before.Page + 1 && (number.Of is null || before.Of is null || number.Of == before.Of);
        points.Add(file.IsNumberedThrough ? -2 : continues ? -6 : -3, "page " + number.Page.ToString(CultureInfo.InvariantCulture));
        return false;
    }

    private static void ByInvoiceNumber(Points points, PageSignals page, OpenInvoice open, bool restarts)
    {
        if (page.InvoiceNumbers.Count == 0)
        {
            points.Add(-2, "no invoice number");
        }
        else if (open.InvoiceNumbers.Count == 0)
        {
            points.Add(2, "the first invoice number");
        }
        else if (!page.InvoiceNumbers.Overlaps(open.InvoiceNumbers))
        {
            points.Add(3, "another invoice number");
        }
        else if (page.IssueDate is { } date && open.IssueDate is { } before && date != before)
        {
            points.Add(1, "the same number on another date");
        }
        else if (!restarts)
        {
            points.Add(-4, "the same invoice number");
        }
    }

    /// <summary>Pages of different files never share a font; pages of one file do, unless its writer makes fonts for each page.</summary>
    private static void ByFonts(Points points, PageSignals page, OpenInvoice open, FileSignals file)
    {
        if (page.Fonts.Objects.Count == 0 || open.FontObjects.Count == 0)
        {
            return;
        }

        if (page.Fonts.Objects.Overlaps(open.FontObjects))
        {
            points.Add(file.HasForeignFonts ? -4 : 0, "shares fonts");
        }
        else if (file.HasSharedFonts || !page.Fonts.Names.Overlaps(open.FontNames))
        {
            points.Add(file.HasSharedFonts ? 5 : 4, "shares no font");
        }
        else
        {
            points.Add(1, "shares no font, but its names");
        }
    }

    private static List<PageRange> RangesOf(List<PageScore> scores)
    {
        var starts = scores.Where(score => score.IsStart).Select(score => score.Page).ToList();
        return [.. starts.Select((start, index) => new PageRange(start, index + 1 < starts.Count ? starts[index + 1] - 1 : scores.Count))];
    }

    /// <summary>What the pages since the last start have shown.</summary>
    private sealed class OpenInvoice
    {
        public OpenInvoice(PageSignals first) => Add(first);

        public HashSet<string> InvoiceNumbers { get; } = [];

        public HashSet<string> VatIds { get; } = [];

        public HashSet<string> FontObjects { get; } = [];

        public HashSet<string> FontNames { get; } = [];

        public PageNumber? LastNumber { get; private set; }

        public DateOnly? IssueDate { get; private set; }

        public decimal? Gross { get; private set; }

        public void Add(PageSignals page)
        {
            InvoiceNumbers.UnionWith(page.InvoiceNumbers);
            VatIds.UnionWith(page.VatIds);
            FontObjects.UnionWith(page.Fonts.Objects);
            FontNames.UnionWith(page.Fonts.Names);
            LastNumber = page.IsBlank ? LastNumber : page.Number;
            IssueDate ??= page.IssueDate;
            Gross ??= page.Gross;
        }
    }

    /// <summary>What the whole file shows: whether its page numbers run through, and whether its fonts tell files apart.</summary>
    private sealed record FileSignals(bool IsNumberedThrough, bool HasSharedFonts, bool HasForeignFonts)
    {
        public static FileSignals Of(IReadOnlyList<PageSignals> pages)
        {
            var (shared, foreign) = (false, false);
            for (var page = 1; page < pages.Count; page++)
            {
                var (before, here) = (pages[page - 1].Fonts.Objects, pages[page].Fonts.Objects);
                if (before.Count > 0 && here.Count > 0)
                {
                    shared |= here.Overlaps(before);
                    foreign |= !here.Overlaps(before);
                }
            }

            var through = pages.Count > 1 && pages.Select((page, index) => page.IsBlank || page.Number is { } number && number.Page == index + 1 && (number.Of is null || number.Of == pages.Count)).All(fits => fits);
            return new FileSignals(through, shared, foreign);
        }
    }

    private sealed class Points
    {
        private readonly List<string> _reasons = [];

        public double Sum { get; private set; }

        public IReadOnlyList<string> Reasons => _reasons;

        public void Add(double points, string reason)
        {
            if (points != 0)
            {
                Sum += points;
                _reasons.Add(string.Create(CultureInfo.InvariantCulture, $"{reason} {points:+0.#;-0.#}"));
            }
        }
    }
}
