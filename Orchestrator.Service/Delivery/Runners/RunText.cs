using System.Text;
using System.Text.RegularExpressions;
using Orchestrator.Service.Classify;

namespace Orchestrator.Service.Delivery.Runners;

/// <summary>The output of a run as lines that rules can read: without colours, carriage returns, time stamps, and the names that composed services put before a line.</summary>
internal sealed partial class RunText
{
    public const int HeadBytes = 128 * 1024, TailBytes = 512 * 1024;
    private const int HeadLines = 500, TailLines = 6000, LongestLine = 4000;

    public static readonly RunText Empty = new([]);

    private RunText(IReadOnlyList<string> lines) => Lines = lines;

    /// <summary>Of long output the first 500 and the last 6000; each at most 4000 characters, with its leading blanks.</summary>
    public IReadOnlyList<string> Lines { get; }

    public bool IsEmpty => Lines.Count == 0;

    public static RunText Of(string output) => Of(Encoding.UTF8.GetBytes(output));

    public static RunText Of(ReadOnlySpan<byte> output)
    {
        if (output.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
            output = Encoding.UTF8.GetBytes(Encoding.Unicode.GetString(output[2..]));
        if (output.Length <= HeadBytes + TailBytes)
            return new RunText(Readable(LogTail.Lines(output)));
        return new RunText([.. Readable(LogTail.Lines(output[..HeadBytes])), .. Readable(LogTail.Lines(output[^TailBytes..])).Skip(1)]);
    }

    /// <summary>Reads a log of any size: its beginning and its end.</summary>
    public static RunText Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.Length <= HeadBytes + TailBytes)
        {
            var all = new byte[file.Length];
            return Of(all.AsSpan(0, file.ReadAtLeast(all, all.Length, throwOnEndOfStream: false)));
        }

        var bytes = new byte[HeadBytes + 1 + TailBytes];
        file.ReadExactly(bytes, 0, HeadBytes);
        bytes[HeadBytes] = (byte)'\n';
        file.Position = file.Length - TailBytes;
        file.ReadExactly(bytes, HeadBytes + 1, TailBytes);
        return Of(bytes);
    }

    private static List<string> Readable(List<string> lines)
    {
        var cut = lines.Count > HeadLines + TailLines ? [.. lines[..HeadLines], .. lines[^TailLines..]] : lines;
        return [.. cut.SelectMany(Pieces).Select(Bare).Where(line => line.Length > 0)];
    }

    // Of a huge line its beginning, where a complaint would be, and its end, where progress without breaks may run into a summary.
    private static string[] Pieces(string line) => line.Length <= LongestLine ? [line] : [line[..(LongestLine / 2)], line[^(LongestLine / 2)..]];

    private static string Bare(string line)
    {
        line = line.TrimEnd().Replace('\u00A0', ' ').Replace('\u202F', ' ');
        return line.Length > 0 && Preamble().Match(line) is { Length: > 0 } before ? line[before.Length..] : line;
    }

    // A time, and the name and bar of a composed service: "web-1  | ".
    [GeneratedRegex(@"^(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?:? )?(?:\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]? )?(?:[a-z0-9][\w.-]*-\d+ +\| )?", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Preamble();
}
