using Orchestrator.Service.Documents.Reading;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Documents.Reading;

[Trait("Requirement", "DOC-3")]
public sealed class BoundariesTests : IDisposable
{
    private readonly ReadingParts _parts = new();

    public void Dispose() => _parts.Dispose();

    [Fact]
    public void Another_number_on_a_page_with_a_title_begins_an_invoice_though_one_program_printed_all()
    {
        var pages = new[] { Invoice("A-100", "01.02.2024", "10,00"), Invoice("A-101", "02.02.2024", "20,00"), Invoice("A-102", "03.02.2024", "30,00") };

        Assert.Equal(["1-1", "2-2", "3-3"], Found(pages));
    }

    [Fact]
    public void A_number_repeated_in_the_heading_of_each_page_continues_the_invoice()
    {
        var pages = new[] { Invoice("A-100", "01.02.2024", "10,00"), Heading("A-100", "01.02.2024") + "\nUebertrag", Heading("A-100", "01.02.2024") + "\nAnhang" };

        Assert.Equal(["1-3"], Found(pages));
    }

    [Theory]
    [InlineData("Seite {0} von {1}")]
    [InlineData("Page {0}/{1}")]
    [InlineData("Page: {0} / {1}")]
    [InlineData("Page {0} of {1}")]
    [InlineData("Blad {0} van {1}")]
    [InlineData("Página {0} de {1}")]
    [InlineData("Pagina {0} di {1}")]
    [InlineData("{0} / {1}")]
    [InlineData("- {0} / {1} -")]
    public void Printed_page_numbers_tell_where_an_invoice_begins_and_goes_on(string form)
    {
        string Numbered(string text, int page, int of) => text + "\n\n" + string.Format(System.Globalization.CultureInfo.InvariantCulture, form, page, of);
        var pages = new[]
        {
            Numbered(Invoice("7", "01.02.2024", "10,00"), 1, 2), Numbered("Allgemeine Bedingungen", 2, 2),
            Numbered(Invoice("7", "01.02.2024", "10,00"), 1, 1),
            Numbered(Invoice("8", "05.02.2024", "11,00"), 1, 3), Numbered("Positionen", 2, 3), Numbered("Positionen", 3, 3),
        };

        Assert.Equal(["1-2", "3-3", "4-6"], Found(pages));
    }

    [Fact]
    public void Numbers_that_count_the_pages_of_the_whole_batch_hide_no_invoice()
    {
        var pages = new[] { Invoice("A-100", "01.02.2024", "10,00") + "\nSeite 1 von 4", "Anlage\nSeite 2 von 4", Invoice("A-101", "02.02.2024", "20,00") + "\nSeite 3 von 4", Invoice("A-102", "02.02.2024", "30,00") + "\nSeite 4 von 4" };

        Assert.Equal(["1-2", "3-3", "4-4"], Found(pages));
    }

    [Fact]
    public void A_sum_carried_over_from_page_1_is_no_page_1()
    {
        var pages = new[] { Invoice("A-100", "01.02.2024", "10,00") + "\nÜbertrag auf Seite 2", "Übertrag von Seite 1        10,00\nRechnung, Fortsetzung vom 01.02.2024", "Seite 1 von 1\n" + Invoice("A-101", "01.02.2024", "10,00") };

        Assert.Equal(["1-2", "3-3"], Found(pages));
    }

    [Fact]
    public void Blank_pages_belong_to_the_invoice_before_them()
    {
        var pages = new[] { Invoice("A-100", "01.02.2024", "10,00"), "", Invoice("A-101", "02.02.2024", "20,00"), "" };

        Assert.Equal(["1-2", "3-4"], Found(pages));
    }

    [Fact]
    public void Terms_and_annexes_belong_to_the_invoice_before_them()
    {
        var pages = new[] { Invoice("A-100", "01.02.2024", "10,00"), "Allgemeine Geschäftsbedingungen\nDie Rechnung ist zahlbar binnen 14 Tagen.", Invoice("A-101", "02.02.2024", "20,00") };

        Assert.Equal(["1-2", "3-3"], Found(pages));
    }

    [Fact]
    public void Pages_that_share_no_font_come_from_different_files()
    {
        var probe = new DocumentProbe
        {
            Kind = DocumentKind.Pdf,
            PageTexts = ["Quittung ohne Nummer, Betrag 5,00 EUR", "weiter", "Quittung ohne Nummer, Betrag 6,00 EUR"],
            Fonts = [Fonts("1 0 R"), Fonts("1 0 R"), Fonts("2 0 R")],
        };

        Assert.Equal(["1-2", "3-3"], Boundaries.Find(probe).Ranges.Select(range => range.ToString()));
    }

    [Fact]
    public void Every_decision_keeps_its_score_and_reasons()
    {
        var scores = Boundaries.Find(new DocumentProbe { Kind = DocumentKind.Pdf, PageTexts = [Invoice("A-100", "01.02.2024", "10,00"), Invoice("A-101", "02.02.2024", "20,00")] }).Scores;

        Assert.Equal([1, 2], scores.Select(score => score.Page));
        Assert.Contains(scores[1].Reasons, reason => reason.StartsWith("another invoice number", StringComparison.Ordinal));
        Assert.True(scores[1].IsStart);
    }

