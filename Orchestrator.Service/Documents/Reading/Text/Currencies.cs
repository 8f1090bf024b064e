using System.Collections.Frozen;

namespace Orchestrator.Service.Documents.Reading.Text;

/// <summary>Currencies by sign, code or word.</summary>
internal static class Currencies
{
    private static readonly FrozenDictionary<string, string> ByText = new Dictionary<string, string>
    {
        ["€"] = "EUR", ["euro"] = "EUR", ["euros"] = "EUR", ["$"] = "USD", ["us$"] = "USD", ["ca$"] = "CAD", ["c$"] = "CAD", ["au$"] = "AUD", ["a$"] = "AUD", ["nz$"] = "NZD", ["hk$"] = "HKD", ["s$"] = "SGD", ["r$"] = "BRL",
        ["£"] = "GBP", ["¥"] = "JPY", ["₹"] = "INR", ["rs"] = "INR", ["rs."] = "INR", ["fr."] = "CHF", ["sfr"] = "CHF", ["sfr."] = "CHF", ["zł"] = "PLN", ["kč"] = "CZK",
    }.ToFrozenDictionary();

    private static readonly FrozenSet<string> Codes = new[]
    {
        "EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BGN", "ISK", "INR", "CAD", "AUD", "NZD", "JPY", "CNY", "ZAR", "BRL", "MXN", "AED", "SGD", "HKD", "TRY", "DEM",
    }.ToFrozenSet();

    /// <summary>The code of a sign, code or word; null when it is none, or one that several countries share.</summary>
    public static string? Of(string text)
    {
        var trimmed = text.Trim();
        return trimmed.Length == 0 ? null
            : Codes.Contains(trimmed) ? trimmed
            : ByText.GetValueOrDefault(trimmed.ToLowerInvariant());
    }
}
