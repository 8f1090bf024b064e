using Orchestrator.Service.Delivery.Git;

namespace Orchestrator.Tests.Delivery.Git;

/// <summary>Where work on a branch goes on, for each thing that may have happened to it.</summary>
[Trait("Requirement", "FLOW-3")]
public sealed class BranchStartTests
{
    [Theory]
    [InlineData(null, null, null, "base", null)] // new
    [InlineData(null, "p", null, "p", null)] // begun on another host
    [InlineData("l", null, null, "l", null)] // committed here, and the push was lost
    [InlineData("l", null, "k", "l", null)] // the remote's branch was deleted
    public void What_is_missing_does_not_count(string? local, string? pushed, string? known, string commit, string? aside) =>
        Assert.Equal(new BranchStart(commit, aside), BranchStart.Of(local, pushed, known, "base", Standing.Same));

    [Theory]
    [InlineData(nameof(Standing.Same), "k", "l", null)]
    [InlineData(nameof(Standing.Ahead), "p", "l", null)]
    [InlineData(nameof(Standing.Behind), "l", "p", null)]
    [InlineData(nameof(Standing.Diverged), "p", "l", null)] // rewritten here after it was pushed
    [InlineData(nameof(Standing.Diverged), "k", "p", "l")] // both went on: theirs counts, ours is kept
    [InlineData(nameof(Standing.Diverged), "l", "p", null)] // rewritten there after ours was pushed
    [InlineData(nameof(Standing.Diverged), null, "p", "l")]
    public void What_was_pushed_by_others_counts_and_nothing_is_lost(string standing, string? known, string commit, string? aside) =>
        Assert.Equal(new BranchStart(commit, aside), BranchStart.Of("l", "p", known, "base", Enum.Parse<Standing>(standing)));
}
