namespace Orchestrator.Service.Documents.Reading;

/// <summary>Why a file could not be read, or not read to the end. Each has its sentence in <see cref="ReadFailures"/>.</summary>
public enum ReadFailure
{
    /// <summary>The file has no bytes.</summary>
    Empty,

    /// <summary>It can't be opened on this machine.</summary>
    NotFound,

    /// <summary>It is named a PDF and is none.</summary>
    NotAPdf,

    /// <summary>It is neither a PDF nor an invoice in XML.</summary>
    UnsupportedType,

    /// <summary>More bytes than allowed.</summary>
    TooLarge,

    /// <summary>More pages than allowed.</summary>
    TooManyPages,

    /// <summary>The PDF is damaged beyond what its structure can tell.</summary>
    CorruptPdf,

    /// <summary>The PDF opens only with a password.</summary>
    PasswordRequired,

    /// <summary>Reading it took more time, memory or disk than any invoice needs.</summary>
    ResourceLimit,

    /// <summary>The XML declares a document type, which invoices never need and attacks do.</summary>
    XmlForbiddenDtd,

    /// <summary>The XML is nested deeper than any invoice.</summary>
    XmlTooDeep,

    /// <summary>The XML has more text or elements than any invoice.</summary>
    XmlTooLarge,

    /// <summary>The XML is not well-formed.</summary>
    XmlUnreadable,

    /// <summary>The XML is well-formed and no invoice of a known syntax.</summary>
    XmlNotAnInvoice,

    /// <summary>The pages show something and carry no text.</summary>
    NeedsOcr,

    /// <summary>The pages are blank or carry too little text for an invoice.</summary>
    NoText,

    /// <summary>More pages than one invoice has, and no sign of where another begins.</summary>
    TooLongForOne,

    /// <summary>More invoices in one file than are taken apart without a person.</summary>
    TooManyInvoices,

    /// <summary>Number, date, currency or total could not be read.</summary>
    MissingFields,

    /// <summary>The invoice's own sums contradict each other.</summary>
    TotalsDisagree,

    /// <summary>A program that reads PDFs is missing on this machine.</summary>
    ToolMissing,
}
