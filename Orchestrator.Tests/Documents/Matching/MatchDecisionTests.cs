using Orchestrator.Service.Documents;
using Orchestrator.Service.Documents.Matching;

namespace Orchestrator.Tests.Documents.Matching;

public class MatchDecisionTests
{
    private static readonly SupplierFinding Unknown = new SupplierFinding.Unknown("");

    [Theory]
    [InlineData(1000, 0, 1000, MatchStatus.Matched)]
    [InlineData(400, 600, 1000, MatchStatus.Matched)]
    [InlineData(1010, 0, 1000, MatchStatus.MatchedWithinTolerance)]
    [InlineData(1010.01, 0, 1000, MatchStatus.PriceVariance)]
    [InlineData(500, 600, 1000, MatchStatus.OverInvoiced)]
    [InlineData(1000, 0, 600, MatchStatus.NotReceived)]
    [InlineData(600, 0, 600, MatchStatus.Matched)]
    [InlineData(605, 0, 600, MatchStatus.Matched)]
    [InlineData(100, 600, 600, MatchStatus.NotReceived)]
    [InlineData(100, 0, double.NaN, MatchStatus.NotReceived)] // nobody books receipts
    public void An_invoice_is_held_against_what_was_ordered_received_and_invoiced_before(double net, double before, double received, MatchStatus expected) =>
        Assert.Equal(expected, Decide(Invoice((decimal)net), Order with { InvoicedNet = (decimal)before, ReceivedNet = double.IsNaN(received) ? null : (decimal)received }).Status);

    [Fact]
    public void Two_way_asks_for_no_receipt_and_no_policy_for_no_order()
    {
        Assert.Equal(MatchStatus.Matched, Decide(Invoice(1000), Order with { ReceivedNet = null }, MatchPolicy.TwoWay).Status);
        var rent = new SupplierFinding.Known(new() { Id = Guid.NewGuid(), Name = "Rent", Policy = MatchPolicy.None }, SupplierClue.VatId);
        Assert.Equal((MatchStatus.Matched, rent.Supplier.Id), MatchDecision.Decide(Invoice(1000), rent, new OrderFinding.None(""), new()) is var outcome ? (outcome.Status, outcome.SupplierId!.Value) : default);
    }

    [Fact]
    public void The_amount_of_tolerance_counts_where_it_allows_more_than_the_per_cent() =>
        Assert.Equal(MatchStatus.MatchedWithinTolerance, Decide(Invoice(1015), Order, amount: 15).Status);

    [Fact]
    public void A_credit_note_gives_back_what_was_invoiced_and_no_more()
    {
        var credit = Invoice(300) with { TypeCode = "381" };
        var outcome = Decide(credit, Order with { InvoicedNet = 1000 });
        Assert.Equal((MatchStatus.Matched, -300m), (outcome.Status, outcome.Net));
        Assert.Equal(MatchStatus.Ambiguous, Decide(credit, Order with { InvoicedNet = 200 }).Status);
        Assert.Equal(-300m, Decide(Invoice(-300) with { TypeCode = "381" }, Order with { InvoicedNet = 1000 }).Net); // some print the minus
    }

    [Fact]
    public void What_cannot_be_compared_says_why()
    {
        Assert.Equal("The order is in EUR and the invoice in CHF.", Decide(Invoice(1000) with { Currency = "CHF" }, Order) is { Status: MatchStatus.CurrencyMismatch, Reason: var why } ? why : "");
        Assert.Equal(MatchStatus.Ambiguous, Decide(new() { Currency = "EUR" }, Order).Status);
        Assert.Equal(MatchStatus.NoOrder, MatchDecision.Decide(Invoice(1), Unknown, new OrderFinding.None("none"), new()).Status);
        Assert.Equal(MatchStatus.Ambiguous, MatchDecision.Decide(Invoice(1), new SupplierFinding.Ambiguous([], "two"), new OrderFinding.Found(Order, OrderClue.StatedNumber), new()).Status);
    }

    [Fact]
    public void The_outcome_carries_what_a_person_needs_to_check_it()
    {
        var outcome = Decide(Invoice(1120), Order);
        Assert.Equal((1120m, 1000m, 120m, Order.Id), (outcome.Net, outcome.OrderedNet, outcome.Difference, outcome.OrderId));
        Assert.Equal("It is 120.00 (12.0 %) over the order's 1000.00.", outcome.Reason);
    }

    [Fact]
    public void Matching_again_gives_the_same_outcome() => Assert.Equal(Decide(Invoice(400), Order), Decide(Invoice(400), Order));

    private static readonly PurchaseOrder Order = new() { Id = Guid.NewGuid(), Number = "1", SupplierName = "S", Currency = "EUR", OrderedNet = 1000, ReceivedNet = 1000 };

    private static Invoice Invoice(decimal net) => new() { Currency = "EUR", Net = net };

    private static MatchOutcome Decide(Invoice invoice, PurchaseOrder order, MatchPolicy policy = MatchPolicy.ThreeWay, decimal amount = 0) =>
        MatchDecision.Decide(invoice, Unknown, new OrderFinding.Found(order, OrderClue.StatedNumber), new() { Policy = policy, ToleranceAmount = amount });
}
