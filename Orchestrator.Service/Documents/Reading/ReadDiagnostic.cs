namespace Orchestrator.Service.Documents.Reading;

/// <summary>Something that a person may want to know about a document that was read.</summary>
/// <param name="Code">A rule of EN 16931, such as <c>BR-CO-15</c>, or one of <see cref="DiagnosticCodes"/>.</param>
/// <param name="Text">What was found, with both values where two disagree.</param>
public sealed record ReadDiagnostic(string Code, string Text);

/// <summary>Codes of this service's own diagnostics.</summary>
public static class DiagnosticCodes
{
    /// <summary>The PDF may be read; its owner forbids other uses.</summary>
    public const string Restricted = nameof(Restricted);

    /// <summary>The PDF carries scripts; nothing here runs them.</summary>
    public const string ContainsJavaScript = nameof(ContainsJavaScript);

    /// <summary>The PDF's structure needed repair.</summary>
    public const string Repaired = nameof(Repaired);

    /// <summary>An XML attachment that should be the invoice could not be read.</summary>
    public const string EmbeddedXmlUnreadable = nameof(EmbeddedXmlUnreadable);

    /// <summary>XML and print say different things.</summary>
    public const string XmlPrintMismatch = nameof(XmlPrintMismatch);

    /// <summary>The XML's profile is not a full invoice.</summary>
    public const string ProfileNotAnInvoice = nameof(ProfileNotAnInvoice);

    /// <summary>The printed sums do not close.</summary>
    public const string TotalsOpen = nameof(TotalsOpen);

    /// <summary>Where an invoice begins in a file of several was a close decision.</summary>
    public const string BoundaryUncertain = nameof(BoundaryUncertain);

    /// <summary>One document names several invoice numbers.</summary>
    public const string SeveralNumbers = nameof(SeveralNumbers);
}
