using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Service.Delivery.Reserved;

/// <summary>What the service writes down of a merge, as the artifact that the gate and people read.</summary>
/// <param name="PullRequest">Its number.</param>
/// <param name="Commit">Full hash of what main holds now.</param>
/// <param name="Why">How it came to be there, a sentence.</param>
internal sealed partial record MergeRecord(long PullRequest, string Commit, string Why)
{
    /// <summary>For people, in one line.</summary>
    public string Sentence => string.Create(CultureInfo.InvariantCulture, $"Pull request {PullRequest}, commit {Commit}. {Why}");

    /// <summary>The artifact.</summary>
    public string Text => $"# Merge\n\nmerge: DONE\n\n{Sentence}\n";

    /// <summary>What was written; null for what an agent or a runner of one's own pipeline left instead.</summary>
    public static MergeRecord? Read(string? artifact) => artifact is not null && Written().Match(artifact) is { Success: true } line
        ? new MergeRecord(long.Parse(line.Groups["number"].Value, CultureInfo.InvariantCulture), line.Groups["commit"].Value, line.Groups["why"].Value) : null;

    [GeneratedRegex(@"^Pull request (?<number>[0-9]{1,18}), commit (?<commit>[0-9a-f]{40}|[0-9a-f]{64})\. (?<why>.*)$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Written();
}
