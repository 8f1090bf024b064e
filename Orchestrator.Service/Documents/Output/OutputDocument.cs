using Orchestrator.Service.Documents.Matching;

namespace Orchestrator.Service.Documents.Output;

/// <summary>All that an output is made of. Nothing else may find its way into the bytes.</summary>
public sealed record OutputDocument
{
    public required string Tenant { get; init; }
    public required Guid DocumentId { get; init; }
    /// <summary>Which reading of the document this is; a new reading is a new output.</summary>
    public required int ExtractionRevision { get; init; }
    public required Invoice Invoice { get; init; }
    public MatchOutcome? Match { get; init; }
    /// <summary>What a person decided about it ("approved despite BR-CO-15"), oldest first.</summary>
    public IReadOnlyList<string> Decisions { get; init; } = [];
}

public enum OutputKind
{
    /// <summary>The whole invoice as canonical JSON.</summary>
    Json,
    /// <summary>One booking line for each VAT rate, as CSV.</summary>
    BookingCsv,
}

/// <summary>The format of each kind. A change to what is written is a new name here, so that old outputs are told from new ones.</summary>
internal static class OutputTemplate
{
    public const string Json = "invoice-json/1";
    public const string BookingCsv = "booking-csv/1";

    public static string Of(OutputKind kind) => kind switch
    {
        OutputKind.Json => Json,
        OutputKind.BookingCsv => BookingCsv,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind of output."),
    };
}
