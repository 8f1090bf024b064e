using System.Text;
using Orchestrator.Service.Classify;

namespace Orchestrator.Service.Delivery.Merging;

/// <summary>What development is told when a merge sends a task back.</summary>
internal static class MergeNotes
{
    private const int MostFiles = 50;

    /// <param name="baseBranch">Name of the base branch.</param>
    /// <param name="baseCommit">Its commit; null if it is not known.</param>
    /// <param name="files">With conflicts; none if they are not known.</param>
    public static string Conflict(string baseBranch, string? baseCommit, IReadOnlyList<string> files)
    {
        var text = new StringBuilder();
        text.Append("The branch conflicts with ").Append(baseBranch).Append(baseCommit is null ? "" : $" ({baseCommit})").Append(". Nothing was merged.\n");
        List(text, "Files with conflicts:", files);
        return Recipe(text, baseBranch, baseCommit);
    }

    /// <param name="baseBranch">Name of the base branch.</param>
    /// <param name="baseCommit">Its commit.</param>
    /// <param name="lost">Lines that the branch adds, and that are gone after the rebase.</param>
    public static string LinesLost(string baseBranch, string baseCommit, IReadOnlyList<LostLine> lost)
    {
        var text = new StringBuilder();
        text.Append("A rebase onto ").Append(baseBranch).Append(" (").Append(baseCommit).Append(") met no conflict, and yet lines that the branch adds are not there after it. Nothing was merged or pushed.\n");
        List(text, "Lines that would be lost:", [.. lost.Select(line => $"{line.File}: {(line.Times > 1 ? $"{line.Times} times " : "")}{Ellipsis.Of(line.Text, 200)}")]);
        return Recipe(text, baseBranch, baseCommit);
    }

    private static string Recipe(StringBuilder text, string baseBranch, string? baseCommit)
    {
        var onto = baseCommit ?? $"origin/{baseBranch}";
        return text.Append("\nIn the worktree:\n\n")
            .Append("    git rebase ").Append(onto).Append('\n')
            .Append("    # in each file with conflicts keep what both sides meant, then\n")
            .Append("    git add FILE && git rebase --continue\n")
            .Append("    # and see that all that the branch adds is still there\n")
            .Append("    git diff ").Append(onto).Append("...HEAD\n")
            .ToString();
    }

    private static void List(StringBuilder text, string title, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
            return;
        text.Append('\n').Append(title).Append("\n\n");
        foreach (var line in lines.Take(MostFiles))
            text.Append("- ").Append(string.Concat(line.Select(c => char.IsControl(c) ? '?' : c))).Append('\n');
        if (lines.Count > MostFiles)
            text.Append("- and ").Append(lines.Count - MostFiles).Append(" more\n");
    }
}
