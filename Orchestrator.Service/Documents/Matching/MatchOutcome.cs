namespace Orchestrator.Service.Documents.Matching;

/// <summary>How an invoice and its order agree.</summary>
public enum MatchStatus
{
    /// <summary>Within what is left of the order.</summary>
    Matched,
    /// <summary>Over it, by no more than the tolerance.</summary>
    MatchedWithinTolerance,
    /// <summary>The order's first invoice asks for more than the whole order: another price, or another quantity.</summary>
    PriceVariance,
    /// <summary>Together with the earlier invoices it asks for more than was ordered.</summary>
    OverInvoiced,
    /// <summary>Ordered, and not received yet to that amount.</summary>
    NotReceived,
    /// <summary>The order is in another currency.</summary>
    CurrencyMismatch,
    /// <summary>No order was found.</summary>
    NoOrder,
    /// <summary>More than one supplier or order fits, or there is no amount to compare.</summary>
    Ambiguous,
}

/// <summary>The result of a match, with what a person needs to check it.</summary>
public sealed record MatchOutcome(MatchStatus Status, string Reason)
{
    public Guid? SupplierId { get; init; }
    public Guid? OrderId { get; init; }
    public string? OrderNumber { get; init; }
    public OrderClue? Clue { get; init; }
    public decimal? Net { get; init; }
    public decimal? OrderedNet { get; init; }
    public decimal? ReceivedNet { get; init; }
    public decimal? InvoicedBefore { get; init; }
    /// <summary>By how much the invoice goes over what is left (positive) or stays under it (negative).</summary>
    public decimal? Difference { get; init; }

    public bool IsMatched => Status is MatchStatus.Matched or MatchStatus.MatchedWithinTolerance;
}
