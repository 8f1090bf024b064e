using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Service.Classify;

namespace Orchestrator.Service.Alerts;

/// <summary>Tells a chat, in plain text.</summary>
internal sealed class TelegramSink(AlertPost post, string chat) : IAlertSink
{
    /// <summary>Name of its HTTP client.</summary>
    public const string Client = "telegram";

    /// <summary>The longest message, in UTF-16 units.</summary>
    public const int Longest = 4096;

    public Task SendAsync(Alert alert, CancellationToken cancellation) => post.SendAsync(
        JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["chat_id"] = chat,
            ["text"] = TextOf(alert),
            ["link_preview_options"] = new JsonObject { ["is_disabled"] = true }, // the addresses in it are nobody's to open
        }), null, cancellation);

    /// <summary>As it is written; what is too long ends with an ellipsis, and no character is cut in two.</summary>
    internal static string TextOf(Alert alert) => Ellipsis.Of($"{alert.Kind}: {alert.Subject}\n{alert.Text}", Longest);
}
