using System.Text;

namespace Orchestrator.Service.Documents.Acquisition.Mail;

internal static class Charsets
{
    /// <summary>Unknown charsets are read as Latin-1: each byte is some letter then, and nothing is lost.</summary>
    public static string Decode(string charset, byte[] bytes)
    {
        if (bytes.Length == 0) return "";
        try
        {
            var encoding = CodePagesEncodingProvider.Instance.GetEncoding(charset) ?? Encoding.GetEncoding(charset);
            return encoding.GetString(bytes);
        }
        catch (Exception unknown) when (unknown is ArgumentException or NotSupportedException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }
}
