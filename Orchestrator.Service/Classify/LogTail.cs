using System.Text;

namespace Orchestrator.Service.Classify;

/// <summary>The end of a log: the last 64 KB, or as much more (to 4 MiB) as holds its last complete lines.</summary>
/// <remarks>A verdict may stand in a line of 200 KB, or before a dozen short ones; a log of 1 GB is never read whole.</remarks>
internal static class LogTail
{
    private const int Usual = 64 * 1024;
    private const int Largest = 4 * 1024 * 1024;
    private const int LinesWanted = 20;

    /// <summary>Reads a file that somebody may still be writing.</summary>
    public static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
        return Read(file);
    }

    /// <summary>Reads what can seek from its end, anything else through a buffer of twice the largest tail.</summary>
    public static byte[] Read(Stream log)
    {
        if (!log.CanSeek)
            return ReadThrough(log);
        var length = log.Length;
        for (long window = Usual; ; window *= 4)
        {
            window = Math.Min(window, Math.Min(length, Largest));
            var bytes = new byte[window];
            log.Position = length - window;
            bytes = bytes[..log.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)]; // shorter if it was truncated meanwhile
            if (window == length)
                return bytes;
            if (window == Largest || CountLines(bytes) > LinesWanted)
                return AfterFirstBreak(bytes).ToArray();
        }
    }

    /// <summary>The same, of a log that is in memory.</summary>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> log)
    {
        for (var window = Usual; ; window *= 4)
        {
            window = Math.Min(window, Math.Min(log.Length, Largest));
            var bytes = log[^window..];
            if (window == log.Length)
                return bytes;
            if (window == Largest || CountLines(bytes) > LinesWanted)
                return AfterFirstBreak(bytes);
        }
    }

    private static byte[] ReadThrough(Stream log)
    {
        var buffer = new byte[2 * Largest];
        var filled = 0;
        while (log.Read(buffer, filled, buffer.Length - filled) is > 0 and var read)
        {
            filled += read;
            if (filled == buffer.Length)
            {
                buffer.AsSpan(Largest).CopyTo(buffer);
                filled = Largest;
            }
        }
        return Of(buffer.AsSpan(0, filled)).ToArray();
    }

    private static int CountLines(ReadOnlySpan<byte> bytes) => bytes.Count((byte)'\n');

    // The first line of a cut window is a part of one. Where there is no break at all, the part is all there is: it can't be read as an event.
    private static ReadOnlySpan<byte> AfterFirstBreak(ReadOnlySpan<byte> bytes) =>
        bytes.IndexOf((byte)'\n') is >= 0 and var first && first < bytes.Length - 1 ? bytes[(first + 1)..] : [];

    /// <summary>Lines without colours, cursor movements and other control characters; a progress bar's carriage returns end lines, too.</summary>
    public static List<string> Lines(ReadOnlySpan<byte> tail)
    {
        var text = Encoding.UTF8.GetString(tail);
        var lines = new List<string>();
        var line = new StringBuilder();
        for (var at = text.StartsWith('\uFEFF') ? 1 : 0; at < text.Length; at++)
        {
            var c = text[at];
            if (c is '\n' or '\r')
            {
                lines.Add(line.ToString());
                line.Clear();
            }
            else if (c is '\u001b' or '\u009b')
                at = EndOfSequence(text, at);
            else if (c == '\t' || !char.IsControl(c))
                line.Append(c);
        }
        lines.Add(line.ToString());
        return lines;
    }

    // A sequence that does not end within 100 characters is none; then only its first character is dropped.
    private static int EndOfSequence(string text, int start)
    {
        var at = start + 1;
        if (text[start] == '\u001b')
        {
            if (at >= text.Length)
                return start;
            if (text[at] == ']') // a window title or a link
            {
                for (var end = at + 1; end < Math.Min(text.Length, start + 2100); end++)
                {
                    if (text[end] == '\u0007')
                        return end;
                    if (text[end] == '\u001b' && end + 1 < text.Length && text[end + 1] == '\\')
                        return end + 1;
                    if (text[end] is '\n' or '\u001b')
                        break;
                }
                return at;
            }
            if (text[at] is '(' or ')' or '#' or ' ')
                return Math.Min(at + 1, text.Length - 1);
            if (text[at] != '[')
                return char.IsAsciiLetterOrDigit(text[at]) || text[at] is '=' or '>' or '<' ? at : start;
            at++;
        }
        for (var end = at; end < Math.Min(text.Length, start + 100); end++)
        {
            if (text[end] is >= '@' and <= '~')
                return end;
            if (text[end] is < ' ' or > '?')
                break;
        }
        return start;
    }
}
