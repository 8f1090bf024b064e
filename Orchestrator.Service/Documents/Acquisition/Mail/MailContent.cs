namespace Orchestrator.Service.Documents.Acquisition.Mail;

/// <summary>What a mail comes to.</summary>
public abstract record MailReading
{
    private MailReading() { }

    /// <summary>It was read. No documents is a valid answer, and then <see cref="Skipped"/> says why.</summary>
    public sealed record Read(MailHead Head, IReadOnlyList<MailDocument> Documents, IReadOnlyList<SkippedPart> Skipped) : MailReading;

    /// <summary>It breaks a limit, and nothing of it is taken: half of a hostile mail is worth nothing.</summary>
    public sealed record Refused(string Code, string Reason) : MailReading;
}

/// <param name="MessageId">The sender's own id (RFC 5322), without its brackets.</param>
/// <param name="Subject">Decoded.</param>
/// <param name="From">Decoded.</param>
/// <param name="VirusVerdict">What SES wrote on top of the mail: PASS, FAIL, GRAY or PROCESSING_FAILED.</param>
public sealed record MailHead(string? MessageId, string? Subject, string? From, string? VirusVerdict);

/// <param name="PartPath">Where it hangs in the mail ("2", "3.1"); stable, and so the document's key within its source.</param>
/// <param name="FileName">As the sender called it, without folders and control characters; for people only.</param>
/// <param name="ContentType">As declared, in lower case; often wrong.</param>
/// <param name="Content">Decoded, byte for byte.</param>
public sealed record MailDocument(string PartPath, string? FileName, string ContentType, ReadOnlyMemory<byte> Content);

/// <summary>A part that somebody attached and that is no document we can read.</summary>
public sealed record SkippedPart(string PartPath, string? FileName, string ContentType, string Reason);

/// <summary>How much of a mail is read before it is refused.</summary>
public sealed class MailLimits
{
    /// <summary>1 to 16 levels of parts within parts and mails within mails.</summary>
    public int MaxDepth { get; set; } = 16;

    /// <summary>1 to 500 parts in all.</summary>
    public int MaxParts { get; set; } = 500;

    /// <summary>1 KB to 40 MB; the raw mail, and again all of its documents decoded. SES stores at most 40 MB.</summary>
    public long MaxBytes { get; set; } = 40 * 1024 * 1024;
}
