namespace Orchestrator.Service.Documents.Matching;

/// <summary>An order as the buyer's books have it. Amounts are net.</summary>
public sealed record PurchaseOrder
{
    public Guid Id { get; init; }
    public required string Number { get; init; }
    /// <summary>Null where the order's supplier is in nobody's master data; then the names are compared.</summary>
    public Guid? SupplierId { get; init; }
    public required string SupplierName { get; init; }
    public string? SupplierVatId { get; init; }
    public string? Buyer { get; init; }
    public required string Currency { get; init; }
    public required decimal OrderedNet { get; init; }
    /// <summary>Null where nobody books receipts.</summary>
    public decimal? ReceivedNet { get; init; }
    /// <summary>What other documents have taken of it so far: always a sum over matches, never a counter, so a repeated match can't count twice.</summary>
    public decimal InvoicedNet { get; init; }
}

/// <summary>A supplier of the master data.</summary>
public sealed record KnownSupplier
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    public string? VatId { get; init; }
    public IReadOnlyList<string> Ibans { get; init; } = [];
    /// <summary>Null = the setting decides.</summary>
    public MatchPolicy? Policy { get; init; }
}
