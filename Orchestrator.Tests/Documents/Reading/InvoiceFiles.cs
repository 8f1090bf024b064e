using System.Globalization;
using System.Text.Json;
using Orchestrator.Service.Documents.Reading;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Documents.Reading;

/// <summary>The collected invoices and what is true of them.</summary>
internal static class InvoiceFiles
{
    /// <summary>One row of the truth; an empty text says that the field is not known.</summary>
    internal sealed record Truth(string File, string Supplier, string SupplierVat, string Buyer, string Number, string Type, string Date, string Currency, string Net, string Tax, string Gross, string Payable, string Order, string Lines)
    {
        public string Folder => File.Split('/')[0];
    }

    public static string At(string file) => Path.Combine(SharedData.Root!, "invoices", file);

    public static IReadOnlyList<Truth> All() => SharedData.Root is null ? []
        : [.. File.ReadLines(At("truth.tsv")).Skip(1).Select(line => line.Split('\t')).Select(row =>
            new Truth(row[0], row[4], row[5], row[6], row[7], row[8], row[9], row[10], row[11], row[12], row[13], row[14], row[15], row[16]))];

    /// <summary>The page ranges of a merged file.</summary>
    public static IReadOnlyList<(PageRange Range, string Number, string Gross)> Map(string file)
    {
        using var map = JsonDocument.Parse(File.ReadAllText(At(file)));
        return [.. map.RootElement.GetProperty("documents").EnumerateArray().Select(entry => (
            new PageRange(entry.GetProperty("first_page").GetInt32(), entry.GetProperty("last_page").GetInt32()),
            entry.GetProperty("invoice_number").GetString()!,
            entry.GetProperty("gross").GetString()!))];
    }

    public static bool Same(string truth, decimal? value) =>
        truth.Length == 0 ? value is null : value == decimal.Parse(truth, CultureInfo.InvariantCulture);

    public static string Iso(Field<DateOnly>? date) => date?.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";
}
