using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Service.Documents.Reading;
using Orchestrator.Service.Documents.Templates;

namespace Orchestrator.Tests.Documents.Reading;

[Trait("Requirement", "DOC-5")]
public sealed class TemplateTests
{
    private const string Print = "Zirkel Strom\nVorgang 88-17\nStichtag 04/05/24\nNetto 100,00\nMwSt. 19 % 19,00\nGesamtbetrag 119,00";

    private const string Zirkel = """
        - id: zirkel
          supplier: Zirkel Strom
          currency: EUR
          keywords: ["Zirkel Strom", "Stichtag"]
          patterns:
            number: 'Vorgang (\S+)'
            date: 'Stichtag (\S+)'
        """;

    [Fact]
    public async Task A_template_says_what_the_rules_can_not_know_and_the_rules_say_the_rest()
    {
        var folder = Directory.CreateTempSubdirectory("templates");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "own.yaml"), Zirkel);
        using var parts = new ReadingParts(services => services.AddSingleton(new TemplateOptions { Folder = folder.FullName }));

        var fields = Assert.Single(await parts.ReadAsync(parts.File("a.pdf", MiniPdf.Of(Print)))).Result.Fields;

        Assert.Equal(("88-17", FieldSource.Template), (fields.Number?.Value, fields.Number!.Source));
        Assert.Equal(("2024-05-04", "EUR"), (InvoiceFiles.Iso(fields.IssueDate), fields.Currency?.Value));
        Assert.Equal((119m, FieldSource.Rule), (fields.Gross!.Value, fields.Gross.Source));
        folder.Delete(recursive: true);
    }

    [Fact]
    public void A_template_whose_words_do_not_all_occur_says_nothing() => Assert.Null(TemplateBook.Of(Zirkel).Match(["Zirkel Strom"]));

    [Fact]
    public void The_templates_that_come_with_the_service_are_sound() => Assert.NotNull(TemplateBook.Load(new TemplateOptions()));

    [Theory]
    [InlineData("- id: a", "it has no keywords")]
    [InlineData("- keywords: [x]", "it has no id")]
    [InlineData("- {id: a, keywords: [x], dates: sometimes}", "allowed are day-first and month-first")]
    [InlineData("- {id: a, keywords: [x], decimal_mark: ';'}", "allowed are a comma and a dot")]
    [InlineData("- {id: a, keywords: [x], patterns: {colour: x}}", "'colour' is no field, allowed are number, date")]
    [InlineData("- {id: a, keywords: [x], patterns: {number: '(?=x)'}}", "a pattern that is not understood")]
    [InlineData("- {id: a, keywords: [x], wheels: 4}", "can't be read at line 1")]
    public void A_wrong_template_is_refused_with_the_remedy(string yaml, string expected)
    {
        var exception = Assert.Throws<InvalidOperationException>(() => TemplateBook.Of(yaml));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }
}
