namespace Orchestrator.Service.Documents.Matching;

/// <summary>Numbers are compared exactly, once their dress is off. They are never compared by likeness: RE-507 and RE-508 are 93 % alike.</summary>
public static class Identifiers
{
    /// <summary>Upper case, letters and digits only, without leading zeros. "" for what holds none.</summary>
    public static string Normalise(string? number)
    {
        if (number is null) return "";
        var plain = new string([.. number.Where(char.IsLetterOrDigit)]).ToUpperInvariant();
        var trimmed = plain.TrimStart('0');
        return trimmed.Length > 0 || plain.Length == 0 ? trimmed : "0";
    }

    /// <summary>VAT ids and IBANs keep their zeros.</summary>
    public static string Compact(string? identifier) =>
        identifier is null ? "" : new string([.. identifier.Where(char.IsAsciiLetterOrDigit)]).ToUpperInvariant();
}
