namespace Orchestrator.Service.Documents.Reading;

/// <summary>
/// Reads the fields of one invoice from a file. It never throws for what is in the file; it throws for a cancellation and for faults of the
/// machine, which are worth a retry.
/// </summary>
public interface IDocumentExtractor
{
    /// <summary>A short name that stays; with <see cref="Version"/> it is the key of a stored result.</summary>
    string Id { get; }

    /// <summary>Changes whenever the same file may give another result.</summary>
    string Version { get; }

    /// <summary>Whether it has anything to say about such a file. No I/O.</summary>
    bool CanHandle(DocumentProbe probe);

    /// <summary>Reads the fields.</summary>
    Task<ExtractionResult> ExtractAsync(DocumentFile file, CancellationToken cancellation);
}
