using Orchestrator.Service.Documents.Reading.Xml;

namespace Orchestrator.Service.Documents.Reading;

/// <summary>What a file is, by its content.</summary>
public enum DocumentKind
{
    /// <summary>Nothing that is read here.</summary>
    Unknown,

    /// <summary>A PDF.</summary>
    Pdf,

    /// <summary>An XML document.</summary>
    Xml,
}

/// <summary>What a PDF's pages offer to a reader of text.</summary>
public enum TextLayer
{
    /// <summary>Enough text for an invoice.</summary>
    Present,

    /// <summary>Blank pages, or less text than any invoice has.</summary>
    TooLittle,

    /// <summary>The pages show something, but not as text.</summary>
    Pictures,
}

/// <summary>A file inside a PDF.</summary>
/// <param name="Name">Its name as the PDF gives it; untrusted.</param>
/// <param name="ObjectId">The object that holds it, such as <c>32 0</c>.</param>
public sealed record PdfAttachment(string Name, string ObjectId);

/// <summary>The fonts of a page.</summary>
/// <param name="Objects">The ids of their objects; pages that share one come from the same file.</param>
/// <param name="Names">Their names without the prefix of a subset.</param>
public sealed record PageFonts(IReadOnlySet<string> Objects, IReadOnlySet<string> Names)
{
    /// <summary>A page without fonts.</summary>
    public static PageFonts None { get; } = new(new HashSet<string>(), new HashSet<string>());
}

/// <summary>All that is found out about a file before anybody extracts from it.</summary>
public sealed record DocumentProbe
{
    /// <summary>What it is.</summary>
    public DocumentKind Kind { get; init; }

    /// <summary>Why it can't be read, or null when it can.</summary>
    public ReadFailure? Failure { get; init; }

    /// <summary>The pages of a PDF; 0 for other files.</summary>
    public int Pages => PageTexts.Count;

    /// <summary>The text of each page as laid out, in the order of the pages.</summary>
    public IReadOnlyList<string> PageTexts { get; init; } = [];

    /// <summary>The fonts of each page.</summary>
    public IReadOnlyList<PageFonts> Fonts { get; init; } = [];

    /// <summary>Whether the pages carry text.</summary>
    public TextLayer Text { get; init; }

    /// <summary>Encrypted so that it opens without a password, with other uses forbidden.</summary>
    public bool Restricted { get; init; }

    /// <summary>Carries scripts.</summary>
    public bool HasJavaScript { get; init; }

    /// <summary>Its structure had to be repaired.</summary>
    public bool Repaired { get; init; }

    /// <summary>The files inside.</summary>
    public IReadOnlyList<PdfAttachment> Attachments { get; init; } = [];

    /// <summary>The root of an XML document that could be read.</summary>
    internal Element? Root { get; init; }

    /// <summary>The same file as if it had only some of its pages; what the file carries as a whole is left behind.</summary>
    public DocumentProbe Slice(PageRange range) => this with
    {
        PageTexts = [.. PageTexts.Skip(range.First - 1).Take(range.Last - range.First + 1)],
        Fonts = [.. Fonts.Skip(range.First - 1).Take(range.Last - range.First + 1)],
        Attachments = [],
    };

    /// <summary>What of this a person should know.</summary>
    public IReadOnlyList<ReadDiagnostic> Diagnostics =>
    [
        .. Restricted ? [new(DiagnosticCodes.Restricted, "The PDF's owner restricts its use; it was only read.")] : Array.Empty<ReadDiagnostic>(),
        .. HasJavaScript ? [new(DiagnosticCodes.ContainsJavaScript, "The PDF contains JavaScript; do not open the original in a viewer that runs it.")] : Array.Empty<ReadDiagnostic>(),
        .. Repaired ? [new(DiagnosticCodes.Repaired, "The PDF's structure was damaged and has been repaired for reading.")] : Array.Empty<ReadDiagnostic>(),
    ];
}
