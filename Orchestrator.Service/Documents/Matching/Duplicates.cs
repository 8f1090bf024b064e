using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Service.Documents.Matching;

/// <summary>What of a document is compared with the others.</summary>
public sealed record DuplicateTraits
{
    public required Guid DocumentId { get; init; }
    /// <summary>Of the original bytes.</summary>
    public required string Sha256 { get; init; }
    public Guid? SupplierId { get; init; }
    public string? SupplierVatId { get; init; }
    public string? SupplierName { get; init; }
    /// <summary>As written.</summary>
    public string? Number { get; init; }
    public DateOnly? IssueDate { get; init; }
    public string? Currency { get; init; }
    public decimal? Gross { get; init; }
    /// <summary>A credit note or a correction: it says much the same as the invoice that it takes back, on purpose.</summary>
    public bool TakesBack { get; init; }
    /// <summary>From <see cref="Duplicates.TextHash"/>; null where there is no text.</summary>
    public string? TextHash { get; init; }
}

/// <summary>
/// How strongly one document looks like a copy of another, and why. From 90 it blocks the export, from 50 a person looks;
/// nothing is ever deleted for it.
/// </summary>
public sealed record DuplicateScore(Guid Of, int Score, IReadOnlyList<string> Reasons)
{
    public const int Blocks = 90;
    public const int Review = 50;
}

internal static class Duplicates
{
    /// <summary>Null where nothing points to a copy.</summary>
    public static DuplicateScore? Compare(DuplicateTraits document, DuplicateTraits other, MatchingOptions options)
    {
        if (document.DocumentId == other.DocumentId) return null;
        var reasons = Reasons(document, other, options).ToList();
        if (reasons.Count == 0) return null;
        return new(other.DocumentId, reasons.Max(reason => reason.Score), [.. reasons.OrderByDescending(reason => reason.Score).Select(reason => reason.Words)]);
    }

    /// <summary>The strongest first.</summary>
    public static IReadOnlyList<DuplicateScore> Find(DuplicateTraits document, IEnumerable<DuplicateTraits> others, MatchingOptions options) =>
        [.. others.Select(other => Compare(document, other, options)).OfType<DuplicateScore>().OrderByDescending(score => score.Score).ThenBy(score => score.Of)];

    /// <summary>The words of a text, whatever its line breaks: the same print in another file.</summary>
    public static string? TextHash(string text)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words.Length < 10 ? null : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(' ', words))));
    }

    private static IEnumerable<(int Score, string Words)> Reasons(DuplicateTraits a, DuplicateTraits b, MatchingOptions options)
    {
        if (a.Sha256 == b.Sha256) yield return (100, "The files are the same, byte for byte.");
        // An invoice and its credit note share number and amount by design.
        if (a.TakesBack != b.TakesBack) yield break;
        if (a.TextHash is not null && a.TextHash == b.TextHash) yield return (70, "The texts are the same, word for word.");
        if (!SameSupplier(a, b, options)) yield break;
        var number = Identifiers.Normalise(a.Number);
        var sameNumber = number.Length > 0 && number == Identifiers.Normalise(b.Number);
        var sameGross = a.Gross is not null && a.Gross == b.Gross && string.Equals(a.Currency, b.Currency, StringComparison.OrdinalIgnoreCase);
        var sameDate = a.IssueDate is not null && a.IssueDate == b.IssueDate;
        if (sameNumber && sameGross && sameDate) yield return (95, "Supplier, number, date and total are the same.");
        else if (sameNumber) yield return (60, "The supplier used the number before, with another date or total.");
        else if (sameGross && Near(a.IssueDate, b.IssueDate))
            yield return (55, "Supplier and total are the same and the dates are within 3 days; only the numbers differ.");
    }

    private static bool Near(DateOnly? a, DateOnly? b) => a is { } one && b is { } other && Math.Abs(one.DayNumber - other.DayNumber) <= 3;

    private static bool SameSupplier(DuplicateTraits a, DuplicateTraits b, MatchingOptions options)
    {
        if (a.SupplierId is { } one && b.SupplierId is { } other) return one == other;
        var (vat, otherVat) = (Identifiers.Compact(a.SupplierVatId), Identifiers.Compact(b.SupplierVatId));
        if (vat.Length > 0 && otherVat.Length > 0 && vat != otherVat) return false;
        return CompanyName.Likeness(a.SupplierName, b.SupplierName) >= options.NameScore;
    }
}
