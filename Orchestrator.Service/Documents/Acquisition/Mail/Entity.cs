namespace Orchestrator.Service.Documents.Acquisition.Mail;

/// <summary>Headers and a body: a mail, or one part of it.</summary>
internal sealed record Entity(Headers Headers, ReadOnlyMemory<byte> Body)
{
    public HeaderValue ContentType { get; } = HeaderValue.Parse(Headers.First("content-type") ?? "text/plain");
    private HeaderValue Disposition { get; } = HeaderValue.Parse(Headers.First("content-disposition") ?? "");

    /// <summary>Lower case; "text/plain" where nothing is said.</summary>
    public string Type => ContentType.Value.Contains('/', StringComparison.Ordinal) ? ContentType.Value : "text/plain";

    public bool IsAttachment => Disposition.Value is "attachment";

    /// <summary>Shown within the text: a logo, a smile. Some mailers only give it an id.</summary>
    public bool IsInline => Disposition.Value is "inline" || (!IsAttachment && Headers.First("content-id") is not null);

    public string? FileName => Clean(Disposition.Parameter("filename") ?? ContentType.Parameter("name"));

    public static Entity Parse(ReadOnlyMemory<byte> raw)
    {
        var headers = Headers.Parse(raw, out var body);
        return new(headers, body);
    }

    public ReadOnlyMemory<byte> Decode() => (Headers.First("content-transfer-encoding") ?? "").Trim().ToLowerInvariant() switch
    {
        "base64" => TransferEncoding.Base64(Body.Span),
        "quoted-printable" => TransferEncoding.QuotedPrintable(Body.Span),
        _ => Body,
    };

    // The name is shown to people and is never a path; still, nothing that looks like one leaves here.
    private static string? Clean(string? name)
    {
        if (name is null) return null;
        var last = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        var clean = new string([.. last.Where(letter => !char.IsControl(letter)).Take(255)]).Trim();
        return clean.Length == 0 ? null : clean;
    }
}
