using System.Text;
using Orchestrator.Service.Delivery.Merging;
using Orchestrator.Tests.Delivery.Git;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Delivery.Merging;

/// <summary>What a branch adds is counted, and what a rebase loses of it is found. Texts are compared by git itself.</summary>
[Trait("Requirement", "MRG-3")]
public sealed class AddedLinesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public AddedLinesTests() => GitScene.Run(_folder.Path, "init", "--quiet");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_line_that_is_gone_is_found_with_its_file_and_number() =>
        Assert.Equal([new LostLine("log.md", "- mine", 2)], Lost(fork: "# Log\n", head: "# Log\n- mine\n- mine\n- both\n", onto: "# Log\n- theirs\n", after: "# Log\n- both\n- theirs\n"));

    [Fact]
    public void One_of_two_equal_lines_is_missed() =>
        Assert.Equal([new LostLine("log.md", "- mine", 1)], Lost(fork: "# Log\n", head: "# Log\n- mine\n- mine\n", onto: "# Log\nx\n", after: "# Log\nx\n- mine\n"));

    [Fact]
    public void What_is_all_there_is_not_lost() =>
        Assert.Empty(Lost(fork: "a\n{\n}\n", head: "a\n{\n}\nmine\n{\n}\n", onto: "a\ntheirs\n{\n}\n{\n}\n", after: "a\ntheirs\n{\n}\n{\n}\nmine\n{\n}\n"));

    [Fact]
    public void What_the_base_adds_too_is_there_and_need_not_be_there_twice() =>
        Assert.Empty(Lost(fork: "a\n", head: "a\nusing X;\n", onto: "a\nusing X;\n", after: "a\nusing X;\n"));

    [Fact]
    public void What_the_base_added_and_took_back_is_lost() =>
        Assert.Equal([new LostLine("log.md", "mine", 1)], Lost(fork: "a\n", head: "a\nmine\n", onto: "a\n", after: "a\n"));

    [Fact]
    public void A_line_that_only_moved_counts_for_nothing() =>
        Assert.Empty(Lost(fork: "a\nb\nc\nd\n", head: "b\nc\nd\na\n", onto: "a\nb\nc\nd\ne\n", after: "a\nb\nc\nd\ne\n"));

    [Fact]
    public void Lines_that_look_like_headers_are_lines() =>
        Assert.Equal([new LostLine("log.md", "++ b/other", 1), new LostLine("log.md", "@@ -1 +1 @@", 1)], Lost(fork: "-- a\n", head: "++ b/other\n@@ -1 +1 @@\n", onto: "-- a\n", after: "-- a\n"));

    [Fact]
    public void A_last_line_without_an_end_is_a_line() =>
        Assert.Equal([new LostLine("log.md", "mine", 1)], Lost(fork: "a", head: "a\nmine", onto: "a\nx", after: "a\nx"));

    [Fact]
    public void A_line_that_went_with_its_file_is_not_lost()
    {
        var own = Compare(("old.md", "a\n"), ("old.md", "a\nmine\n"));
        var onto = Compare(("old.md", "a\n"), ("new.md", "a\n"));

        Assert.Empty(AddedLines.Lost(own, onto, Compare(("new.md", "a\n"), ("new.md", "a\nmine\n"))));
        Assert.Single(AddedLines.Lost(own, onto, Compare(("new.md", "a\n"), ("new.md", "a\n"))));
        Assert.Single(AddedLines.Lost(own, Compare(("old.md", "a\n"), ("old.md", "a\n")), Compare(("new.md", "a\n"), ("new.md", "a\nmine\n"))));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_compared_as_they_are()
    {
        var lost = AddedLines.Lost(AddedLines.Read([.. "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+"u8, 0xE4, (byte)'\n']), AddedLines.Read([]), AddedLines.Read([.. "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+"u8, 0xE5, (byte)'\n']));

        Assert.Single(lost);
    }

    [Fact]
    public void Half_a_comparison_is_none() =>
        Assert.Throws<FormatException>(() => AddedLines.Read("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -0,0 +1,2 @@\n+one"u8));

    private IReadOnlyList<LostLine> Lost(string fork, string head, string onto, string after) =>
        AddedLines.Lost(Compare(("log.md", fork), ("log.md", head)), Compare(("log.md", fork), ("log.md", onto)), Compare(("log.md", onto), ("log.md", after)));

    private AddedLines Compare((string File, string Text) from, (string File, string Text) to) =>
        AddedLines.Read(Encoding.UTF8.GetBytes(GitScene.Run(_folder.Path, "diff", "--unified=0", "--no-renames", Tree(from.File, from.Text), Tree(to.File, to.Text)) + "\n"));

    private string Tree(string file, string text)
    {
        GitScene.Run(_folder.Path, "rm", "-r", "--quiet", "--cached", "--force", "--ignore-unmatch", ".");
        GitScene.Write(_folder.Path, file, text);
        GitScene.Run(_folder.Path, "add", "--", file);
        return GitScene.Run(_folder.Path, "write-tree");
    }
}
