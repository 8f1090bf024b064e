using Orchestrator.Service.Documents;
using Orchestrator.Service.Documents.Matching;

namespace Orchestrator.Tests.Documents.Matching;

public class OrderSelectionTests
{
    private static readonly MatchingOptions Options = new();
    private static readonly PurchaseOrder Housing = Order("4500-118147", 3608.80m);
    private static readonly PurchaseOrder Brackets = Order("4500-118255", 500m);
    private static readonly PurchaseOrder Foreign = Order("4500-118290", 500m) with { SupplierName = "Nordlicht Bürobedarf GmbH" };
    private static readonly Invoice Invoice = new() { Number = "1", Currency = "EUR", Net = 500m, Supplier = new() { Name = "METALLBAU KESSLER" } };
    private static readonly SupplierFinding Unknown = new SupplierFinding.Unknown("");

    [Fact]
    public void The_stated_number_leads_to_the_order_however_it_is_written() =>
        Assert.Equal((Housing, OrderClue.StatedNumber), Found(Invoice with { PurchaseOrder = "4500 118147" }));

    [Fact]
    public void Another_suppliers_order_is_never_taken()
    {
        var ambiguous = Assert.IsType<OrderFinding.Ambiguous>(Select(Invoice with { PurchaseOrder = "4500-118290" }));
        Assert.Contains("it went to Nordlicht Bürobedarf GmbH and not to METALLBAU KESSLER", ambiguous.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stated_number_that_is_nowhere_is_not_replaced_by_a_guess() => Assert.IsType<OrderFinding.None>(Select(Invoice with { PurchaseOrder = "4711" }));

    [Fact]
    public void Without_a_stated_number_the_text_is_searched() => Assert.Equal((Housing, OrderClue.NumberInText), Found(Invoice, "Bestellung", "4500-118147,", "danke"));

    [Fact]
    public void Two_orders_in_the_text_are_a_question_for_a_person() => Assert.IsType<OrderFinding.Ambiguous>(Select(Invoice, "4500-118147", "4500-118255"));

    [Fact]
    public void Last_comes_the_only_open_order_of_that_amount()
    {
        Assert.Equal((Brackets, OrderClue.Amount), Found(Invoice));
        Assert.Equal((Housing, OrderClue.Amount), Found(Invoice with { Net = 3600m })); // within the tolerance
        Assert.IsType<OrderFinding.None>(Select(Invoice with { Net = 77m }));
        Assert.IsType<OrderFinding.None>(Select(Invoice with { Currency = "CHF" }));
    }

    [Fact]
    public void What_earlier_invoices_took_is_not_open_any_more() =>
        Assert.IsType<OrderFinding.None>(OrderSelection.Select(Invoice, Unknown, [Brackets with { InvoicedNet = 500m }], [], null, Options));

    [Fact]
    public void A_credit_note_goes_to_the_order_of_the_invoice_that_it_credits() =>
        Assert.Equal((Housing, OrderClue.CreditedInvoice), Found(OrderSelection.Select(Invoice with { TypeCode = "381" }, Unknown, [Housing, Brackets], [], Housing.Id, Options)));

    [Fact]
    public void A_known_supplier_is_compared_by_its_id_and_not_by_its_name()
    {
        var known = new SupplierFinding.Known(new() { Id = Guid.NewGuid(), Name = "Kessler Holding" }, SupplierClue.VatId);
        var own = Housing with { SupplierId = known.Supplier.Id };
        Assert.Equal(own, Found(OrderSelection.Select(Invoice with { PurchaseOrder = own.Number }, known, [own, Brackets with { SupplierId = Guid.NewGuid() }], [], null, Options)).Order);
    }

    private static PurchaseOrder Order(string number, decimal net) => new() { Id = Guid.NewGuid(), Number = number, SupplierName = "Metallbau Kessler KG", Currency = "EUR", OrderedNet = net, ReceivedNet = net };

    private static OrderFinding Select(Invoice invoice, params string[] words) => OrderSelection.Select(invoice, Unknown, [Housing, Brackets, Foreign], words, null, Options);

    private static (PurchaseOrder Order, OrderClue Clue) Found(Invoice invoice, params string[] words) => Found(Select(invoice, words));

    private static (PurchaseOrder Order, OrderClue Clue) Found(OrderFinding finding) => Assert.IsType<OrderFinding.Found>(finding) is { Order: var order, Clue: var clue } ? (order, clue) : default;
}
