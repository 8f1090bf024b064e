using Orchestrator.Service.Documents;
using Orchestrator.Service.Documents.Diagnostics;
using Orchestrator.Service.Documents.Matching;

namespace Orchestrator.Tests.Documents.Diagnostics;

[Trait("Requirement", "DOC-5")]
public class InvoiceRulesTests
{
    private static readonly DateOnly Today = new(2026, 3, 20);

    [Fact]
    public void A_whole_invoice_that_adds_up_gives_nothing_to_say() => Assert.Empty(Check(Whole));

    [Theory]
    [InlineData("BR-CO-10", "BT-106", "3600.00", "3608.80")]
    [InlineData("BR-CO-13", "BT-109", "3608.80", "3598.80")]
    [InlineData("BR-CO-14", "BT-110", "685.67", "685.60")]
    [InlineData("BR-CO-15", "BT-112", "4294.47", "4394.47")]
    [InlineData("BR-CO-16", "BT-115", "4294.47", "4000.00")]
    [InlineData("BR-CO-17", "BT-117", "685.67", "586.00")]
    public void Each_sum_that_does_not_close_is_told_with_both_values(string rule, string term, string expected, string actual)
    {
        var broken = rule switch
        {
            "BR-CO-10" => Whole with { Lines = [Whole.Lines[0] with { Net = 3600m }] },
            "BR-CO-13" => Whole with { Net = 3598.80m, Tax = 695.67m, VatLines = [Whole.VatLines[0] with { Tax = 695.67m, Rate = null }] },
            "BR-CO-14" => Whole with { VatLines = [Whole.VatLines[0] with { Tax = 685.67m }], Tax = 685.60m, Gross = 4294.40m, Payable = 4294.40m },
            "BR-CO-15" => Whole with { Gross = 4394.47m, Payable = 4394.47m },
            "BR-CO-16" => Whole with { Payable = 4000m },
            _ => Whole with { VatLines = [Whole.VatLines[0] with { Tax = 586m }], Tax = 586m, Gross = 4194.80m, Payable = 4194.80m },
        };
        var diagnostic = Assert.Single(Check(broken), found => found.Rule == rule);
        Assert.Equal((Severity.Error, expected, actual), (diagnostic.Severity, diagnostic.Expected, diagnostic.Actual));
        Assert.Contains(term, diagnostic.Terms);
        Assert.Single(Check(broken));
    }

    [Fact]
    public void Allowances_charges_prepayments_and_rounding_take_their_part()
    {
        var invoice = Whole with { Allowances = 100m, Charges = 14.90m, Net = 3523.70m, Tax = 669.50m, Gross = 4193.20m, Prepaid = 1000m, Rounding = -0.20m, Payable = 3193.00m, VatLines = [Whole.VatLines[0] with { Base = 3523.70m, Tax = 669.50m }] };
        Assert.Empty(Check(invoice));
    }

    [Fact]
    public void The_rate_may_be_missed_by_less_than_one_as_the_published_rules_allow() =>
        Assert.Empty(Check(Whole with { VatLines = [Whole.VatLines[0] with { Tax = 686.60m }], Tax = 686.60m, Gross = 4295.40m, Payable = 4295.40m }));

    [Fact]
    public void A_MINIMUM_invoice_is_held_to_its_own_promise()
    {
        // It states neither lines nor breakdown nor what was prepaid, so what is due need not be the total.
        var minimum = Whole with { Profile = InvoiceProfile.Minimum, LinesTotal = null, Lines = [], VatLines = [], Payable = 4000m, DueDate = null, Buyer = new() { Name = "B" }, Supplier = Whole.Supplier with { Country = "FR" } };
        Assert.Empty(Check(minimum));
        Assert.Equal(["BR-CO-15"], Check(minimum with { Gross = 1m }).Select(found => found.Rule));
        Assert.Equal(["BR-CO-16"], Check(minimum with { Profile = InvoiceProfile.En16931, Buyer = Whole.Buyer, LinesTotal = 3608.80m, Lines = Whole.Lines, DueDate = Whole.DueDate }).Select(found => found.Rule));
        Assert.Equal("ProfileNotAnInvoice", Assert.Single(Check(minimum with { Supplier = Whole.Supplier })).Rule);
    }

