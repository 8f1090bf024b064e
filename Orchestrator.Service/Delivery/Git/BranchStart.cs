namespace Orchestrator.Service.Delivery.Git;

/// <summary>How the branch of this host stands to the pushed one.</summary>
internal enum Standing
{
    Same,

    /// <summary>It has all that was pushed, and more.</summary>
    Ahead,

    /// <summary>What was pushed has all of it, and more: the task went on elsewhere.</summary>
    Behind,

    /// <summary>Each has something of its own.</summary>
    Diverged,
}

/// <summary>Where work on a branch goes on.</summary>
/// <param name="Commit">From here.</param>
/// <param name="Aside">A commit that would be lost by that, and is kept under a name of its own; null if there is none.</param>
internal sealed record BranchStart(string Commit, string? Aside)
{
    /// <summary>
    /// The pushed branch if there is one, else the base. Commits of this host that were not pushed are kept while nobody else has pushed: they are the work of a step whose end was lost. Where somebody has, theirs counts.
    /// </summary>
    /// <param name="local">The branch in the mirror; null if there is none.</param>
    /// <param name="pushed">The remote's branch; null if there is none.</param>
    /// <param name="known">What the remote's branch was when the local one took it in; null if there was none.</param>
    /// <param name="baseTip">The base branch.</param>
    /// <param name="standing">Of local to pushed; ignored where one is missing.</param>
    public static BranchStart Of(string? local, string? pushed, string? known, string baseTip, Standing standing) => (local, pushed) switch
    {
        (null, _) => new(pushed ?? baseTip, null),
        (_, null) => new(local, null),
        _ when standing is Standing.Same or Standing.Ahead => new(local, null),
        _ when standing is Standing.Behind => new(pushed, null),
        _ when pushed == known => new(local, null), // rewritten here
        _ => new(pushed, local == known ? null : local), // what was pushed before is not lost
    };
}
