namespace Orchestrator.Service.Delivery.Merging;

/// <summary>What follows a drive of a merge.</summary>
internal abstract record MergeStep
{
    /// <summary>It is merged.</summary>
    /// <param name="Commit">The merge commit, where it is known.</param>
    /// <param name="Why">For the record.</param>
    public sealed record Finalize(string? Commit, string Why) : MergeStep;

    /// <summary>Look again later: nobody's fault.</summary>
    public sealed record Wait(TimeSpan For, string Why) : MergeStep;

    /// <summary>What would land is not what passed the gates, or not enough passed: ask them again.</summary>
    /// <param name="Head">Of the branch now; full hash.</param>
    /// <param name="Why">For the record.</param>
    public sealed record RunGates(string Head, string Why) : MergeStep;

    /// <summary>Back to development, at the cost of a developer's retry.</summary>
    public sealed record Bounce(string Note) : MergeStep;

    /// <summary>A person must look: permissions, settings, or infrastructure that did not come back.</summary>
    public sealed record Hold(string Reason) : MergeStep;

    /// <summary>The same again: infrastructure, or the base moved.</summary>
    public sealed record Retry(TimeSpan After, string Why) : MergeStep;

    /// <summary>There is nothing to merge any more; whether the task ends, its own rules say.</summary>
    public sealed record Drop(string Reason) : MergeStep;
}
