using Orchestrator.Service.Documents;
using Orchestrator.Service.Documents.Diagnostics;
using Orchestrator.Service.Documents.Matching;

namespace Orchestrator.Tests.Documents.Diagnostics;

[Trait("Requirement", "DOC-5")]
public class ReviewingTests
{
    private static readonly Invoice Whole = InvoiceRulesTests.Whole;
    private static readonly MatchOutcome Matched = new(MatchStatus.Matched, "") { SupplierId = Guid.NewGuid() };

    [Fact]
    public void Only_a_checked_matched_and_unique_invoice_goes_on_by_itself() => Assert.IsType<ReviewDecision.Approve>(Decide(Whole, Matched));

    [Fact]
    public void Each_missing_minimum_field_asks_a_person()
    {
        foreach (var lacking in new[] { Whole with { Number = null }, Whole with { IssueDate = null }, Whole with { Currency = null }, Whole with { Gross = null } })
            Assert.Single(Assert.IsType<ReviewDecision.Review>(Decide(lacking, Matched)).Reasons);
    }

    [Fact]
    public void A_total_that_nothing_was_checked_against_asks_a_person()
    {
        var print = new Invoice { Number = "1", IssueDate = new(2026, 3, 1), Currency = "EUR", Gross = 10m };
        Assert.StartsWith("The total could not be checked", Assert.Single(Assert.IsType<ReviewDecision.Review>(Decide(print, Matched)).Reasons), StringComparison.Ordinal);
        Assert.IsType<ReviewDecision.Approve>(Decide(print with { Net = 8m, Tax = 2m }, Matched));
    }

    [Fact]
    public void No_match_and_no_known_supplier_ask_a_person()
    {
        Assert.Equal(["It is not matched yet."], Assert.IsType<ReviewDecision.Review>(Decide(Whole, null)).Reasons);
        Assert.Equal(["too much"], Assert.IsType<ReviewDecision.Review>(Decide(Whole, new(MatchStatus.PriceVariance, "too much"))).Reasons);
        Assert.Equal(["The supplier is not in the master data."], Assert.IsType<ReviewDecision.Review>(Decide(Whole, Matched with { SupplierId = null })).Reasons);
        Assert.IsType<ReviewDecision.Approve>(Decide(Whole, Matched with { Status = MatchStatus.MatchedWithinTolerance }));
    }

    [Theory]
    [InlineData(49, "Approve")]
    [InlineData(50, "Review")]
    [InlineData(89, "Review")]
    [InlineData(90, "Duplicate")]
    public void A_likely_copy_asks_and_a_sure_one_blocks(int score, string decision) =>
        Assert.Equal(decision, Decide(Whole, Matched, new DuplicateScore(Guid.NewGuid(), score, ["alike"])).GetType().Name);

    [Fact]
    public void Warnings_hinder_nothing_and_errors_do()
    {
        var warning = new Diagnostic("DateTooOld", Severity.Warning, "Old.", null, null, []);
        Assert.IsType<ReviewDecision.Approve>(Reviewing.Decide(Whole, [warning], Matched, []));
        Assert.Equal(["BR-CO-15: Wrong."], Assert.IsType<ReviewDecision.Review>(Reviewing.Decide(Whole, [warning with { Rule = "BR-CO-15", Severity = Severity.Error, Message = "Wrong." }], Matched, [])).Reasons);
    }

    private static ReviewDecision Decide(Invoice invoice, MatchOutcome? match, params DuplicateScore[] duplicates) =>
        Reviewing.Decide(invoice, InvoiceRules.Check(new() { Invoice = invoice, Today = new(2026, 3, 20) }), match, duplicates);
}
