namespace Orchestrator.Service.Documents.Reading;

/// <summary>What follows from a failure, and what a person can do about it.</summary>
public static class ReadFailures
{
    /// <summary>Whether a person can still finish the document, or only a better file helps.</summary>
    public static ReadStatus Status(this ReadFailure failure) => failure switch
    {
        ReadFailure.NeedsOcr or ReadFailure.NoText or ReadFailure.TooLongForOne or ReadFailure.TooManyInvoices or ReadFailure.MissingFields or ReadFailure.TotalsDisagree => ReadStatus.NeedsReview,
        _ => ReadStatus.Failed,
    };

    /// <summary>
    /// Whether the fault lies with this machine and not with the file: then the document is not at fault, and the work is to be tried again
    /// instead of ending with this failure.
    /// </summary>
    public static bool IsOfTheMachine(this ReadFailure failure) => failure is ReadFailure.ToolMissing;

    /// <summary>One sentence that says what is wrong and what helps.</summary>
    public static string Sentence(this ReadFailure failure) => failure switch
    {
        ReadFailure.Empty => "The file is empty; ask the sender to send it again.",
        ReadFailure.NotFound => "The file can't be opened; check its path and permissions.",
        ReadFailure.NotAPdf => "The file is named a PDF but does not contain one; ask the sender for the real PDF.",
        ReadFailure.UnsupportedType => "The file is neither a PDF nor an XML invoice; ask the sender for one of these.",
        ReadFailure.TooLarge => "The file is larger than allowed; split it, or raise the limit on bytes.",
        ReadFailure.TooManyPages => "The PDF has more pages than allowed; split it, or raise the limit on pages.",
        ReadFailure.CorruptPdf => "The PDF is damaged or cut off; ask the sender to send it again.",
        ReadFailure.PasswordRequired => "The PDF is protected by a password; ask the sender for an unprotected copy.",
        ReadFailure.ResourceLimit => "Reading the file needed more time, memory or disk than allowed; look at it by hand before raising a limit.",
        ReadFailure.XmlForbiddenDtd => "The XML declares a document type, which is not allowed in invoices; ask the sender for an invoice without it.",
        ReadFailure.XmlTooDeep => "The XML is nested deeper than any invoice; it was not read further.",
        ReadFailure.XmlTooLarge => "The XML is larger than any invoice; it was not read further.",
        ReadFailure.XmlUnreadable => "The XML is not well-formed; ask the sender to export it again.",
        ReadFailure.XmlNotAnInvoice => "The XML is not an invoice in CII, ZUGFeRD or UBL; ask the sender for one of these.",
        ReadFailure.NeedsOcr => "The pages are pictures without text; enter the fields by hand, or install text recognition.",
        ReadFailure.NoText => "The pages carry no text to read an invoice from; enter the fields by hand.",
        ReadFailure.TooLongForOne => "The document has far more pages than one invoice; check whether it holds several, and split it.",
        ReadFailure.TooManyInvoices => "The file seems to hold more invoices than are split without a person; split it into smaller files.",
        ReadFailure.MissingFields => "Some of number, date, currency and total could not be read; complete them by hand.",
        ReadFailure.TotalsDisagree => "The invoice's own sums contradict each other; ask the supplier which are right.",
        ReadFailure.ToolMissing => "A program that reads PDFs is missing on this machine; install qpdf and poppler-utils.",
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure, "Unknown failure"),
    };
}
