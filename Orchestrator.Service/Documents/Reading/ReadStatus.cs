namespace Orchestrator.Service.Documents.Reading;

/// <summary>How the reading of one document ended.</summary>
public enum ReadStatus
{
    /// <summary>All that an invoice needs was read.</summary>
    Completed,

    /// <summary>A person has to look at it.</summary>
    NeedsReview,

    /// <summary>It can't be read at all.</summary>
    Failed,
}
