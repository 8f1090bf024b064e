using System.Text;

namespace Orchestrator.Service.Documents.Reading.Probing;

/// <summary>What a file is by its first bytes. No name and no tool is asked.</summary>
internal static class Magic
{
    /// <summary>As many first bytes as are needed; readers accept a PDF's header anywhere in the first kibibyte.</summary>
    public const int Length = 1024;

    private static readonly string[] Html = ["<!doctype html", "<html", "<head", "<body"];

    public static DocumentKind Of(ReadOnlySpan<byte> start)
    {
        if (start.IndexOf("%PDF-"u8) >= 0)
        {
            return DocumentKind.Pdf;
        }

        var text = Text(start).TrimStart();
        return text.StartsWith('<') && !Html.Any(tag => text.StartsWith(tag, StringComparison.OrdinalIgnoreCase)) ? DocumentKind.Xml : DocumentKind.Unknown;
    }

    private static string Text(ReadOnlySpan<byte> start) => start switch
    {
        [0xFF, 0xFE, .. var rest] => Encoding.Unicode.GetString(rest),
        [0xFE, 0xFF, .. var rest] => Encoding.BigEndianUnicode.GetString(rest),
        [0xEF, 0xBB, 0xBF, .. var rest] => Encoding.UTF8.GetString(rest),
        [(byte)'<', 0, ..] => Encoding.Unicode.GetString(start),
        [0, (byte)'<', ..] => Encoding.BigEndianUnicode.GetString(start),
        _ => Encoding.Latin1.GetString(start),
    };
}
