using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.Service.Documents;
using Orchestrator.Service.Documents.Acquisition;
using Orchestrator.Service.Documents.Matching;
using Orchestrator.Service.Documents.Output;
using Orchestrator.Tests.Documents.Diagnostics;

namespace Orchestrator.Tests.Documents.Output;

[Trait("Requirement", "DOC-2")]
public class OutputsTests
{
    private static readonly Guid Id = Guid.Parse("7b6a3c1e-0000-4000-8000-000000000001");

    [Fact]
    public void The_JSON_holds_the_invoice_under_the_standards_names()
    {
        using var json = JsonDocument.Parse(Outputs.Render(Document(InvoiceRulesTests.Whole), OutputKind.Json).Content);
        var invoice = json.RootElement.GetProperty("invoice");
        Assert.Equal(("26-3301", "2026-02-26", "4294.47", "Metallbau Kessler KG"), (Text("BT-1"), Text("BT-2"), Text("BT-112"), Text("BT-27")));
        Assert.Equal("19", invoice.GetProperty("BG-23")[0].GetProperty("BT-119").GetString());
        Assert.Equal("Gehäuse", invoice.GetProperty("BG-25")[0].GetProperty("BT-153").GetString());
        Assert.False(invoice.TryGetProperty("BT-113", out _)); // not known, not there
        Assert.Equal("Matched", json.RootElement.GetProperty("match").GetProperty("status").GetString());

        string? Text(string term) => invoice.GetProperty(term).GetString();
    }

    [Fact]
    public void The_CSV_has_a_line_for_each_VAT_rate_and_credit_notes_take_back()
    {
        var credit = InvoiceRulesTests.Whole with
        {
            Number = "G1", TypeCode = "381", Net = 30m, Tax = 2.5m, Gross = 32.5m,
            VatLines = [new() { Base = 10m, Tax = 1.9m, Category = "S", Rate = 19 }, new() { Base = 20m, Tax = 0.6m, Category = "S", Rate = 3 }],
        };
        Assert.Equal(
            $"""
            document,invoice_number,type_code,issue_date,due_date,supplier,supplier_vat,iban,currency,vat_category,vat_rate,net,vat,gross,order,match
            {Id},G1,381,2026-02-26,2026-03-12,Metallbau Kessler KG,DE999100050,DE75999900000010010050,EUR,S,19,-10.00,-1.90,-11.90,4500-118147,Matched
            {Id},G1,381,2026-02-26,2026-03-12,Metallbau Kessler KG,DE999100050,DE75999900000010010050,EUR,S,3,-20.00,-0.60,-20.60,4500-118147,Matched

            """, Csv(credit));
        Assert.Contains(",-10.00,,-12.00,", Csv(new() { TypeCode = "381", Net = 10m, Gross = 12m }), StringComparison.Ordinal); // no breakdown was read
    }

    [Theory]
    [Trait("Requirement", "SEC-4")]
    [InlineData("=HYPERLINK(1)", "\"'=HYPERLINK(1)\"")]
    [InlineData("+49 30", "\"'+49 30\"")]
    [InlineData("-1", "\"'-1\"")]
    [InlineData("@sum", "\"'@sum\"")]
    [InlineData("\t=1", "\"'\t=1\"")]
    [InlineData("a\"b,c", "\"a\"\"b,c\"")]
    public void No_cell_is_a_formula_in_a_spreadsheet(string name, string cell) =>
        Assert.Contains($",{cell},", Csv(new() { Supplier = new() { Name = name } }), StringComparison.Ordinal);

    [Fact]
    public void Equal_input_is_equal_bytes_and_an_equal_key_in_any_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            for (var seed = 0; seed < 200; seed++)
            {
                CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
                var one = Outputs.Render(AnyDocument(new(seed)), seed % 2 == 0 ? OutputKind.Json : OutputKind.BookingCsv);
                CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = ",", NegativeSign = "~" } };
                var two = Outputs.Render(AnyDocument(new(seed)), one.Kind);
                Assert.Equal((one.Key, one.InputHash), (two.Key, two.InputHash));
                Assert.True(one.Content.Span.SequenceEqual(two.Content.Span), $"Seed {seed} gave two different {one.Kind} outputs.");
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Trailing_zeros_say_nothing() =>
        Assert.Equal(Render(InvoiceRulesTests.Whole with { Gross = 4294.47m }).Key, Render(InvoiceRulesTests.Whole with { Gross = 4294.4700m }).Key);

    [Fact]
    public void Whatever_the_output_follows_from_changes_its_key()
    {
        var document = Document(InvoiceRulesTests.Whole);
        var keys = new[]
        {
            document, document with { ExtractionRevision = 2 }, document with { Decisions = ["approved"] }, document with { Decisions = ["appro", "ved"] }, document with { Match = null },
            document with { Invoice = document.Invoice with { DueDate = null } }, document with { Tenant = "other" },
        }.SelectMany(each => new[] { Outputs.Render(each, OutputKind.Json).Key, Outputs.Render(each, OutputKind.BookingCsv).Key }).ToList();
        Assert.Equal(keys.Count, keys.Distinct().Count());
    }

    [Fact]
    public void The_key_names_tenant_document_kind_and_hash_and_acquisition_ignores_it()
    {
        var file = Render(InvoiceRulesTests.Whole);
        Assert.Equal($"outputs/acme/{Id}/json/{file.InputHash}", file.Key);
        var body = $$"""{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"{{file.Key}}","eTag":"e"} } } ]}""";
        Assert.IsType<AcquisitionDecision.Ignore>(Assert.Single(Notifications.Read(body, new())));
    }

    private static OutputFile Render(Invoice invoice) => Outputs.Render(Document(invoice), OutputKind.Json);

    private static string Csv(Invoice invoice) => Encoding.UTF8.GetString(Outputs.Render(Document(invoice), OutputKind.BookingCsv).Content.Span);

    private static OutputDocument Document(Invoice invoice) => new() { Tenant = "acme", DocumentId = Id, ExtractionRevision = 1, Invoice = invoice, Match = new(MatchStatus.Matched, "") };

    private static OutputDocument AnyDocument(Random random)
    {
        return new()
        {
            Tenant = $"t{random.Next(9)}", DocumentId = Id, ExtractionRevision = random.Next(9), Decisions = [.. Some(() => Word()!)],
            Match = random.Next(2) == 0 ? null : new((MatchStatus)random.Next(8), "") { Difference = Amount(), OrderNumber = Word() },
            Invoice = new()
            {
                Number = Word(), TypeCode = random.Next(3) == 0 ? "381" : "380", IssueDate = Date(), DueDate = Date(), Currency = Word(), Supplier = new() { Name = Word(), Iban = Word() },
                Net = Amount(), Tax = Amount(), Gross = Amount(), Prepaid = Amount(),
                VatLines = [.. Some(() => new VatLine { Base = Amount(), Tax = Amount(), Rate = Amount(), Category = Word() })],
                Lines = [.. Some(() => new InvoiceLine { Name = Word(), Quantity = Amount(), Net = Amount(), Price = Amount() })],
            },
        };

        decimal? Amount() => random.Next(4) == 0 ? null : random.Next(-1_000_000, 1_000_000) / (decimal)Math.Pow(10, random.Next(5));
        DateOnly? Date() => random.Next(4) == 0 ? null : new DateOnly(2026, 1, 1).AddDays(random.Next(700));
        string? Word() => new([.. Some(() => (char)random.Next(0x20, 0x2FF))]);
        IEnumerable<T> Some<T>(Func<T> make) => Enumerable.Range(0, random.Next(5)).Select(_ => make()).ToList();
    }
}
