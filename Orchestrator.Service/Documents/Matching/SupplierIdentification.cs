namespace Orchestrator.Service.Documents.Matching;

/// <summary>Who sent an invoice.</summary>
public abstract record SupplierFinding
{
    private SupplierFinding() { }

    public sealed record Known(KnownSupplier Supplier, SupplierClue Clue) : SupplierFinding;

    /// <summary>More than one fits, and choosing is for a person.</summary>
    public sealed record Ambiguous(IReadOnlyList<KnownSupplier> Candidates, string Reason) : SupplierFinding;

    public sealed record Unknown(string Reason) : SupplierFinding;
}

/// <summary>What gave a supplier away, strongest first.</summary>
public enum SupplierClue
{
    VatId,
    Iban,
    Name,
}

internal static class SupplierIdentification
{
    /// <summary>By VAT id, then by IBAN, then by name. The first clue that fits anybody decides; the next ones only choose among several that it fits.</summary>
    public static SupplierFinding Identify(Party supplier, IReadOnlyList<KnownSupplier> known, MatchingOptions options)
    {
        var vatId = Identifiers.Compact(supplier.VatId);
        if (vatId.Length > 0 && known.Where(one => Identifiers.Compact(one.VatId) == vatId).ToList() is { Count: > 0 } sameVatId)
            return Choose(supplier, sameVatId, SupplierClue.VatId, options);
        var iban = Identifiers.Compact(supplier.Iban);
        if (iban.Length > 0 && known.Where(one => one.Ibans.Any(own => Identifiers.Compact(own) == iban)).ToList() is { Count: > 0 } sameIban)
            return Choose(supplier, sameIban, SupplierClue.Iban, options);
        if (string.IsNullOrWhiteSpace(supplier.Name))
            return new SupplierFinding.Unknown("The invoice names no supplier, and no VAT id or IBAN that a supplier of the master data has.");
        var likeNames = LikeNames(supplier, known, options);
        return likeNames.Count == 0
            ? new SupplierFinding.Unknown($"No supplier of the master data has the VAT id or the IBAN of '{supplier.Name}', or a name like it.")
            : Choose(supplier, likeNames, SupplierClue.Name, options);
    }

    private static SupplierFinding Choose(Party supplier, List<KnownSupplier> fitting, SupplierClue clue, MatchingOptions options)
    {
        if (fitting.Count == 1) return new SupplierFinding.Known(fitting[0], clue);
        var iban = Identifiers.Compact(supplier.Iban);
        if (iban.Length > 0 && fitting.Where(one => one.Ibans.Any(own => Identifiers.Compact(own) == iban)).ToList() is [var paid]) return new SupplierFinding.Known(paid, clue);
        var names = LikeNames(supplier, fitting, options);
        if (names is [var named]) return new SupplierFinding.Known(named, clue);
        var exact = names.Where(one => CompanyName.Normalise(one.Name) == CompanyName.Normalise(supplier.Name)).ToList();
        return exact is [var same]
            ? new SupplierFinding.Known(same, clue)
            : new SupplierFinding.Ambiguous(fitting, $"{fitting.Count} suppliers fit by {Words(clue)}: {string.Join(", ", fitting.Take(5).Select(one => one.Name))}.");
    }

    private static List<KnownSupplier> LikeNames(Party supplier, IReadOnlyList<KnownSupplier> known, MatchingOptions options) =>
        [.. known.Where(one => CompanyName.Likeness(one.Name, supplier.Name) >= options.NameScore)];

    private static string Words(SupplierClue clue) => clue switch
    {
        SupplierClue.VatId => "VAT id",
        SupplierClue.Iban => "IBAN",
        _ => "name",
    };
}
