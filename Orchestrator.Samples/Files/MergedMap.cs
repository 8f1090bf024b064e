using System.Text.Json;
using System.Text.Encodings.Web;
using Orchestrator.Samples.Xml;
using System.Security.Cryptography;

namespace Orchestrator.Samples.Files;

/// <summary>Which pages of the merged file are which invoice.</summary>
internal static class MergedMap
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(SampleFile merged, IReadOnlyList<Drawn> invoices)
    {
        var first = 1;
        var documents = invoices.Select((invoice, i) =>
        {
            var start = first;
            first += invoice.Pages;
            return new
            {
                index = i + 1,
                first_page = start,
                last_page = first - 1,
                source = invoice.File.Path,
                supplier = invoice.Bill.Supplier.Name,
                invoice_number = invoice.Bill.Number,
                issue_date = invoice.Bill.Date.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
                currency = invoice.Bill.Currency,
                gross = XmlFile.Money(invoice.Bill.Gross),
            };
        }).ToList();
        return JsonSerializer.Serialize(new
        {
            file = merged.Path,
            pages = first - 1,
            invoices = documents.Count,
            note = "Fictional invoices. The merge does not carry the embedded XML, so only the printed text speaks.",
            sha256 = Convert.ToHexStringLower(SHA256.HashData(merged.Content)),
            documents,
        }, Json) + "\n";
    }
}
