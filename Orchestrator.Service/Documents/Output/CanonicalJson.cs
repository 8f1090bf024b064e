using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestrator.Service.Documents.Output;

/// <summary>
/// An invoice as JSON under EN 16931's own names: amounts as text with their decimals, dates as ISO 8601, what is not known
/// left out. No clock and no culture: equal documents are equal bytes, which is what makes the output's key repeatable.
/// </summary>
internal static class CanonicalJson
{
    // Only the quotes, backslashes and control characters that JSON itself requires; the file is data, not part of a page.
    private static readonly JsonWriterOptions Readable = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(OutputDocument document)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Readable))
        {
            json.WriteStartObject();
            json.WriteString("format", OutputTemplate.Json);
            json.WriteString("document", document.DocumentId);
            json.WriteString("tenant", document.Tenant);
            json.WriteNumber("extraction", document.ExtractionRevision);
            Invoice(json, document.Invoice);
            Match(json, document);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    private static void Invoice(Utf8JsonWriter json, Invoice invoice)
    {
        json.WriteStartObject("invoice");
        foreach (var (term, value) in Terms.Of(invoice)) json.WriteString(term, value);
        List(json, "BG-23", invoice.VatLines, Terms.Of);
        List(json, "BG-25", invoice.Lines, Terms.Of);
        json.WriteEndObject();
    }

    private static void List<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> entries, Func<T, IEnumerable<(string Term, string Value)>> terms)
    {
        json.WriteStartArray(name);
        foreach (var entry in entries)
        {
            json.WriteStartObject();
            foreach (var (term, value) in terms(entry)) json.WriteString(term, value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Match(Utf8JsonWriter json, OutputDocument document)
    {
        if (document.Match is not { } match) return;
        json.WriteStartObject("match");
        json.WriteString("status", match.Status.ToString());
        if (match.OrderNumber is not null) json.WriteString("order", match.OrderNumber);
        if (match.SupplierId is { } supplier) json.WriteString("supplier", supplier);
        if (match.Difference is { } difference) json.WriteString("difference", Terms.Amount(difference));
        json.WriteEndObject();
    }
}
