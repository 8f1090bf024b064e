using System.Net;
using System.Text;

namespace Orchestrator.Service.Delivery.Webhooks;

/// <summary>Markup of the tracker, to and from plain text.</summary>
internal static class Html
{
    private static readonly string[] Breaks = ["p", "/p", "br", "br/", "div", "/div", "li", "/li", "tr", "/tr", "/h1", "/h2", "/h3"];

    /// <summary>The text that a reader sees, block by block on lines of its own. One pass; broken markup is cut, never followed.</summary>
    public static string ToText(string html)
    {
        var text = new StringBuilder(Math.Min(html.Length, 4096));
        var at = 0;
        while (at < html.Length)
        {
            var open = html.IndexOf('<', at);
            text.Append(html, at, (open < 0 ? html.Length : open) - at);
            if (open < 0)
                break;
            var close = html.IndexOf('>', open);
            if (close < 0)
                break;
            var name = html.AsSpan(open + 1, close - open - 1);
            var end = name.IndexOf(' ');
            if (Breaks.Contains((end < 0 ? name : name[..end]).ToString().ToLowerInvariant()) && text.Length > 0 && text[^1] != '\n')
                text.Append('\n');
            at = close + 1;
        }

        return WebUtility.HtmlDecode(text.ToString()).Trim();
    }

    /// <summary>Plain text as a paragraph in which nothing is markup.</summary>
    public static string Of(string text) => $"<p>{WebUtility.HtmlEncode(text).ReplaceLineEndings("<br/>")}</p>";
}
