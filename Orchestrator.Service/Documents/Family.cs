using Orchestrator.Persistence.Documents;

namespace Orchestrator.Service.Documents;

/// <summary>How a document of several invoices does; always found from its children, never counted up.</summary>
public enum FamilyState
{
    /// <summary>A worker still has something to do with a child.</summary>
    Open,

    /// <summary>All children are through.</summary>
    Completed,

    /// <summary>No worker has anything left to do, and some children failed or wait for a person.</summary>
    CompletedWithFailures,
}

internal static class Family
{
    public static FamilyState StateOf(IReadOnlyDictionary<DocumentStatus, int> children) =>
        children.Keys.Any(status => status is DocumentStatus.Received or DocumentStatus.Split or DocumentStatus.Extracted or DocumentStatus.Matched) ? FamilyState.Open
        : children.Keys.Any(status => status is DocumentStatus.Failed or DocumentStatus.NeedsReview) ? FamilyState.CompletedWithFailures
        : FamilyState.Completed;
}
