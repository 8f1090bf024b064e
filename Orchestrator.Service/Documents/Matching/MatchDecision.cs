using System.Globalization;

namespace Orchestrator.Service.Documents.Matching;

/// <summary>Holds one invoice against its order. A function of stored data, so a match may be repeated any number of times.</summary>
internal static class MatchDecision
{
    public static MatchOutcome Decide(Invoice invoice, SupplierFinding supplier, OrderFinding finding, MatchingOptions options)
    {
        var known = (supplier as SupplierFinding.Known)?.Supplier;
        var policy = known?.Policy ?? options.Policy;
        var outcome = finding switch
        {
            _ when supplier is SupplierFinding.Ambiguous several => new MatchOutcome(MatchStatus.Ambiguous, several.Reason),
            _ when policy is MatchPolicy.None => new(MatchStatus.Matched, "The supplier's invoices need no order."),
            OrderFinding.Ambiguous several => new(MatchStatus.Ambiguous, several.Reason),
            OrderFinding.None none => new(MatchStatus.NoOrder, none.Reason),
            OrderFinding.Found found => Against(invoice, found, policy, options),
            _ => throw new InvalidOperationException($"A finding of the kind {finding.GetType().Name} is not known."),
        };
        return outcome with { SupplierId = known?.Id };
    }

    private static MatchOutcome Against(Invoice invoice, OrderFinding.Found found, MatchPolicy policy, MatchingOptions options)
    {
        var order = found.Order;
        var outcome = Compare(invoice, order, policy, options);
        return outcome with
        {
            OrderId = order.Id,
            OrderNumber = order.Number,
            Clue = found.Clue,
            OrderedNet = order.OrderedNet,
            ReceivedNet = order.ReceivedNet,
            InvoicedBefore = order.InvoicedNet,
        };
    }

    private static MatchOutcome Compare(Invoice invoice, PurchaseOrder order, MatchPolicy policy, MatchingOptions options)
    {
        if (!string.Equals(order.Currency, invoice.Currency, StringComparison.OrdinalIgnoreCase))
            return new(MatchStatus.CurrencyMismatch, $"The order is in {order.Currency} and the invoice in {invoice.Currency ?? "no currency"}.");
        if (Amounts.NetOf(invoice) is not { } net) return new(MatchStatus.Ambiguous, "The invoice states no amount that could be compared.");
        var after = order.InvoicedNet + net;
        var over = after - order.OrderedNet;
        var outcome = net < 0 ? Credit(net, after) : Charge(order, after, over, policy, Amounts.Tolerance(order.OrderedNet, options));
        return outcome with { Net = net, Difference = over };
    }

    private static MatchOutcome Credit(decimal net, decimal after) => after < 0
        ? new(MatchStatus.Ambiguous, $"It takes back {Money(-net)}, and only {Money(after - net)} of the order have been invoiced.")
        : new(MatchStatus.Matched, $"It takes {Money(-net)} back from the order.");

    private static MatchOutcome Charge(PurchaseOrder order, decimal after, decimal over, MatchPolicy policy, decimal tolerance)
    {
        if (over > tolerance)
        {
            return order.InvoicedNet > 0
                ? new(MatchStatus.OverInvoiced, $"{Money(order.InvoicedNet)} of {Money(order.OrderedNet)} were invoiced before; this one goes {Money(over)} over.")
                : new(MatchStatus.PriceVariance, $"It is {Money(over)} ({Percent(over, order.OrderedNet)}) over the order's {Money(order.OrderedNet)}.");
        }
        if (policy is MatchPolicy.ThreeWay && order.ReceivedNet is null) return new(MatchStatus.NotReceived, "Nothing is booked as received for the order.");
        if (policy is MatchPolicy.ThreeWay && after - order.ReceivedNet > tolerance)
            return new(MatchStatus.NotReceived, $"{Money(after)} are invoiced and goods for {Money(order.ReceivedNet!.Value)} are received.");
        return over > 0
            ? new(MatchStatus.MatchedWithinTolerance, $"It is {Money(over)} ({Percent(over, order.OrderedNet)}) over the order, within the tolerance of {Money(tolerance)}.")
            : new(MatchStatus.Matched, over == 0 ? "It takes exactly what is left of the order." : $"{Money(-over)} of the order are left.");
    }

    private static string Money(decimal amount) => amount.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Percent(decimal part, decimal whole) => whole == 0 ? "of nothing" : (part / whole * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
