using System.Text;
using Orchestrator.Service.Documents.Reading;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Documents.Reading;

[Trait("Requirement", "DOC-5")]
public sealed class XmlInvoiceTests : IDisposable
{
    private const string Print = "Rechnung Nr. P-1 vom 03.02.2024\nNetto 100,00 EUR\nMwSt. 19 % 19,00 EUR\nGesamtbetrag 119,00 EUR\nSeller GmbH, Ort";

    private readonly ReadingParts _parts = new();

    public void Dispose() => _parts.Dispose();

    [Fact]
    public async Task All_three_syntaxes_of_one_invoice_give_the_same_fields()
    {
        var ubl = await ExtractAsync("ubl.xml", SampleXml.Ubl("X-1"));
        var cii = await ExtractAsync("cii.xml", SampleXml.Cii("X-1"));
        var old = await ExtractAsync("old.xml", SampleXml.Zugferd1("X-1"));

        Assert.Equal((null, 0), (ubl.Failure, ubl.Diagnostics.Count));
        Assert.Equal(Summary(ubl.Fields), Summary(cii.Fields));
        Assert.Equal(Summary(ubl.Fields), Summary(old.Fields));
        Assert.Equal("X-1 380 2024-02-03 2024-03-04 EUR Seller GmbH DE123456789 DE89370400440532013000 Buyer AG PO-7 100.00 19.00 119.00 119.00 100.00/19.00/S/19 1/Chair/2/EA/50.00/100.00/19", Summary(ubl.Fields));
        Assert.Equal((1.0, FieldSource.Xml), (ubl.Fields.Gross!.Confidence, ubl.Fields.Gross.Source));
    }

