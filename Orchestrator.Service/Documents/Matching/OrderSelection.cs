namespace Orchestrator.Service.Documents.Matching;

/// <summary>Which order an invoice belongs to.</summary>
public abstract record OrderFinding
{
    private OrderFinding() { }

    public sealed record Found(PurchaseOrder Order, OrderClue Clue) : OrderFinding;

    public sealed record Ambiguous(IReadOnlyList<PurchaseOrder> Candidates, string Reason) : OrderFinding;

    public sealed record None(string Reason) : OrderFinding;
}

/// <summary>What led to the order, strongest first.</summary>
public enum OrderClue
{
    /// <summary>A credit note: the order of the invoice that it credits.</summary>
    CreditedInvoice,
    /// <summary>BT-13.</summary>
    StatedNumber,
    /// <summary>Its number stands somewhere in the text.</summary>
    NumberInText,
    /// <summary>It is the supplier's only open order of that amount.</summary>
    Amount,
}

internal static class OrderSelection
{
    private const int ShortestNumberInText = 5; // "123" stands in every text

    /// <param name="invoice">The invoice.</param>
    /// <param name="supplier">Who sent it, as far as known.</param>
    /// <param name="orders">The tenant's open orders that could come into question: of this supplier, or with this number.</param>
    /// <param name="words">The document's text cut at blanks; empty where there is none.</param>
    /// <param name="creditedOrder">The order that the credited invoice (BT-25) was matched to.</param>
    /// <param name="options">Tolerances and likeness.</param>
    public static OrderFinding Select(
        Invoice invoice, SupplierFinding supplier, IReadOnlyList<PurchaseOrder> orders, IReadOnlyCollection<string> words, Guid? creditedOrder, MatchingOptions options)
    {
        if (creditedOrder is { } credited && orders.FirstOrDefault(order => order.Id == credited) is { } again) return new OrderFinding.Found(again, OrderClue.CreditedInvoice);
        var own = orders.Where(order => IsFrom(order, invoice.Supplier, supplier, options)).ToList();
        if (Identifiers.Normalise(invoice.PurchaseOrder) is { Length: > 0 } stated) return ByStatedNumber(invoice, stated, own, orders);
        var written = words.Select(Identifiers.Normalise).ToHashSet();
        var mentioned = own
            .Where(order => Identifiers.Normalise(order.Number) is { Length: >= ShortestNumberInText } number && written.Contains(number))
            .ToList();
        return mentioned.Count switch
        {
            1 => new OrderFinding.Found(mentioned[0], OrderClue.NumberInText),
            > 1 => new OrderFinding.Ambiguous(mentioned, $"The text mentions {mentioned.Count} orders: {Numbers(mentioned)}."),
            _ => ByAmount(invoice, own, options),
        };
    }

    private static OrderFinding ByStatedNumber(Invoice invoice, string stated, List<PurchaseOrder> own, IReadOnlyList<PurchaseOrder> all)
    {
        var same = own.Where(order => Identifiers.Normalise(order.Number) == stated).ToList();
        if (same.Count == 1) return new OrderFinding.Found(same[0], OrderClue.StatedNumber);
        if (same.Count > 1) return new OrderFinding.Ambiguous(same, $"{same.Count} orders of the supplier have the number '{invoice.PurchaseOrder}'.");
        // Another supplier's order is never taken: that would pay a stranger out of it.
        var others = all.Where(order => Identifiers.Normalise(order.Number) == stated).ToList();
        return others.Count > 0
            ? new OrderFinding.Ambiguous(others, $"The order '{invoice.PurchaseOrder}' is there, but it went to {others[0].SupplierName} and not to {invoice.Supplier.Name ?? "the sender"}.")
            : new OrderFinding.None($"There is no open order '{invoice.PurchaseOrder}'.");
    }

    private static OrderFinding ByAmount(Invoice invoice, List<PurchaseOrder> own, MatchingOptions options)
    {
        if (Amounts.NetOf(invoice) is not { } net) return new OrderFinding.None("The invoice names no order, and no amount to look for one by.");
        var fitting = own
            .Where(order => SameCurrency(order, invoice) && Math.Abs(order.OrderedNet - order.InvoicedNet - net) <= Amounts.Tolerance(order.OrderedNet, options))
            .ToList();
        return fitting.Count switch
        {
            1 => new OrderFinding.Found(fitting[0], OrderClue.Amount),
            > 1 => new OrderFinding.Ambiguous(fitting, $"The invoice names no order, and {fitting.Count} open orders of the supplier have its amount: {Numbers(fitting)}."),
            _ => new OrderFinding.None(own.Count == 0 ? "The supplier has no open order." : "The invoice names no order, and no open order of the supplier has its amount."),
        };
    }

    private static bool IsFrom(PurchaseOrder order, Party sender, SupplierFinding supplier, MatchingOptions options)
    {
        if (order.SupplierId is { } id && supplier is SupplierFinding.Known known) return id == known.Supplier.Id;
        var (ordered, invoiced) = (Identifiers.Compact(order.SupplierVatId), Identifiers.Compact(sender.VatId));
        if (ordered.Length > 0 && invoiced.Length > 0) return ordered == invoiced;
        var name = supplier is SupplierFinding.Known { Supplier.Name: var master } ? master : sender.Name;
        return CompanyName.Likeness(order.SupplierName, name) >= options.NameScore;
    }

    private static bool SameCurrency(PurchaseOrder order, Invoice invoice) => string.Equals(order.Currency, invoice.Currency, StringComparison.OrdinalIgnoreCase);

    private static string Numbers(IEnumerable<PurchaseOrder> orders) => string.Join(", ", orders.Take(5).Select(order => order.Number));
}
