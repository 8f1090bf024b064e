using System.Globalization;

namespace Orchestrator.Service.Documents.Reading.Xml;

/// <summary>Values of structured invoices, as fields of full confidence.</summary>
internal static class XmlValues
{
    private const NumberStyles Plain = NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign;

    public static Field<string>? Term(string? raw) => raw is null or { Length: > FieldLimits.LongestTerm } ? null : Of(raw, raw);

    public static Field<decimal>? Amount(string? raw) => Decimal(raw) is { } value ? Of(value, raw!) : null;

    /// <summary>A date as ISO writes it, or packed as eight digits.</summary>
    public static Field<DateOnly>? Date(string? raw)
    {
        if (raw is null)
        {
            return null;
        }

        var isDate = DateOnly.TryParseExact(raw.Length > 10 ? raw[..10] : raw, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            || DateOnly.TryParseExact(raw.Length > 8 ? raw[..8] : raw, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date);
        return isDate ? Of(date, raw) : null;
    }

    public static decimal? Decimal(string? raw) =>
        decimal.TryParse(raw, Plain, CultureInfo.InvariantCulture, out var value) && Math.Abs(value) <= FieldLimits.LargestAmount ? value : null;

    private static Field<T> Of<T>(T value, string raw) => new(value, raw, 1, FieldSource.Xml, null);
}
