using Orchestrator.Persistence.Documents;
using Orchestrator.Service.Documents;

namespace Orchestrator.Tests.Documents;

[Trait("Requirement", "DOC-3")]
public sealed class FamilyTests
{
    [Theory]
    [InlineData(DocumentStatus.Received, FamilyState.Open)]
    [InlineData(DocumentStatus.Split, FamilyState.Open)]
    [InlineData(DocumentStatus.Extracted, FamilyState.Open)]
    [InlineData(DocumentStatus.Matched, FamilyState.Open)]
    [InlineData(DocumentStatus.Exported, FamilyState.Completed)]
    [InlineData(DocumentStatus.Duplicate, FamilyState.Completed)]
    [InlineData(DocumentStatus.Superseded, FamilyState.Completed)]
    [InlineData(DocumentStatus.NeedsReview, FamilyState.CompletedWithFailures)]
    [InlineData(DocumentStatus.Failed, FamilyState.CompletedWithFailures)]
    public void One_child_decides_when_all_others_are_through(DocumentStatus child, FamilyState expected) =>
        Assert.Equal(expected, Family.StateOf(new Dictionary<DocumentStatus, int> { [DocumentStatus.Exported] = 21, [child] = 1 }));

    [Fact]
    public void While_a_worker_has_something_to_do_the_family_is_open_whatever_has_failed() =>
        Assert.Equal(FamilyState.Open, Family.StateOf(new Dictionary<DocumentStatus, int> { [DocumentStatus.Failed] = 20, [DocumentStatus.NeedsReview] = 1, [DocumentStatus.Matched] = 1 }));
}
