using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestrator.Service.Documents.Reading;

/// <summary><c>extract FILE…</c>: reads files and prints one line of JSON for each invoice in them.</summary>
public sealed class ExtractCommand(DocumentReader reader, TimeProvider time)
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads all files, one after the other; a bad one is a line like any other.</summary>
    /// <returns>0 when all could be read, 1 when any failed.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> files, TextWriter output, CancellationToken cancellation)
    {
        var failed = false;
        foreach (var file in files)
        {
            var started = time.GetTimestamp();
            var readings = await ReadAsync(file, cancellation);
            var milliseconds = time.GetElapsedTime(started).TotalMilliseconds / readings.Count;
            foreach (var reading in readings)
            {
                failed |= reading.Result.Status is ReadStatus.Failed;
                await output.WriteLineAsync(Line(file, reading, milliseconds).AsMemory(), cancellation);
            }

            await output.FlushAsync(cancellation);
        }

        return failed ? 1 : 0;
    }

    private async Task<IReadOnlyList<InvoiceReading>> ReadAsync(string file, CancellationToken cancellation)
    {
        try
        {
            return await reader.ReadAsync(DocumentFile.At(file), cancellation);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return [new InvoiceReading(null, new ExtractionResult("none", "1", new InvoiceFields(), ReadFailure.NotFound, []))];
        }
    }

    private static string Line(string file, InvoiceReading reading, double milliseconds)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Plain))
        {
            var (result, fields) = (reading.Result, reading.Result.Fields);
            json.WriteStartObject();
            json.WriteString("file", file);
            if (reading.Range is { } range)
            {
                json.WriteNumber("first_page", range.First);
                json.WriteNumber("last_page", range.Last);
            }

            json.WriteString("status", result.Status switch { ReadStatus.Completed => "completed", ReadStatus.NeedsReview => "needs review", _ => "failed" });
            json.WriteString("reason", result.Failure?.ToString());
            json.WriteString("explanation", result.Failure?.Sentence());
            json.WriteStartArray("missing");
            foreach (var missing in result.Status is ReadStatus.Failed ? [] : fields.Missing)
            {
                json.WriteStringValue(missing);
            }

            json.WriteEndArray();
            json.WriteStartArray("diagnostics");
            foreach (var diagnostic in result.Diagnostics)
            {
                json.WriteStartObject();
                json.WriteString("code", diagnostic.Code);
                json.WriteString("text", diagnostic.Text);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            WriteFields(json, fields);
            json.WriteString("extractor", result.Extractor);
            json.WriteNumber("ms", Math.Round(milliseconds, 1));
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteFields(Utf8JsonWriter json, InvoiceFields fields)
    {
        var printed = Printed(fields).ToList();
        json.WriteStartObject("fields");
        foreach (var (name, value, _) in printed)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteStartObject("sources");
        foreach (var (name, _, source) in printed.Where(field => field.Source is not null))
        {
            json.WriteString(name, source switch { FieldSource.Xml => "xml", FieldSource.Template => "template", _ => "rule" });
        }

        json.WriteEndObject();
    }

    private static IEnumerable<(string Name, string? Value, FieldSource? Source)> Printed(InvoiceFields fields)
    {
        yield return ("number", fields.Number?.Value, fields.Number?.Source);
        yield return ("date", Date(fields.IssueDate), fields.IssueDate?.Source);
        yield return ("due", Date(fields.DueDate), fields.DueDate?.Source);
        yield return ("currency", fields.Currency?.Value, fields.Currency?.Source);
        yield return ("net", Amount(fields.Net), fields.Net?.Source);
        yield return ("tax", Amount(fields.Tax), fields.Tax?.Source);
        yield return ("gross", Amount(fields.Gross), fields.Gross?.Source);
        yield return ("payable", Amount(fields.Payable), fields.Payable?.Source);
        yield return ("supplier", fields.Supplier?.Value, fields.Supplier?.Source);
        yield return ("supplier_vat", fields.SupplierVat?.Value, fields.SupplierVat?.Source);
        yield return ("supplier_iban", fields.SupplierIban?.Value, fields.SupplierIban?.Source);
        yield return ("buyer", fields.Buyer?.Value, fields.Buyer?.Source);
        yield return ("po", fields.PurchaseOrder?.Value, fields.PurchaseOrder?.Source);
        yield return ("type", fields.Type?.Value, fields.Type?.Source);
    }

    private static string? Date(Field<DateOnly>? field) => field?.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string? Amount(Field<decimal>? field) => field?.Value.ToString(CultureInfo.InvariantCulture);
}
