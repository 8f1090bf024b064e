using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;

namespace Orchestrator.Local.StandIns;

/// <summary>A webhook as it was sent.</summary>
/// <param name="Event">Its kind.</param>
/// <param name="Body">The signed bytes.</param>
/// <param name="Status">The answer; null if there was none, or it was lost on purpose.</param>
public sealed record SentHook(string Event, byte[] Body, HttpStatusCode? Status);

/// <summary>Signs webhooks and sends them one after the other, off the way of the request that caused them.</summary>
internal sealed class HookSender : IAsyncDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromMinutes(1) };
    private readonly Channel<Hook> _hooks = Channel.CreateUnbounded<Hook>();
    private readonly ConcurrentQueue<SentHook> _sent = new();
    private readonly Func<string, string, byte[], IEnumerable<(string, string)>> _headers;
    private readonly Task _sending;
    private int _open;

    /// <param name="headers">From event, signature and body to the headers that go along.</param>
    public HookSender(Func<string, string, byte[], IEnumerable<(string, string)>> headers)
    {
        _headers = headers;
        _sending = SendAsync();
    }

    public Uri? Target { get; set; }

    public string Secret { get; set; } = "";

    /// <summary>Everything is lost on its way.</summary>
    public bool Lose { get; set; }

    public bool AsForm { get; set; }

    public IReadOnlyCollection<SentHook> Sent => _sent;

    public void Post(string name, byte[] body)
    {
        if (Target is null)
            return;
        Interlocked.Increment(ref _open);
        _hooks.Writer.TryWrite(new Hook(name, body));
    }

    /// <summary>All that was posted has been sent, or lost.</summary>
    public async Task QuietAsync(TimeProvider time, CancellationToken cancellation)
    {
        while (Volatile.Read(ref _open) > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(5), time, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _hooks.Writer.TryComplete(); // a stand-in may be stopped early, and again at the end
        await _sending;
        _http.Dispose();
    }

    private async Task SendAsync()
    {
        await foreach (var hook in _hooks.Reader.ReadAllAsync())
        {
            _sent.Enqueue(new SentHook(hook.Event, hook.Body, Lose ? null : await StatusAsync(hook)));
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task<HttpStatusCode?> StatusAsync(Hook hook)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Target)
        {
            Content = AsForm
                ? new FormUrlEncodedContent([KeyValuePair.Create("payload", Encoding.UTF8.GetString(hook.Body))])
                : new ByteArrayContent(hook.Body) { Headers = { { "Content-Type", "application/json" } } },
        };
        var signature = Secret.Length == 0 ? "" : Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), hook.Body));
        foreach (var (name, value) in _headers(hook.Event, signature, hook.Body))
            request.Headers.TryAddWithoutValidation(name, value);
        try
        {
            using var response = await _http.SendAsync(request);
            return response.StatusCode;
        }
        catch (Exception unanswered) when (unanswered is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }

    private sealed record Hook(string Event, byte[] Body);
}
