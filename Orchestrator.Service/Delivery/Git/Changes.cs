using System.Globalization;
using System.Text;

namespace Orchestrator.Service.Delivery.Git;

/// <summary>Writes down what a branch has that its base has not.</summary>
internal sealed class Changes(GitRunner git)
{
    private const int Most = 500;
    private const int LongestLine = 400;

    /// <summary>Text of the artifact of changes: a heading, commits, and files with added and removed lines against the merge base; the heading alone if no file differs.</summary>
    /// <param name="mirror">Of the repository; fetched.</param>
    /// <param name="head">Full hash.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<string> DescribeAsync(Mirror mirror, string head, CancellationToken cancellation)
    {
        const string Heading = "# Changes\n";
        var fork = await git.RunAsync(mirror.Path, ["merge-base", mirror.BaseRef, head], cancellation);
        if (fork is { Fault: GitFault.None, ExitCode: 1 })
            throw new GitFailedException(GitFault.Failed, $"{head} has no commit in common with {mirror.Base} of {mirror.Name}: the branch was not made from it.");
        fork.Must($"looking for the merge base of {mirror.Base} and {head}");
        var stat = (await git.RunAsync(mirror.Path, ["diff", "--numstat", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", fork.Line, head], cancellation)).Must("comparing the branch with its base").Fields;
        if (stat.Count == 0)
            return Heading;
        var commits = (await git.RunAsync(mirror.Path, ["log", "-z", "--format=%h %s", $"{mirror.BaseRef}..{head}"], cancellation)).Must("listing the branch's commits").Fields;

        var text = new StringBuilder(Heading);
        text.Append(CultureInfo.InvariantCulture, $"\n## Commits that {mirror.Base} has not: {commits.Count}\n\n");
        Lines(text, commits);
        text.Append(CultureInfo.InvariantCulture, $"\n## Files: {stat.Count}\n\n");
        Lines(text, [.. stat.Select(line => line.Split('\t', 3) is [var added, var removed, var path] ? $"{path} (+{added} -{removed})" : line)]);
        return text.ToString();
    }

    // Each line is part of a list, so that no name and no subject can be taken for a verdict or a heading.
    private static void Lines(StringBuilder text, IReadOnlyList<string> lines)
    {
        foreach (var line in lines.Take(Most))
        {
            text.Append("- ");
            foreach (var c in line.AsSpan(0, line.Length <= LongestLine ? line.Length : char.IsHighSurrogate(line[LongestLine - 1]) ? LongestLine - 1 : LongestLine))
                text.Append(char.IsControl(c) || c is '\u2028' or '\u2029' ? '?' : c);
            text.Append('\n');
        }

        if (lines.Count > Most)
            text.Append(CultureInfo.InvariantCulture, $"- and {lines.Count - Most} more\n");
    }
}
