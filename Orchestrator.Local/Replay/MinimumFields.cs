using System.Globalization;
using Orchestrator.Service.Documents.Reading;

namespace Orchestrator.Local.Replay;

/// <summary>The fields without which an invoice is not complete, as text; null where there is none.</summary>
public sealed record MinimumFields(string? Number, string? Date, string? Currency, string? Gross)
{
    internal static MinimumFields Of(InvoiceFields fields) => new(
        fields.Number?.Value, fields.IssueDate?.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), fields.Currency?.Value, Amount(fields.Gross?.Value));

    /// <summary>So that 10.50 and 10.5 are one amount.</summary>
    internal static string? Amount(decimal? amount) => amount?.ToString("0.00###", CultureInfo.InvariantCulture);

    /// <summary>The names of the fields in which two differ.</summary>
    internal IEnumerable<string> DifferencesFrom(MinimumFields other)
    {
        if (Number != other.Number)
            yield return "number";
        if (Date != other.Date)
            yield return "date";
        if (Currency != other.Currency)
            yield return "currency";
        if (Gross != other.Gross)
            yield return "gross";
    }
}
