using System.Globalization;
using Orchestrator.Service.Documents;
using Orchestrator.Service.Documents.Matching;
using Orchestrator.Tests.Documents.Samples;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Documents.Matching;

/// <summary>Whole files of orders against whole sets of invoices: each row says how its invoices should come out.</summary>
public class CollectedOrdersTests
{
    private static readonly MatchingOptions Options = new();

    [SharedDataFact]
    public void All_sixteen_derived_orders_come_out_as_expected()
    {
        var folder = Path.Combine(SharedData.Root!, "invoices");
        var held = Match(Path.Combine(folder, "purchase-orders.derived.csv"), Path.Combine(folder, "truth.tsv"), orders: 16);
        // The same invoice in two files or two syntaxes, and a number used twice: they wait for a person and take nothing of the order.
        Assert.Equal(
            [
                "pdf-hybrid/Facture_FR_MINIMUM.pdf", "xml-cii/CII_example7.xml", "xml-ubl/ubl-tc434-example2.xml", "xml-ubl/ubl-tc434-example4.xml",
                "xml-ubl/ubl-tc434-example5.xml", "xml-ubl/xr_01.10a_ubl.xml", "xml-ubl/xr_01.20a_ubl.xml",
            ], held.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void All_orders_of_the_samples_come_out_as_expected() =>
        Assert.Empty(Match(Path.Combine(Sample.Folder, "purchase-orders.csv"), Path.Combine(Sample.Folder, "truth.tsv"), orders: 14));

    /// <summary>Matches each row's invoices in the order of their dates, and gives back which ones looked like copies of an earlier one.</summary>
    private static List<string> Match(string ordersFile, string truthFile, int orders)
    {
        using var csv = File.OpenRead(ordersFile);
        var open = Assert.IsType<PurchaseOrderFile.Read>(PurchaseOrderCsv.Parse(csv)).Orders.Select(order => order with { Id = Guid.NewGuid() }).ToList();
        var rows = Sample.Table(ordersFile, ',');
        Assert.Equal(orders, rows.Count);
        Assert.Equal(orders, open.Count);
        var truth = Sample.Table(truthFile, '\t').ToDictionary(row => row["file"]);
        var held = new List<string>();
        foreach (var (row, order) in rows.Zip(open))
        {
            var counted = new List<DuplicateTraits>();
            var outcomes = new List<MatchStatus>();
            foreach (var said in row["invoices"].Split(';').Select(file => truth[file]).OrderBy(said => said["issue_date"], StringComparer.Ordinal))
            {
                var (invoice, traits) = (Invoice(said), Traits(said));
                if (Duplicates.Find(traits, counted, Options).Any(score => score.Score >= DuplicateScore.Review))
                {
                    held.Add(said["file"]);
                    continue;
                }
                var before = counted.Sum(earlier => Amount(truth.Values.Single(one => one["sha256"] == earlier.Sha256)["net"]) ?? 0);
                var state = open.Select(one => one.Id == order.Id ? one with { InvoicedNet = before } : one).ToList();
                var supplier = SupplierIdentification.Identify(invoice.Supplier, [], Options);
                var finding = OrderSelection.Select(invoice, supplier, state, [], null, Options);
                Assert.Equal(order.Id, Assert.IsType<OrderFinding.Found>(finding).Order.Id);
                outcomes.Add(MatchDecision.Decide(invoice, supplier, finding, Options).Status);
                counted.Add(traits);
            }
            Assert.NotEmpty(outcomes);
            Assert.All(outcomes, status => Assert.Equal((row["po_number"], Expected(row["expected_case"])), (row["po_number"], status)));
        }
        return held;
    }

    private static MatchStatus Expected(string expectedCase) => expectedCase switch
    {
        "exact" => MatchStatus.Matched,
        "over_1pct_tolerance" => MatchStatus.MatchedWithinTolerance,
        "price_variance_12pct" => MatchStatus.PriceVariance,
        "under_received" => MatchStatus.NotReceived,
        "currency_mismatch" => MatchStatus.CurrencyMismatch,
        _ => throw new ArgumentException($"'{expectedCase}' is no known case."),
    };

    private static Invoice Invoice(IReadOnlyDictionary<string, string> said) => new()
    {
        Number = said["invoice_number"],
        TypeCode = said["type_code"],
        IssueDate = Date(said["issue_date"]),
        Currency = said["currency"],
        PurchaseOrder = said["po_ref"],
        Supplier = new() { Name = said["supplier"], VatId = said["supplier_vat"] },
        Net = Amount(said["net"]),
        Tax = Amount(said["tax"]),
        Gross = Amount(said["gross"]),
    };

    private static DuplicateTraits Traits(IReadOnlyDictionary<string, string> said) => new()
    {
        DocumentId = Guid.NewGuid(),
        Sha256 = said["sha256"],
        SupplierName = said["supplier"],
        SupplierVatId = said["supplier_vat"],
        Number = said["invoice_number"],
        IssueDate = Date(said["issue_date"]),
        Currency = said["currency"],
        Gross = Amount(said["gross"]),
    };

    private static DateOnly Date(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static decimal? Amount(string text) => text.Length == 0 ? null : decimal.Parse(text, CultureInfo.InvariantCulture);
}
