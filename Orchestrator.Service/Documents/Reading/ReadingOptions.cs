namespace Orchestrator.Service.Documents.Reading;

/// <summary>Bounds on the files that are read at all.</summary>
public sealed class ReadingOptions
{
    /// <summary>The most bytes of one file, 1 KiB or more.</summary>
    public long MaxBytes { get; init; } = 100L << 20;

    /// <summary>The most pages of one PDF, 1 or more.</summary>
    public int MaxPages { get; init; } = 500;

    /// <summary>The most pages of one invoice that is read without a person, 1 or more.</summary>
    public int MaxInvoicePages { get; init; } = 60;

    /// <summary>The most invoices that one file is split into without a person, 1 or more.</summary>
    public int MaxInvoices { get; init; } = 200;

    /// <summary>The most characters of one XML invoice, 1 Ki or more.</summary>
    public long MaxXmlCharacters { get; init; } = 32L << 20;

    /// <summary>The most elements of one XML invoice, 100 or more.</summary>
    public int MaxXmlElements { get; init; } = 500_000;

    /// <summary>The deepest nesting of one XML invoice, 16 or more; real ones need about 10.</summary>
    public int MaxXmlDepth { get; init; } = 64;

    /// <summary>Letters and digits below which the pages count as without text; the shortest real invoice has several times as many.</summary>
    public int MinTextCharacters { get; init; } = 40;
}
