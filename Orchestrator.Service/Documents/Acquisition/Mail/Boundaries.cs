namespace Orchestrator.Service.Documents.Acquisition.Mail;

internal static class Boundaries
{
    /// <summary>
    /// The parts between lines that consist of two hyphens and the boundary. A boundary may begin like another one, so the
    /// whole line is compared. A mail that is cut off before its last boundary still gives its last part.
    /// </summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> body, string boundary)
    {
        var mark = System.Text.Encoding.UTF8.GetBytes("--" + boundary.TrimEnd());
        var start = -1;
        for (var line = 0; line < body.Length;)
        {
            var length = body.Span[line..].IndexOf((byte)'\n') is >= 0 and var found ? found + 1 : body.Length - line;
            var (isMark, isLast) = Mark(body.Span.Slice(line, length), mark);
            if (isMark)
            {
                if (start >= 0) yield return body[start..WithoutNewline(body.Span, start, line)];
                if (isLast) yield break;
                start = line + length;
            }
            line += length;
        }
        if (start >= 0 && start < body.Length) yield return body[start..];
    }

    private static (bool IsMark, bool IsLast) Mark(ReadOnlySpan<byte> line, ReadOnlySpan<byte> mark)
    {
        if (!line.StartsWith(mark)) return (false, false);
        var rest = line[mark.Length..].TrimEnd(" \t\r\n"u8);
        return rest.IsEmpty ? (true, false) : rest.SequenceEqual("--"u8) ? (true, true) : (false, false);
    }

    // The newline before a boundary is the boundary's.
    private static int WithoutNewline(ReadOnlySpan<byte> body, int start, int end)
    {
        if (end > start && body[end - 1] is (byte)'\n') end--;
        if (end > start && body[end - 1] is (byte)'\r') end--;
        return end;
    }
}
