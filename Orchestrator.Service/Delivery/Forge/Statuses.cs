namespace Orchestrator.Service.Delivery.Forge;

internal enum StatusState
{
    Pending,
    Success,
    Error,
    Failure,
    Warning,
    Skipped,
}

/// <param name="Context">Who says it, for instance "ci / test".</param>
/// <param name="State">What it says.</param>
/// <param name="Description">For people; at most 140 characters are sent.</param>
/// <param name="Page">Where more stands; none if null.</param>
internal sealed record CommitStatus(string Context, StatusState State, string Description = "", Uri? Page = null)
{
    /// <summary>Contexts of the service's own begin so. They tell of its work and prove nothing to it.</summary>
    public const string Own = "orchestrator/";
}

/// <param name="Commit">Full hash.</param>
/// <param name="Statuses">The newest of each context; none at all is no success.</param>
internal sealed record CombinedStatus(string Commit, IReadOnlyList<CommitStatus> Statuses)
{
    /// <summary>Without those of the service itself.</summary>
    public CombinedStatus OfOthers() => this with { Statuses = [.. Statuses.Where(status => !status.Context.StartsWith(CommitStatus.Own, StringComparison.Ordinal))] };

    /// <summary>What is known of these contexts: each must be there, and be a success.</summary>
    /// <param name="required">Contexts; without any, all that are there must be successes, and one must be there.</param>
    public ChecksState Of(IReadOnlyCollection<string> required)
    {
        var concerned = required.Count == 0 ? Statuses : [.. Statuses.Where(status => required.Contains(status.Context))];
        if (concerned.Any(status => status.State is StatusState.Error or StatusState.Failure))
            return ChecksState.Failed;
        if (concerned.Count == 0 && required.Count == 0)
            return ChecksState.None;
        return required.All(context => concerned.Any(status => status.Context == context)) && concerned.All(status => status.State is StatusState.Success or StatusState.Warning or StatusState.Skipped)
            ? ChecksState.Passed : ChecksState.Pending;
    }
}

internal enum ChecksState
{
    /// <summary>Nobody has said anything.</summary>
    None,

    /// <summary>Some are missing or under way.</summary>
    Pending,

    Failed,
    Passed,
}