    [Fact]
    public async Task Sums_that_do_not_close_are_told_with_both_values_and_reviewed()
    {
        var result = await ExtractAsync("broken.xml", SampleXml.Ubl("X-1", gross: "911.00"));

        Assert.Equal(ReadFailure.TotalsDisagree, result.Failure);
        Assert.Contains(result.Diagnostics, diagnostic => diagnostic.Code == "BR-CO-15" && diagnostic.Text.Contains("911.00", StringComparison.Ordinal) && diagnostic.Text.Contains("119.00", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("79228162514264337593543950335")]
    [InlineData("-79228162514264337593543950335")]
    [InlineData("1000000000000.01")]
    public async Task A_total_that_no_invoice_has_is_missing_and_no_sum_overflows(string gross)
    {
        var result = await ExtractAsync("huge.xml", SampleXml.Ubl("X-1", gross: gross));

        Assert.Equal((ReadFailure.MissingFields, null), (result.Failure, result.Fields.Gross));
    }

    [Fact]
    public async Task A_number_that_is_longer_than_any_is_missing()
    {
        Assert.Equal(ReadFailure.MissingFields, (await ExtractAsync("long.xml", SampleXml.Ubl(new('9', 401)))).Failure);
        Assert.Null((await ExtractAsync("longest.xml", SampleXml.Ubl(new('9', 400)))).Failure);
    }

    [Fact]
    public async Task Xml_that_is_no_invoice_is_refused_and_a_missing_field_is_named()
    {
        Assert.Equal(ReadFailure.XmlNotAnInvoice, (await ExtractAsync("order.xml", "<Order><ID>1</ID></Order>"u8.ToArray())).Failure);
        var bare = await ExtractAsync("bare.xml", "<Invoice><ID>1</ID><IssueDate>2024-13-45</IssueDate></Invoice>"u8.ToArray());
        Assert.Equal(ReadFailure.MissingFields, bare.Failure);
        Assert.Equal(["date", "currency", "gross"], bare.Fields.Missing);
    }

    [Theory]
    [InlineData("factur-x.xml")]
    [InlineData("ZUGFeRD-Invoice.XML")]
    [InlineData("rechnung 17.xml")]
    public async Task The_xml_inside_a_pdf_wins_over_its_print_whatever_its_name(string name)
    {
        var result = await ExtractAsync("a.pdf", MiniPdf.WithAttachment(name, SampleXml.Cii("P-1"), Print));

        Assert.Equal(("P-1", FieldSource.Xml, null), (result.Fields.Number?.Value, result.Fields.Number!.Source, result.Failure));
        Assert.DoesNotContain(result.Diagnostics, diagnostic => diagnostic.Code == DiagnosticCodes.XmlPrintMismatch);
    }

    [Fact]
    public async Task A_print_that_says_something_else_than_the_xml_is_told()
    {
        var result = await ExtractAsync("a.pdf", MiniPdf.WithAttachment("factur-x.xml", SampleXml.Cii("X-9"), Print));

        var mismatch = Assert.Single(result.Diagnostics, diagnostic => diagnostic.Code == DiagnosticCodes.XmlPrintMismatch);
        Assert.Contains("X-9", mismatch.Text, StringComparison.Ordinal);
        Assert.Contains("P-1", mismatch.Text, StringComparison.Ordinal);
        Assert.Equal("X-9", result.Fields.Number?.Value);
    }

    [Theory]
    [InlineData("<broken")]
    [InlineData("<?xml version='1.0'?><!DOCTYPE a SYSTEM 'file:///etc/passwd'><Invoice/>")]
    public async Task Unreadable_xml_inside_a_pdf_is_told_and_the_print_is_read(string xml)
    {
        var result = await ExtractAsync("a.pdf", MiniPdf.WithAttachment("factur-x.xml", Encoding.ASCII.GetBytes(xml), Print));

        Assert.Contains(result.Diagnostics, diagnostic => diagnostic.Code == DiagnosticCodes.EmbeddedXmlUnreadable);
        Assert.Equal(("P-1", FieldSource.Rule), (result.Fields.Number?.Value, result.Fields.Number!.Source));
    }

    [Fact]
    public async Task An_attachment_that_is_no_invoice_leaves_the_print_to_be_read()
    {
        var result = await ExtractAsync("a.pdf", MiniPdf.WithAttachment("catalogue.xml", "<catalogue/>"u8.ToArray(), Print));

        Assert.Equal(("P-1", null), (result.Fields.Number?.Value, result.Failure));
    }

    [SharedDataFact]
    public async Task The_twins_in_both_syntaxes_give_the_same_fields()
    {
        var ubls = Directory.GetFiles(InvoiceFiles.At("xml-ubl"), "xr_*_ubl.xml");
        Assert.Equal(9, ubls.Length);
        foreach (var ubl in ubls)
        {
            var cii = ubl.Replace("xml-ubl", "xml-cii", StringComparison.Ordinal).Replace("_ubl.", "_uncefact.", StringComparison.Ordinal);
            Assert.Equal(Twin(await ExtractAsync(ubl)), Twin(await ExtractAsync(cii)));
        }
    }

    [SharedDataFact]
    public async Task No_collected_invoice_but_the_broken_one_breaks_a_rule_of_its_totals()
    {
        foreach (var truth in InvoiceFiles.All().Where(truth => truth.Folder.StartsWith("xml-", StringComparison.Ordinal) || truth.Folder == "pdf-hybrid"))
        {
            var result = await ExtractAsync(InvoiceFiles.At(truth.File));
            Assert.True(result.Failure is null, $"{truth.File}: {result.Failure}, {string.Join("; ", result.Diagnostics)}");
        }
    }

    private static string Twin(ExtractionResult result) => string.Join(' ',
        result.Fields.Supplier?.Value, result.Fields.SupplierVat?.Value, result.Fields.Number?.Value, result.Fields.Type?.Value, InvoiceFiles.Iso(result.Fields.IssueDate), result.Fields.Currency?.Value,
        result.Fields.Net?.Value.ToString("0.00##", null), result.Fields.Tax?.Value.ToString("0.00##", null), result.Fields.Gross?.Value.ToString("0.00##", null), result.Fields.Payable?.Value.ToString("0.00##", null), result.Fields.Lines.Count);

    private static string Summary(InvoiceFields fields) => string.Join(' ',
        fields.Number?.Value, fields.Type?.Value, InvoiceFiles.Iso(fields.IssueDate), InvoiceFiles.Iso(fields.DueDate), fields.Currency?.Value,
        fields.Supplier?.Value, fields.SupplierVat?.Value, fields.SupplierIban?.Value, fields.Buyer?.Value, fields.PurchaseOrder?.Value,
        fields.Net?.Value, fields.Tax?.Value, fields.Gross?.Value, fields.Payable?.Value,
        string.Join(',', fields.Vat.Select(row => $"{row.Base}/{row.Tax}/{row.Category}/{row.Rate}")),
        string.Join(',', fields.Lines.Select(line => $"{line.Id}/{line.Name}/{line.Quantity}/{line.Unit}/{line.Price}/{line.Net}/{line.VatRate}")));

    private Task<ExtractionResult> ExtractAsync(string name, byte[] content) => ExtractAsync(_parts.File(name, content));

    private Task<ExtractionResult> ExtractAsync(string path) => _parts.Chain.ExtractAsync(DocumentFile.At(path), CancellationToken.None);
}
