namespace Orchestrator.Persistence.Documents;

/// <summary>Where a document stands. It is no job's state: a job that found a file unreadable has succeeded, the document has failed.</summary>
public enum DocumentStatus
{
    /// <summary>Stored; nobody has looked into it.</summary>
    Received,

    /// <summary>It held several invoices and was cut; how it goes follows from its children.</summary>
    Split,

    /// <summary>Its fields were read.</summary>
    Extracted,

    /// <summary>It fits its order.</summary>
    Matched,

    /// <summary>A person has to look; the reason says at what.</summary>
    NeedsReview,

    /// <summary>Its outputs are written.</summary>
    Exported,

    /// <summary>It is a copy of another document.</summary>
    Duplicate,

    /// <summary>A newer version of the same object took its place.</summary>
    Superseded,

    /// <summary>It can't be read; the reason says what would help.</summary>
    Failed,
}

/// <summary>Statuses as the database and HTTP write them.</summary>
public static class DocumentStatuses
{
    private static readonly Dictionary<DocumentStatus, string> Texts = Enum.GetValues<DocumentStatus>()
        .ToDictionary(status => status, status => status is DocumentStatus.NeedsReview ? "needs_review" : status.ToString().ToLowerInvariant());

    private static readonly Dictionary<string, DocumentStatus> Values = Texts.ToDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

    /// <summary>All of them, in the order of a document's life.</summary>
    public static IReadOnlyCollection<string> All => Texts.Values;

    public static string ToText(this DocumentStatus status) => Texts[status];

    /// <exception cref="KeyNotFoundException">There is no such status.</exception>
    public static DocumentStatus Parse(string text) => Values[text];

    public static bool TryParse(string text, out DocumentStatus status) => Values.TryGetValue(text, out status);
}