    [Fact]
    public void BASIC_WL_needs_no_lines_and_the_full_profiles_do()
    {
        Assert.Empty(Check(Whole with { Profile = InvoiceProfile.BasicWithoutLines, Lines = [], Supplier = Whole.Supplier with { Country = "FR" } }));
        Assert.Equal("BR-16", Assert.Single(Check(Whole with { Lines = [] })).Rule);
    }

    [Theory]
    [InlineData("BR-02")]
    [InlineData("BR-03")]
    [InlineData("BR-05")]
    [InlineData("BR-14")]
    public void The_four_minimum_fields_are_errors_on_any_document(string rule)
    {
        var print = new Invoice { Number = "1", IssueDate = Today, Currency = "EUR", Gross = 10m };
        Assert.Empty(Check(print));
        var lacking = rule switch { "BR-02" => print with { Number = " " }, "BR-03" => print with { IssueDate = null }, "BR-05" => print with { Currency = null }, _ => print with { Gross = null } };
        Assert.Equal((rule, Severity.Error), Assert.Single(Check(lacking)) is var found ? (found.Rule, found.Severity) : default);
    }

    [Fact]
    public void Structured_invoices_must_say_who_from_and_when_to_pay()
    {
        var bare = Whole with { TypeCode = null, Supplier = Party.Unknown, Buyer = Party.Unknown, DueDate = null, Net = null, Payable = null, LinesTotal = null };
        Assert.Equal(["BR-04", "BR-06", "BR-07", "BR-09", "BR-13", "BR-15", "BR-11", "BR-12"], Check(bare).Select(found => found.Rule));
        Assert.Equal("BR-CO-25", Assert.Single(Check(Whole with { DueDate = null })).Rule);
        Assert.Empty(Check(Whole with { DueDate = null, PaymentTerms = "30 days" }));
    }

    [Fact]
    public void A_third_decimal_is_told_once_a_term()
    {
        var found = Check(Whole with { Lines = [Whole.Lines[0] with { Net = 1804.402m }, Whole.Lines[0] with { Net = 1804.399m }] }); // their sum is rounded like the standard's
        Assert.Equal("BR-DEC-23", Assert.Single(found).Rule);
    }

    [Fact]
    public void Dates_are_held_against_the_day_that_is_passed_in()
    {
        Assert.Equal("DateInFuture", Assert.Single(Check(Whole with { IssueDate = Today.AddDays(1), DueDate = Today.AddDays(9) })).Rule);
        Assert.Empty(Check(Whole with { IssueDate = Today.AddYears(-1) }));
        Assert.Equal("DateTooOld", Assert.Single(Check(Whole with { IssueDate = Today.AddYears(-1).AddDays(-1) })).Rule);
        Assert.Equal("DueBeforeIssue", Assert.Single(Check(Whole with { DueDate = Whole.IssueDate!.Value.AddDays(-1) })).Rule);
    }

    [Fact]
    public void A_print_that_differs_from_its_XML_is_told_for_each_field()
    {
        var found = InvoiceRules.Check(Input(Whole) with { Printed = new("26-9999", new(2026, 2, 27), "USD", 4750.12m) });
        Assert.Equal(["BT-1", "BT-2", "BT-5", "BT-112"], found.Select(diagnostic => Assert.Single(diagnostic.Terms)));
        Assert.All(found, diagnostic => Assert.Equal(("XmlPrintMismatch", Severity.Error), (diagnostic.Rule, diagnostic.Severity)));
        Assert.Equal(("4294.47", "4750.12"), (found[3].Expected, found[3].Actual));
        Assert.Empty(InvoiceRules.Check(Input(Whole) with { Printed = new("26 3301", Whole.IssueDate, "eur", -4294.47m) })); // written otherwise, said the same
        Assert.Empty(InvoiceRules.Check(Input(Whole) with { Printed = new(null, null, null, null) }));
    }

