namespace Orchestrator.Service.Documents.Reading;

/// <summary>Pages of a PDF, from 1, both ends included.</summary>
public readonly record struct PageRange(int First, int Last)
{
    /// <inheritdoc />
    public override string ToString() => $"{First}-{Last}";
}
