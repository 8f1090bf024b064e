using System.Globalization;
using Orchestrator.Service.Documents.Reading.Text;

namespace Orchestrator.Tests.Documents.Reading;

[Trait("Requirement", "DOC-5")]
public sealed class TextRulesTests
{
    public static TheoryData<string> Names => [.. PrintedInvoices.All.Select(printed => printed.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Reads_what_a_person_reads(string name)
    {
        var printed = PrintedInvoices.All.Single(entry => entry.Name == name);

        var fields = TextRules.Read(printed.Text.Split('\f')).Fields;

        Assert.Equal(
            (printed.Number, printed.Date, printed.Currency, printed.Gross),
            (fields.Number?.Value, Iso(fields.IssueDate?.Value), fields.Currency?.Value, fields.Gross?.Value));
        Assert.Equal((printed.Net ?? fields.Net?.Value, printed.Tax ?? fields.Tax?.Value), (fields.Net?.Value, fields.Tax?.Value));
        Assert.Equal((printed.Payable ?? fields.Payable?.Value, printed.Type ?? fields.Type?.Value, printed.Due ?? Iso(fields.DueDate?.Value)), (fields.Payable?.Value, fields.Type?.Value, Iso(fields.DueDate?.Value)));
    }

    [Theory]
    [InlineData("Rechnung Nr. 7 vom 03.11.2024", "2024-11-03")]
    [InlineData("Factuur datum: 3-11-24", "2024-11-03")]
    [InlineData("Date de facture : 3 novembre 2024", "2024-11-03")]
    [InlineData("Facture du 1er août 2024", "2024-08-01")]
    [InlineData("Invoice date: November 3rd, 2024", "2024-11-03")]
    [InlineData("Invoice date 03-Nov-2024", "2024-11-03")]
    [InlineData("Invoice date: 2024/11/03", "2024-11-03")]
    [InlineData("Fecha de emisión: 3 de noviembre de 2024", "2024-11-03")]
    [InlineData("Data fattura: 3 novembre 2024", "2024-11-03")]
    [InlineData("Rechnungsdatum 3. März 2024", "2024-03-03")]
    [InlineData("Invoice date: 03/11/2024", null)]
    [InlineData("Invoice date: 11/23/2024", "2024-11-23")]
    [InlineData("Rechnungsdatum: 31.02.2024", null)]
    [InlineData("Lieferdatum: 03.11.2024", null)]
    [InlineData("Rechnungs- und Lieferdatum: 03.11.2024", "2024-11-03")]
    public void Reads_a_date_in_its_language_or_leaves_it(string line, string? expected)
    {
        Assert.Equal(expected, Iso(TextRules.Read([line]).Fields.IssueDate?.Value));
    }

    [Theory]
    [InlineData("Total 1.234,56 EUR", 1234.56)]
    [InlineData("Total EUR 1,234.56", 1234.56)]
    [InlineData("Total TTC 1 234,56 €", 1234.56)]
    [InlineData("Total CHF 1'234.56", 1234.56)]
    [InlineData("Total CHF 1’234.50", 1234.50)]
    [InlineData("Total: € 50,-", 50)]
    [InlineData("Total: 1.500 €", 1500)]
    [InlineData("Gesamtbetrag: -12,30 EUR", -12.30)]
    [InlineData("Gesamtbetrag: 12,30- EUR", -12.30)]
    [InlineData("Total ($12.30)", -12.30)]
    [InlineData("Grand total Rs 1939", 1939)]
    public void Reads_an_amount_in_its_form(string line, double expected)
    {
        Assert.Equal((decimal)expected, TextRules.Read([line]).Fields.Gross?.Value);
    }

    [Theory]
    [InlineData("Invoice No: JS-1", "JS-1")]
    [InlineData("Rechnungs-Nr.: 2024/0815", "2024/0815")]
    [InlineData("Facture n°562044387 du 02 Juillet 2015", "562044387")]
    [InlineData("Handelsrechnung (380) Nr. 471113 vom 13.06.2018", "471113")]
    [InlineData("Fattura n. 12 del 03/04/2024", "12")]
    [InlineData("Rechnungsnummer / Datum: 4711 / 01.02.2024", "4711")]
    [InlineData("Invoice # RE-20201121/508 issued at 2020-11-21", "RE-20201121/508")]
    [InlineData("Credit note no. 018304 / 28865", "018304 / 28865")]
    [InlineData("Kundennummer: 4711", null)]
    [InlineData("Original invoice number: 4711", null)]
    [InlineData("VAT No: DE123456789", null)]
    [InlineData("Seite 1 von 2", null)]
    public void Reads_a_number_by_its_label_and_no_number_of_something_else(string line, string? expected)
    {
        Assert.Equal(expected, TextRules.Read([line]).Fields.Number?.Value);
    }

    [Fact]
    public void A_phrase_has_one_meaning()
    {
        var phrases = LabelPhrases.All.SelectMany(group => group.Phrases.Distinct());

        Assert.Empty(phrases.GroupBy(phrase => phrase).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    [Fact]
    public void The_name_in_the_envelopes_window_is_the_buyers_and_the_one_in_the_foot_the_suppliers()
    {
        var fields = TextRules.Read([
            """
            Testkunde Anlagenbau GmbH
            Industrieweg 4
            30100 Hannover
                                                      Rechnung Nr. 5 vom 03.02.2024
            Gesamtbetrag 10,00 EUR
            Kleinholz Transporte KG · IBAN DE89 3704 0044 0532 0130 00 · USt-IdNr. DE811569869
            """]).Fields;

        Assert.Equal(("Testkunde Anlagenbau GmbH", "Kleinholz Transporte KG"), (fields.Buyer?.Value, fields.Supplier?.Value));
        Assert.Equal(("DE811569869", "DE89370400440532013000"), (fields.SupplierVat?.Value, fields.SupplierIban?.Value));
    }

    [Fact]
    public void Two_numbers_with_the_same_right_are_told()
    {
        var read = TextRules.Read(["Invoice No: A-1\nInvoice No: A-2\n"]);

        Assert.Contains(read.Diagnostics, diagnostic => diagnostic.Code == "SeveralNumbers");
    }

    [Fact]
    public void An_empty_page_gives_no_fields() => Assert.Equal(["number", "date", "currency", "gross"], TextRules.Read(["", "  \n"]).Fields.Missing);

    [Theory]
    [InlineData("DE89370400440532013000", true)]
    [InlineData("DE89370400440532013001", false)]
    [InlineData("GB82WEST12345698765432", true)]
    [InlineData("DE00", false)]
    public void An_account_number_checks_itself(string iban, bool expected) => Assert.Equal(expected, PartyRule.IsIban(iban));

    [Fact]
    [Trait("Requirement", "SEC-4")]
    public void Hostile_text_is_read_in_time()
    {
        // Lines, numbers, amounts, dates, labels and identifiers without an end.
        string[] pages =
        [
            new string('1', 200_000), string.Concat(Enumerable.Repeat("Invoice No ", 20_000)), string.Concat(Enumerable.Repeat("# INVOICE\n", 5_000)),
            string.Join('\n', Enumerable.Repeat("Total 1,00 2,00 3,00 Netto 1,00 MwSt 2,00", 2_000)), string.Concat(Enumerable.Range(0, 5_000).Select(i => $"Gesamt {i},{i % 100:00} EUR\n")),
            string.Concat(Enumerable.Range(0, 3_000).Select(i => $"{1 + i % 28}/{1 + i % 12}/{2000 + i % 30}  Date: 03/04/20{i % 90 + 10}  DE{100000000 + i}\n")), string.Concat(Enumerable.Repeat("a.b-1/", 30_000)),
        ];
        var started = TimeProvider.System.GetTimestamp();

        TextRules.Read(pages);

        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    private static string? Iso(DateOnly? date) => date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
