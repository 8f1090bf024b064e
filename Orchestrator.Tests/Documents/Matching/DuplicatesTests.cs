using Orchestrator.Service.Documents.Matching;

namespace Orchestrator.Tests.Documents.Matching;

[Trait("Requirement", "DOC-2")]
public class DuplicatesTests
{
    private static readonly DuplicateTraits First = new()
    {
        DocumentId = Guid.NewGuid(), Sha256 = "a", SupplierName = "Lieferant GmbH", SupplierVatId = "DE123456789", Number = "471102", IssueDate = new(2018, 3, 5), Currency = "EUR", Gross = 529.87m, TextHash = "t1",
    };

    private static readonly DuplicateTraits Other = First with { DocumentId = Guid.NewGuid(), Sha256 = "b", TextHash = "t2" };

    [Fact]
    public void The_same_bytes_are_a_copy_whatever_was_read_from_them() => Assert.Equal(100, Score(Other with { Sha256 = "a", Number = "x", Gross = 1, TakesBack = true }));

    [Fact]
    public void Supplier_number_date_and_total_together_are_a_copy() => Assert.Equal(95, Score(Other with { SupplierName = "LIEFERANT", Number = "47-1102" }));

    [Fact]
    public void A_number_used_again_is_a_question_and_never_a_copy()
    {
        Assert.Equal(60, Score(Other with { Gross = 235.62m }));
        Assert.Equal(60, Score(Other with { IssueDate = new(2018, 6, 5) }));
    }

    [Fact]
    public void The_same_total_within_three_days_under_another_number_is_a_question()
    {
        Assert.Equal(55, Score(Other with { Number = "471103", IssueDate = new(2018, 3, 8) }));
        Assert.Equal(0, Score(Other with { Number = "471103", IssueDate = new(2018, 3, 9) }));
    }

    [Fact]
    public void The_same_words_in_another_file_are_a_question() => Assert.Equal(70, Score(Other with { TextHash = "t1", Number = "471103", Gross = 1 }));

    [Fact]
    public void An_invoice_and_what_takes_it_back_are_no_copies() => Assert.Equal(0, Score(Other with { TakesBack = true, TextHash = "t1" }));

    [Fact]
    public void Another_supplier_may_use_the_same_number()
    {
        Assert.Equal(0, Score(Other with { SupplierVatId = "DE987654321" }));
        Assert.Equal(0, Score(Other with { SupplierVatId = null, SupplierName = "Großhandel Meier" }));
        Assert.Equal(0, Duplicates.Compare(First with { SupplierId = Guid.NewGuid() }, Other with { SupplierId = Guid.NewGuid() }, new())?.Score ?? 0);
    }

    [Fact]
    public void A_document_is_no_copy_of_itself_and_all_reasons_are_told_strongest_first()
    {
        Assert.Null(Duplicates.Compare(First, First, new()));
        var found = Duplicates.Find(First, [First, Other, Other with { DocumentId = Guid.NewGuid(), Sha256 = "a" }], new());
        Assert.Equal([100, 95], found.Select(score => score.Score));
        Assert.Equal(["The files are the same, byte for byte.", "Supplier, number, date and total are the same."], found[0].Reasons);
    }

    [Fact]
    public void The_text_counts_without_its_line_breaks_and_only_if_there_is_some()
    {
        Assert.Equal(Duplicates.TextHash("a b c d e f g h i j"), Duplicates.TextHash(" a b\nc\td e  f g h i j\n"));
        Assert.NotEqual(Duplicates.TextHash("a b c d e f g h i j"), Duplicates.TextHash("a b c d e f g h i k"));
        Assert.Null(Duplicates.TextHash("page 1"));
    }

    private static int Score(DuplicateTraits other) => Duplicates.Compare(First, other, new())?.Score ?? 0;
}