    [Fact]
    public void A_strangers_account_is_told_and_a_mistyped_one()
    {
        var known = new SupplierFinding.Known(new() { Id = Guid.NewGuid(), Name = "Metallbau Kessler KG", VatId = "DE999100050", Ibans = ["DE44999900000010010026"] }, SupplierClue.VatId);
        Assert.Equal("IbanChanged", Assert.Single(InvoiceRules.Check(Input(Whole) with { Supplier = known })).Rule);
        Assert.Empty(InvoiceRules.Check(Input(Whole) with { Supplier = known with { Supplier = known.Supplier with { Ibans = ["DE75 9999 0000 0010 0100 50"] } } }));
        Assert.Equal("IbanInvalid", Assert.Single(Check(Whole with { Supplier = Whole.Supplier with { Iban = "DE74999900000010010050" } })).Rule);
        Assert.Equal("VatIdUnknown", Assert.Single(InvoiceRules.Check(Input(Whole with { Supplier = Whole.Supplier with { VatId = "DE1", Iban = null } }) with { Supplier = known })).Rule);
    }

    [Fact]
    public void The_orders_currency_counts() => Assert.Equal("CurrencyDiffersFromOrder", Assert.Single(InvoiceRules.Check(Input(Whole) with { OrderCurrency = "CHF" })).Rule);

    [Theory]
    [InlineData("urn:factur-x.eu:1p0:minimum", InvoiceProfile.Minimum)]
    [InlineData("urn:factur-x.eu:1p0:basicwl", InvoiceProfile.BasicWithoutLines)]
    [InlineData("urn:cen.eu:en16931:2017:compliant:factur-x.eu:1p0:basic", InvoiceProfile.Basic)]
    [InlineData("urn:cen.eu:en16931:2017", InvoiceProfile.En16931)]
    [InlineData("urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0", InvoiceProfile.En16931)]
    [InlineData("urn:cen.eu:en16931:2017#conformant#urn:zugferd.de:2p0:extended", InvoiceProfile.Extended)]
    [InlineData("urn:ferd:CrossIndustryDocument:invoice:1p0:comfort", InvoiceProfile.En16931)]
    [InlineData(null, InvoiceProfile.Unknown)]
    public void The_profile_is_read_from_the_specification(string? specification, InvoiceProfile profile) => Assert.Equal(profile, InvoiceProfiles.FromSpecification(specification));

    internal static Invoice Whole { get; } = new()
    {
        Number = "26-3301", TypeCode = "380", IssueDate = new(2026, 2, 26), DueDate = new(2026, 3, 12), Currency = "EUR", Profile = InvoiceProfile.En16931, PurchaseOrder = "4500-118147",
        Supplier = new() { Name = "Metallbau Kessler KG", VatId = "DE999100050", Country = "DE", Iban = "DE75999900000010010050" },
        Buyer = new() { Name = "Acme Maschinenbau GmbH", Country = "DE" },
        LinesTotal = 3608.80m, Net = 3608.80m, Tax = 685.67m, Gross = 4294.47m, Payable = 4294.47m,
        VatLines = [new() { Base = 3608.80m, Tax = 685.67m, Category = "S", Rate = 19 }],
        Lines = [new() { Id = "1", Name = "Gehäuse", Quantity = 1, Price = 3608.80m, Net = 3608.80m }],
    };

    private static DiagnosticInput Input(Invoice invoice) => new() { Invoice = invoice, Today = Today };

    private static IReadOnlyList<Diagnostic> Check(Invoice invoice) => InvoiceRules.Check(Input(invoice));
}
