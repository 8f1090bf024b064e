using Orchestrator.Service.Documents;
using Orchestrator.Service.Documents.Matching;

namespace Orchestrator.Tests.Documents.Matching;

public class SupplierIdentificationTests
{
    private static readonly MatchingOptions Options = new();
    private static readonly KnownSupplier Kessler = new() { Id = Guid.NewGuid(), Name = "Metallbau Kessler KG", VatId = "DE 999 100 050", Ibans = ["DE75 9999 0000 0010 0100 50"] };
    private static readonly KnownSupplier Rovere = new() { Id = Guid.NewGuid(), Name = "Officina Meccanica Rovere S.r.l.", VatId = "IT99910010170" };
    private static readonly KnownSupplier RovereEast = new() { Id = Guid.NewGuid(), Name = "Officina Rovere Est S.r.l.", VatId = "IT99910010170", Ibans = ["IT24X9999999999000000010018"] };

    [Fact]
    public void The_VAT_id_comes_first_however_it_is_written() =>
        Assert.Equal((Kessler, SupplierClue.VatId), Known(new() { Name = "Something else", VatId = "de999100050" }));

    [Fact]
    public void The_IBAN_comes_second() => Assert.Equal((Kessler, SupplierClue.Iban), Known(new() { VatId = "DE000000000", Iban = "DE75999900000010010050" }));

    [Theory]
    [InlineData("METALLBAU KESSLER")]
    [InlineData("Kessler Metallbau GmbH & Co. KG")]
    [InlineData("Métallbau  Kessler, K.G.")]
    [InlineData("Metallbau Kesler KG")]
    public void The_name_comes_last_without_case_accents_order_and_legal_form(string name) => Assert.Equal((Kessler, SupplierClue.Name), Known(new() { Name = name }));

    [Theory]
    [InlineData("Metallbau Kestner")]
    [InlineData("Holzbau Kessler KG")]
    [InlineData("KG")]
    [InlineData(null)]
    public void A_name_that_is_not_much_alike_is_nobody(string? name) => Assert.IsType<SupplierFinding.Unknown>(Find(new() { Name = name }));

    [Fact]
    public void One_VAT_id_of_several_branches_is_told_apart_by_account_or_name_or_not_at_all()
    {
        Assert.Equal(RovereEast, Known(new() { VatId = "IT99910010170", Iban = "IT24X9999999999000000010018" }).Supplier);
        Assert.Equal(Rovere, Known(new() { VatId = "IT99910010170", Name = "OFFICINA MECCANICA ROVERE SRL" }).Supplier);
        var several = Assert.IsType<SupplierFinding.Ambiguous>(Find(new() { VatId = "IT99910010170" }));
        Assert.Equal(2, several.Candidates.Count);
        Assert.StartsWith("2 suppliers fit by VAT id: ", several.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Müller & Söhne GmbH & Co. KG", "muller sohne")]
    [InlineData("Officina Rovere S.r.l.", "officina rovere")]
    [InlineData("Suministros Industriales Ebro, S.L.", "suministros industriales ebro")]
    [InlineData("Fietsenhuis Van Dijk B.V.", "fietsenhuis van dijk")]
    [InlineData("Weiß e.K.", "weiss")]
    [InlineData("AG", "ag")]
    [InlineData("", "")]
    public void Names_are_normalised(string name, string normalised) => Assert.Equal(normalised, CompanyName.Normalise(name));

    [Theory]
    [InlineData("FA-2026-0117", "FA20260117")]
    [InlineData(" re / 00508 ", "RE00508")]
    [InlineData("000042", "42")]
    [InlineData("000", "0")]
    [InlineData("–", "")]
    [InlineData(null, "")]
    public void Numbers_are_normalised(string? number, string normalised) => Assert.Equal(normalised, Identifiers.Normalise(number));

    private static SupplierFinding Find(Party party) => SupplierIdentification.Identify(party, [Kessler, Rovere, RovereEast], Options);

    private static (KnownSupplier Supplier, SupplierClue Clue) Known(Party party) => Find(party) is SupplierFinding.Known known ? (known.Supplier, known.Clue) : throw new Xunit.Sdk.XunitException($"Not known: {Find(party)}");
}
