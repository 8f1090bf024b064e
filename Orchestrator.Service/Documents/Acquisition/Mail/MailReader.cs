using System.Globalization;
using static Orchestrator.Service.Documents.Acquisition.Mail.MailReading;

namespace Orchestrator.Service.Documents.Acquisition.Mail;

/// <summary>
/// Finds the documents in a raw mail (RFC 5322, MIME). Mails are what anybody on earth sends us, so whatever is wrong with
/// one, the reader takes what it can and never throws; only the limits make it refuse.
/// </summary>
internal static class MailReader
{
    public static MailReading Read(ReadOnlyMemory<byte> raw, MailLimits limits)
    {
        if (raw.Length > limits.MaxBytes) return new Refused("TooLarge", $"The mail has {raw.Length} bytes and at most {limits.MaxBytes} are read (MaxBytes).");
        var walk = new Walk(limits);
        var root = Entity.Parse(raw);
        walk.Message(root, path: "", depth: 1);
        return walk.Refusal is { } refusal ? refusal : new Read(Head(root.Headers), walk.Documents, walk.Skipped);
    }

    private static MailHead Head(Headers headers) => new(
        headers.First("message-id")?.Trim().Trim('<', '>'),
        headers.Text("subject"),
        headers.Text("from"),
        headers.First("x-ses-virus-verdict")?.Trim());

    private sealed class Walk(MailLimits limits)
    {
        private int parts;
        private long decoded;

        public List<MailDocument> Documents { get; } = [];
        public List<SkippedPart> Skipped { get; } = [];
        public Refused? Refusal { get; private set; }

        /// <summary>A mail's own parts hang right under it, whether it has one or many.</summary>
        public void Message(Entity message, string path, int depth)
        {
            if (message.Type.StartsWith("multipart/", StringComparison.Ordinal)) Part(message, path, depth);
            else Part(message, Under(path, 1), depth);
        }

        private void Part(Entity part, string path, int depth)
        {
            if (Refusal is not null || !WithinLimits(depth)) return;
            if (part.Type.StartsWith("multipart/", StringComparison.Ordinal)) Multipart(part, path, depth);
            else if (part.Type is "message/rfc822" or "message/global") Message(Entity.Parse(part.Decode()), path, depth + 1);
            else Leaf(part, path);
        }

        private bool WithinLimits(int depth)
        {
            if (depth > limits.MaxDepth) Refusal = new("TooDeep", $"The mail nests its parts more than {limits.MaxDepth} deep (MaxDepth).");
            else if (++parts > limits.MaxParts) Refusal = new("TooManyParts", $"The mail has more than {limits.MaxParts} parts (MaxParts).");
            return Refusal is null;
        }

        private void Multipart(Entity part, string path, int depth)
        {
            if (part.ContentType.Parameter("boundary") is not { Length: > 0 and <= 200 } boundary)
            {
                Skip(part, path, "It says that it has parts and not where they end.");
                return;
            }
            var number = 0;
            foreach (var child in Boundaries.Split(part.Body, boundary))
            {
                Part(Entity.Parse(child), Under(path, ++number), depth + 1);
                if (Refusal is not null) return;
            }
        }

        private void Leaf(Entity part, string path)
        {
            if (part.Type.StartsWith("image/", StringComparison.Ordinal))
            {
                if (!part.IsInline) Skip(part, path, "It is an image; send the invoice as PDF or XML.");
                return;
            }
            var content = part.Decode();
            if (!AttachedKind.IsDocument(content.Span, part.Type, part.FileName))
            {
                if (AttachedKind.WhySkipped(content.Span, part) is { } reason) Skip(part, path, reason);
                return;
            }
            decoded += content.Length;
            if (decoded > limits.MaxBytes) Refusal = new("TooLarge", $"The mail's documents have more than {limits.MaxBytes} bytes (MaxBytes).");
            else Documents.Add(new(path, part.FileName, part.Type, content));
        }

        private void Skip(Entity part, string path, string reason) => Skipped.Add(new(path, part.FileName, part.Type, reason));

        private static string Under(string path, int number) =>
            path.Length == 0 ? number.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{path}.{number}");
    }
}
