using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Contracts;
using Orchestrator.Persistence.Tasks;

namespace Orchestrator.Service.Delivery.Reserved;

/// <summary>The task that rolls a delivery back. Its key says of what, so that there is one for a delivery, whatever dies and however often it is looked after.</summary>
internal static partial class RollbackTask
{
    private const string Prefix = "rollback:";
    private const int LongestTitle = 200, MostLines = 100;

    public static string KeyOf(Guid delivered) => $"{Prefix}{delivered:N}";

    /// <summary>A rollback that does not stay well is a person's business: another one would bring back what was rolled back.</summary>
    public static bool IsOne(DeliveryTask task) => task.ExternalKey?.StartsWith(Prefix, StringComparison.Ordinal) == true;

    /// <param name="task">What was delivered.</param>
    /// <param name="merge">The artifact of its merge; null if there is none.</param>
    /// <param name="seen">What was seen after it, a line each.</param>
    public static OpenTask Of(DeliveryTask task, string? merge, IReadOnlyList<string> seen)
    {
        var commit = merge is not null && Commits().Match(merge) is { Success: true } found ? found.Groups[1].Value : task.HeadSha ?? "";
        return new OpenTask
        {
            Repository = task.Repository,
            Title = Cut($"Roll back: {task.Title}"),
            ExternalKey = KeyOf(task.Id),
            Description = string.Create(CultureInfo.InvariantCulture,
                $"""
                # Roll back: {task.Title}

                The delivery of task {task.Id}{(task.PullRequest is { } number ? $", pull request {number}," : "")} did not stay well. Revert commit {commit}, and nothing else: where it is a merge, what counts
                is its first parent (`git revert -m 1 {commit}`). Where something was built on it since, keep that working.

                ## What was seen

                {string.Join('\n', seen.Count <= MostLines ? seen : [seen[0], "- and more before", .. seen.TakeLast(MostLines - 2)])}
                """).Replace('\0', ' '),
        };
    }

    private static string Cut(string title) =>
        title.Length <= LongestTitle ? title : title[..(char.IsHighSurrogate(title[LongestTitle - 2]) ? LongestTitle - 2 : LongestTitle - 1)] + "…";

    // As DeployStage writes it.
    [GeneratedRegex(@"\bcommit ([0-9a-f]{40})\b")]
    private static partial Regex Commits();
}
