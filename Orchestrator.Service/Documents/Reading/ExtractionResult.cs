namespace Orchestrator.Service.Documents.Reading;

/// <summary>What an extractor read from one invoice.</summary>
/// <param name="Extractor">The extractor's <see cref="IDocumentExtractor.Id"/>.</param>
/// <param name="Version">Its <see cref="IDocumentExtractor.Version"/>.</param>
/// <param name="Fields">The fields; empty where <paramref name="Failure"/> says that nothing could be read.</param>
/// <param name="Failure">Why a person must look at it or why it can't be read, or null when it is complete.</param>
/// <param name="Diagnostics">What else is worth knowing.</param>
public sealed record ExtractionResult(
    string Extractor,
    string Version,
    InvoiceFields Fields,
    ReadFailure? Failure,
    IReadOnlyList<ReadDiagnostic> Diagnostics)
{
    /// <summary>How the reading ended.</summary>
    public ReadStatus Status => Failure?.Status() ?? ReadStatus.Completed;
}
