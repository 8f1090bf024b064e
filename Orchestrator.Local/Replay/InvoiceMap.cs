using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Service.Documents.Reading;

namespace Orchestrator.Local.Replay;

/// <summary>What is known of a file of several invoices: <c>NAME.map.json</c> beside <c>NAME.pdf</c>.</summary>
/// <param name="Documents">In the file's order.</param>
public sealed record InvoiceMap(IReadOnlyList<MappedInvoice> Documents)
{
    /// <summary>The map of a file, or null where nobody wrote one.</summary>
    public static InvoiceMap? Beside(string pdf)
    {
        var path = Path.ChangeExtension(pdf, ".map.json");
        if (!File.Exists(path))
            return null;
        using var map = JsonDocument.Parse(File.ReadAllText(path));
        return new InvoiceMap([.. map.RootElement.GetProperty("documents").EnumerateArray().Select(document => new MappedInvoice(
            new Pages(document.GetProperty("first_page").GetInt32(), document.GetProperty("last_page").GetInt32()),
            new MinimumFields(
                Text(document, "invoice_number"), Text(document, "issue_date"), Text(document, "currency"),
                MinimumFields.Amount(Text(document, "gross") is { } gross ? decimal.Parse(gross, CultureInfo.InvariantCulture) : null))))]);
    }

    /// <summary>
    /// What the same extractors read from the file outside of the service. A person sees more on a page than its text layer says;
    /// where the two differ, the service can be expected to give what the text gives.
    /// </summary>
    public static async Task<IReadOnlyList<MappedInvoice>> ExtractedAsync(string pdf, CancellationToken ct)
    {
        await using var services = new ServiceCollection().AddLogging().AddDocumentReading().BuildServiceProvider();
        var readings = await services.GetRequiredService<DocumentReader>().ReadAsync(DocumentFile.At(pdf), ct);
        return [.. readings.Select(reading => new MappedInvoice(reading.Range is { } range ? new Pages(range.First, range.Last) : null, MinimumFields.Of(reading.Result.Fields)))];
    }

    private static string? Text(JsonElement document, string name) => document.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <param name="Pages">Null where the file was taken whole.</param>
/// <param name="Fields">As a person reads them.</param>
public sealed record MappedInvoice(Pages? Pages, MinimumFields Fields);
