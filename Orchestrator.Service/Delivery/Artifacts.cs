namespace Orchestrator.Service.Delivery;

/// <summary>What stages leave behind, by the names that prompts, gates and people know.</summary>
internal static class Artifacts
{
    public const string Request = "00-request.md";
    public const string Analysis = "01-analysis.md";
    public const string Architecture = "02-architecture.md";

    /// <summary>The commits of the branch that its base has not, made by the service when an agent has ended.</summary>
    public const string Changes = "03-changes.md";

    /// <summary><c>verdict: APPROVED</c> or <c>CHANGES_REQUESTED</c>.</summary>
    public const string Review = "12-review.md";

    /// <summary><c>result: PASS</c> or <c>FAIL</c>.</summary>
    public const string TestReport = "13-test-report.md";

    /// <summary><c>staging_status: SUCCESS</c> or <c>FAILED</c>.</summary>
    public const string StagingLog = "15-staging-log.md";

    /// <summary><c>merge: DONE</c>.</summary>
    public const string Merge = "16-merge.md";

    /// <summary><c>health: GOOD</c> or <c>BAD</c>.</summary>
    public const string PostDeploy = "17-post-deploy.md";
}
