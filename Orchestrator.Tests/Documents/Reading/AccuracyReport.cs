using System.Globalization;
using Orchestrator.Service.Documents.Reading;
using Orchestrator.Service.Documents.Reading.Text;
using Orchestrator.Tests.Infrastructure;
using Xunit.Abstractions;

namespace Orchestrator.Tests.Documents.Reading;

/// <summary>How much of the collected invoices is read right, printed by set and field. The thresholds stand a little under what is reached.</summary>
public sealed class AccuracyReport(ITestOutputHelper output) : IDisposable
{
    private static readonly string[] Header = ["number", "date", "currency", "gross"];

    private readonly ReadingParts _parts = new();

    public void Dispose() => _parts.Dispose();

    [SharedDataTheory]
    [InlineData("XML files", 39, 39)]
    [InlineData("hybrids with their XML", 34, 34)]
    [InlineData("text PDFs", 11, 11)]
    [InlineData("hybrids as text", 34, 28)]
    [Trait("Requirement", "DOC-5")]
    public async Task Reads_at_least_as_much_as_ever(string set, int files, int allFour)
    {
        var right = new Dictionary<string, int>();
        var (count, complete, wrong) = (0, 0, new List<string>());
        foreach (var truth in InvoiceFiles.All().Where(truth => Belongs(truth, set)))
        {
            count++;
            var checks = Checks(truth, await FieldsAsync(truth, set)).ToList();
            foreach (var (field, isRight) in checks)
            {
                right[field] = right.GetValueOrDefault(field) + (isRight ? 1 : 0);
            }

            var missed = checks.Where(check => !check.IsRight && Header.Contains(check.Field)).Select(check => check.Field).ToList();
            complete += missed.Count == 0 ? 1 : 0;
            wrong.AddRange(missed.Count == 0 ? [] : [$"  {truth.File}: {string.Join(", ", missed)}"]);
        }

        output.WriteLine($"{set}: all four {complete}/{count}; {string.Join(", ", right.Select(field => $"{field.Key} {field.Value}"))}");
        wrong.ForEach(output.WriteLine);
        Assert.Equal(files, count);
        Assert.InRange(complete, allFour, count);
        if (!set.Contains("text", StringComparison.Ordinal))
        {
            Assert.All(right, field => Assert.True(field.Value == count, $"{field.Key}: {field.Value} of {count}"));
        }
    }

    private static bool Belongs(InvoiceFiles.Truth truth, string set) => set switch
    {
        "XML files" => truth.Folder.StartsWith("xml-", StringComparison.Ordinal),
        "text PDFs" => truth.Folder == "pdf-text",
        _ => truth.Folder == "pdf-hybrid",
    };

    private async Task<InvoiceFields> FieldsAsync(InvoiceFiles.Truth truth, string set)
    {
        var file = DocumentFile.At(InvoiceFiles.At(truth.File));
        return set.Contains("text", StringComparison.Ordinal)
            ? TextRules.Read((await _parts.ProbeAsync(file.Path)).PageTexts).Fields
            : (await _parts.Chain.ExtractAsync(file, CancellationToken.None)).Fields;
    }

    private static IEnumerable<(string Field, bool IsRight)> Checks(InvoiceFiles.Truth truth, InvoiceFields fields)
    {
        yield return ("number", truth.Number == fields.Number?.Value);
        yield return ("date", truth.Date == InvoiceFiles.Iso(fields.IssueDate));
        yield return ("currency", truth.Currency == fields.Currency?.Value);
        yield return ("net", truth.Net.Length == 0 || InvoiceFiles.Same(truth.Net, fields.Net?.Value));
        yield return ("tax", truth.Tax.Length == 0 || InvoiceFiles.Same(truth.Tax, fields.Tax?.Value));
        yield return ("gross", InvoiceFiles.Same(truth.Gross, fields.Gross?.Value));
        yield return ("payable", truth.Payable.Length == 0 || InvoiceFiles.Same(truth.Payable, fields.Payable?.Value));
        yield return ("type", truth.Type.Length == 0 || truth.Type == fields.Type?.Value);
        if (fields.Number?.Source is FieldSource.Xml)
        {
            yield return ("supplier", Squeezed(truth.Supplier) == Squeezed(fields.Supplier?.Value));
            yield return ("supplier VAT", truth.SupplierVat == (fields.SupplierVat?.Value ?? ""));
            yield return ("buyer", Squeezed(truth.Buyer) == Squeezed(fields.Buyer?.Value));
            yield return ("order", truth.Order == (fields.PurchaseOrder?.Value ?? ""));
            yield return ("lines", truth.Lines == fields.Lines.Count.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The truth was written with its blanks in order.</summary>
    private static string Squeezed(string? text) => string.Join(' ', (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
