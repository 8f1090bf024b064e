using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Service.Documents.Processes;
using Orchestrator.Service.Documents.Reading;

namespace Orchestrator.Tests.Documents.Reading;

[Trait("Requirement", "DOC-5")]
public sealed class ProbeTests : IDisposable
{
    private const string Page = "Invoice No: A-1    Date: 01.02.2024    Somebody GmbH, Somewhere    Total EUR 10,00";

    private readonly ReadingParts _parts = new();

    public void Dispose() => _parts.Dispose();

    [Theory]
    [InlineData("a.pdf", "", ReadFailure.Empty)]
    [InlineData("a.pdf", "<html><body>404</body></html>", ReadFailure.NotAPdf)]
    [InlineData("a.PDF", "PK\u0003\u0004", ReadFailure.NotAPdf)]
    [InlineData("a.docx", "PK\u0003\u0004", ReadFailure.UnsupportedType)]
    [InlineData("a.xml", "  <!DOCTYPE html><html></html>", ReadFailure.UnsupportedType)]
    [InlineData("a.xml", "<Invoice><ID>1</Invoice>", ReadFailure.XmlUnreadable)]
    [InlineData("a.xml", "<!DOCTYPE x [<!ENTITY y 'z'>]><Invoice>&y;</Invoice>", ReadFailure.XmlForbiddenDtd)]
    [InlineData("a.xml", "<?xml version='1.0' encoding='no-such'?><Invoice/>", ReadFailure.XmlUnreadable)]
    [InlineData("a.pdf", "%PDF-1.7\nnothing more", ReadFailure.CorruptPdf)]
    public async Task The_first_bytes_decide_before_any_tool(string name, string content, ReadFailure expected)
    {
        var probe = await _parts.ProbeAsync(_parts.File(name, Encoding.Latin1.GetBytes(content)));

        Assert.Equal(expected, probe.Failure);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_an_answer() => Assert.Equal(ReadFailure.NotFound, (await _parts.ProbeAsync(_parts.NewPath("none.pdf"))).Failure);

    [Fact]
    public async Task A_sound_file_tells_its_pages_text_and_fonts()
    {
        var probe = await _parts.ProbeAsync(_parts.File("a.pdf", MiniPdf.Of(Page, Page)));

        Assert.Equal((null, 2, TextLayer.Present), (probe.Failure, probe.Pages, probe.Text));
        Assert.Contains("A-1", probe.PageTexts[1], StringComparison.Ordinal);
        Assert.True(probe.Fonts[0].Objects.Overlaps(probe.Fonts[1].Objects));
        Assert.Equal(["Courier"], probe.Fonts[0].Names);
    }

    [Fact]
    public async Task Attachments_are_listed_by_their_names()
    {
        var probe = await _parts.ProbeAsync(_parts.File("a.pdf", MiniPdf.WithAttachment("Some.XML", "<a/>"u8.ToArray(), Page)));

        Assert.Equal(["Some.XML"], probe.Attachments.Select(attachment => attachment.Name));
    }

    [Fact]
    public async Task A_file_with_a_password_says_so_and_one_with_restrictions_is_read()
    {
        var plain = _parts.File("plain.pdf", MiniPdf.Of(Page));
        var locked = await _parts.ProbeAsync(await EncryptedAsync(plain, "locked.pdf", "open"));
        var restricted = await _parts.ProbeAsync(await EncryptedAsync(plain, "restricted.pdf", ""));

        Assert.Equal(ReadFailure.PasswordRequired, locked.Failure);
        Assert.Equal((null, true), (restricted.Failure, restricted.Restricted));
        Assert.Equal([DiagnosticCodes.Restricted], restricted.Diagnostics.Select(diagnostic => diagnostic.Code));
    }

    [Fact]
    public async Task Pictures_need_a_reader_of_pictures_and_blank_pages_have_nothing_to_read()
    {
        var pictures = await _parts.ReadAsync(_parts.File("pictures.pdf", MiniPdf.OfPictures(2)));
        var blank = await _parts.ReadAsync(_parts.File("blank.pdf", MiniPdf.Of(" ")));

        Assert.Equal(ReadFailure.NeedsOcr, Assert.Single(pictures).Result.Failure);
        Assert.Equal(ReadFailure.NoText, Assert.Single(blank).Result.Failure);
    }

    [Fact]
    public async Task More_pages_or_bytes_than_allowed_are_refused_before_the_pages_are_opened()
    {
        using var strict = new ReadingParts(services => services.AddSingleton(new ReadingOptions { MaxPages = 2, MaxBytes = 2000 }));
        var pages = strict.File("pages.pdf", MiniPdf.Of("a", "b", "c"));
        var bytes = strict.File("bytes.pdf", MiniPdf.Of(new string('x', 3000)));

        Assert.Equal(ReadFailure.TooManyPages, (await strict.ProbeAsync(pages)).Failure);
        Assert.Equal(ReadFailure.TooLarge, (await strict.ProbeAsync(bytes)).Failure);
    }

    [Fact]
    [Trait("Requirement", "SEC-4")]
    public async Task A_file_that_needs_more_than_the_tools_may_use_is_given_up()
    {
        using var strict = new ReadingParts(services => services.AddSingleton(new ToolLimits { OutputBytes = 1024 }));

        Assert.Equal(ReadFailure.ResourceLimit, (await strict.ProbeAsync(strict.File("a.pdf", MiniPdf.Of(Page)))).Failure);
    }

    [Theory]
    [InlineData(10, null)]
    [InlineData(64, ReadFailure.XmlTooDeep)]
    [InlineData(20_000, ReadFailure.XmlTooDeep)]
    [Trait("Requirement", "SEC-4")]
    public async Task Depth_is_counted_without_recursion(int depth, ReadFailure? expected)
    {
        var xml = string.Concat(Enumerable.Repeat("<a>", depth)) + "<b/>" + string.Concat(Enumerable.Repeat("</a>", depth));

        Assert.Equal(expected, (await _parts.ProbeAsync(_parts.File("deep.xml", Encoding.ASCII.GetBytes(xml)))).Failure);
    }

    [Fact]
    [Trait("Requirement", "SEC-4")]
    public async Task Xml_of_more_characters_or_elements_than_allowed_is_refused()
    {
        using var strict = new ReadingParts(services => services.AddSingleton(new ReadingOptions { MaxXmlCharacters = 1000, MaxXmlElements = 100 }));
        var characters = strict.File("characters.xml", Encoding.ASCII.GetBytes($"<a>{new string('x', 2000)}</a>"));
        var elements = strict.File("elements.xml", Encoding.ASCII.GetBytes($"<a>{string.Concat(Enumerable.Repeat("<b/>", 101))}</a>"));

        Assert.Equal(ReadFailure.XmlTooLarge, (await strict.ProbeAsync(characters)).Failure);
        Assert.Equal(ReadFailure.XmlTooLarge, (await strict.ProbeAsync(elements)).Failure);
    }

    [Fact]
    public void Every_failure_has_a_sentence_that_says_what_helps()
    {
        foreach (var failure in Enum.GetValues<ReadFailure>())
        {
            Assert.Matches(@"^[A-Z].{20,}\.$", failure.Sentence());
        }

        Assert.Equal(Enum.GetValues<ReadFailure>().Length, Enum.GetValues<ReadFailure>().Select(ReadFailures.Sentence).Distinct().Count());
    }

    private async Task<string> EncryptedAsync(string plain, string name, string password)
    {
        using var folder = WorkFolder.Create();
        var target = _parts.NewPath(name);
        var result = await _parts.Runner.RunAsync(folder, "qpdf", ["--encrypt", password, "owner", "256", "--extract=n", "--", plain, target], CancellationToken.None);
        Assert.True(result.Succeeded, result.ErrorText);
        return target;
    }
}
