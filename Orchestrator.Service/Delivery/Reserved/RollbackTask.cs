using System.Globalization;
using Orchestrator.Contracts;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Tasks;

namespace Orchestrator.Service.Delivery.Reserved;

/// <summary>The task that rolls a delivery back. Its key says of what, so that there is one for a delivery, whatever dies and however often it is looked after.</summary>
internal static class RollbackTask
{
    private const string Prefix = "rollback:";

    public static string KeyOf(Guid delivered) => $"{Prefix}{delivered:N}";

    /// <summary>A rollback that does not stay well is a person's business: another one would bring back what was rolled back.</summary>
    public static bool IsOne(DeliveryTask task) => task.ExternalKey?.StartsWith(Prefix, StringComparison.Ordinal) == true;

    /// <param name="task">What was delivered.</param>
    /// <param name="merge">How it was delivered; null if that is not written down.</param>
    /// <param name="seen">What was seen after it, a line each.</param>
    public static OpenTask Of(DeliveryTask task, MergeRecord? merge, IReadOnlyList<string> seen)
    {
        var commit = merge?.Commit ?? task.HeadSha ?? "";
        return new OpenTask
        {
            Repository = task.Repository,
            Title = TaskTitle.Of($"Roll back: {task.Title}"),
            ExternalKey = KeyOf(task.Id),
            Description = string.Create(CultureInfo.InvariantCulture,
                $"""
                # Roll back: {task.Title}

                The delivery of task {task.Id}{(task.PullRequest is { } number ? $", pull request {number}," : "")} did not stay well. Revert commit {commit}, and nothing else: where it is a merge, what counts
                is its first parent (`git revert -m 1 {commit}`). Where something was built on it since, keep that working.

                ## What was seen

                {string.Join('\n', seen)}
                """).Replace('\0', ' '),
        };
    }
}
