using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Service.Remote;

namespace Orchestrator.Service.Alerts;

/// <summary>Posts <c>{"kind","subject","text","at"}</c>; with a secret the header says the HMAC-SHA256 of the body's bytes, in lower-case hexadecimal after <c>sha256=</c>.</summary>
internal sealed class WebhookSink(AlertPost post, byte[]? secret) : IAlertSink
{
    /// <summary>Name of its HTTP client.</summary>
    public const string Client = "alert-webhook";

    /// <summary>The header with the signature.</summary>
    public const string Header = "X-Orchestrator-Signature";

    public Task SendAsync(Alert alert, CancellationToken cancellation)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["kind"] = alert.Kind.ToString(),
            ["subject"] = alert.Subject,
            ["text"] = alert.Text,
            ["at"] = alert.At,
        });
        return post.SendAsync(body, secret is null ? null : (Header, $"sha256={Signature.Of(secret, body)}"), cancellation);
    }
}