    [Fact]
    public async Task A_file_with_an_xml_invoice_inside_is_never_divided()
    {
        var path = _parts.File("a.pdf", MiniPdf.WithAttachment("factur-x.xml", SampleXml.Ubl("X-1"), Invoice("A-100", "01.02.2024", "10,00"), Invoice("A-101", "02.02.2024", "20,00")));

        var plan = SplitPlan.Of(await _parts.ProbeAsync(path), _parts.Options);

        Assert.False(plan.IsSplit);
    }

    [Fact]
    public async Task A_range_of_implausible_length_leaves_the_whole_file_to_a_person()
    {
        var probe = await _parts.ProbeAsync(_parts.File("a.pdf", MiniPdf.Of([Invoice("A-100", "01.02.2024", "10,00"), .. Enumerable.Repeat("weiter", 6), Invoice("A-101", "02.02.2024", "20,00")])));

        var plan = SplitPlan.Of(probe, new ReadingOptions { MaxInvoicePages = 5 });

        Assert.Equal((ReadFailure.TooLongForOne, false), (plan.Failure, plan.IsSplit));
    }

    [Fact]
    public async Task The_same_pages_are_always_cut_to_the_same_bytes()
    {
        var file = DocumentFile.At(_parts.File("a.pdf", MiniPdf.Of(Invoice("A-100", "01.02.2024", "10,00"), Invoice("A-101", "02.02.2024", "20,00"), "Anhang")));
        var (first, again) = (_parts.NewPath("first.pdf"), _parts.NewPath("again.pdf"));

        Assert.Null(await _parts.Cutter.CutAsync(file, new PageRange(2, 3), first, CancellationToken.None));
        Assert.Null(await _parts.Cutter.CutAsync(file, new PageRange(2, 3), again, CancellationToken.None));

        Assert.Equal(await File.ReadAllBytesAsync(first), await File.ReadAllBytesAsync(again));
        var child = await _parts.ProbeAsync(first);
        Assert.Equal(2, child.Pages);
        Assert.Contains("A-101", child.PageTexts[0], StringComparison.Ordinal);
    }

    [SharedDataTheory]
    [InlineData("merged/incident-22-invoices")]
    [InlineData("merged/same-supplier-6")]
    public async Task The_merged_files_come_apart_exactly(string name)
    {
        var probe = await _parts.ProbeAsync(InvoiceFiles.At(name + ".pdf"));

        Assert.Equal(InvoiceFiles.Map(name + ".map.json").Select(entry => entry.Range), Boundaries.Find(probe).Ranges);
    }

    [SharedDataFact]
    public async Task The_incident_comes_apart_by_its_text_alone_as_well()
    {
        var probe = await _parts.ProbeAsync(InvoiceFiles.At("merged/incident-22-invoices.pdf"));

        Assert.Equal(InvoiceFiles.Map("merged/incident-22-invoices.map.json").Select(entry => entry.Range), Boundaries.Find(probe with { Fonts = [] }).Ranges);
    }

    [SharedDataFact]
    public async Task The_invoices_of_the_incident_are_read_page_range_by_page_range()
    {
        var readings = await _parts.ReadAsync(InvoiceFiles.At("merged/incident-22-invoices.pdf"));

        // One of them is a print whose number and total differ from the XML that the map was made from, or whose number is not printed at all.
        var map = InvoiceFiles.Map("merged/incident-22-invoices.map.json");
        Assert.Equal(map.Select(entry => (PageRange?)entry.Range), readings.Select(reading => reading.Range));
        var right = map.Zip(readings).Count(pair => pair.First.Number == pair.Second.Result.Fields.Number?.Value && InvoiceFiles.Same(pair.First.Gross, pair.Second.Result.Fields.Gross?.Value));
        Assert.InRange(right, 20, 22);
    }

    [SharedDataFact]
    public async Task No_single_invoice_is_divided_with_or_without_its_fonts()
    {
        foreach (var truth in InvoiceFiles.All().Where(truth => truth.Folder.StartsWith("pdf-", StringComparison.Ordinal)))
        {
            var probe = await _parts.ProbeAsync(InvoiceFiles.At(truth.File));
            Assert.True(Boundaries.Find(probe).Ranges.Count == 1 && Boundaries.Find(probe with { Fonts = [] }).Ranges.Count == 1, truth.File);
        }
    }

    private static string Heading(string number, string date) => $"Muster GmbH, Hauptstr. 1, 12345 Musterstadt\n\nRechnung\nRechnungsnummer: {number}\nRechnungsdatum: {date}\n";

    private static string Invoice(string number, string date, string total) => Heading(number, date) + $"\nLeistung                {total} EUR\nGesamtbetrag            {total} EUR\n";

    private static PageFonts Fonts(string id) => new(new HashSet<string> { id }, new HashSet<string> { "Font" + id });

    private static IEnumerable<string> Found(string[] pages)
    {
        // All pages share one font, as from one program.
        var probe = new DocumentProbe { Kind = DocumentKind.Pdf, PageTexts = pages, Fonts = [.. pages.Select(_ => Fonts("1 0 R"))] };
        return Boundaries.Find(probe).Ranges.Select(range => range.ToString());
    }
}
