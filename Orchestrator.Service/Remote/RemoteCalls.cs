using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Service.Classify;

namespace Orchestrator.Service.Remote;

/// <summary>An answer, whatever its status, but for those that are the same everywhere: those are thrown.</summary>
/// <param name="Status">2xx, or a 4xx that the caller wanted to see.</param>
/// <param name="Body">JSON; "null" if there was none.</param>
/// <param name="Headers">Of the answer.</param>
internal sealed record RemoteAnswer(HttpStatusCode Status, JsonElement Body, HttpResponseHeaders Headers)
{
    public Part Part => new(Body);

    /// <summary>What the server says in words; empty if it says nothing.</summary>
    public string Message => Part["message"].Text is { Length: > 0 } message ? message : Part["detail"].Text is { Length: > 0 } detail ? detail : Part["error"].Text;
}

/// <summary>Calls one server: token in a header, time and size bounded, repeated only where that does no harm, and silent while the server asks for silence.</summary>
/// <param name="clients">Makes the HTTP clients.</param>
/// <param name="name">The server, for people; also the name of its HTTP client.</param>
/// <param name="address">With a slash at its end.</param>
/// <param name="header">The header that carries the token.</param>
/// <param name="token">Its whole value.</param>
/// <param name="options">The bounds.</param>
/// <param name="time">The clock.</param>
internal sealed class RemoteCalls(IHttpClientFactory clients, string name, Uri address, string header, string token, RemoteOptions options, TimeProvider time)
{
    private static readonly JsonElement Null = JsonElement.Parse("null");
    private static readonly JsonDocumentOptions Bounded = new() { MaxDepth = 64 };
    private long _silentUntil; // ticks of UTC

    /// <param name="method">GET and DELETE are repeated when they fail in passing; others are not, because they may have been carried out.</param>
    /// <param name="path">Below the address, escaped.</param>
    /// <param name="body">JSON, or none.</param>
    /// <param name="wanted">Statuses beside 2xx that are answers and no failures.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="RemoteException">It did not succeed.</exception>
    public async Task<RemoteAnswer> CallAsync(HttpMethod method, string path, JsonNode? body, HttpStatusCode[] wanted, CancellationToken cancellation)
    {
        var repeatable = method == HttpMethod.Get || method == HttpMethod.Delete;
        for (var tried = 1; ; tried++)
        {
            await KeepSilenceAsync(method, path, cancellation);
            try
            {
                return await TryAsync(method, path, body, wanted, cancellation);
            }
            catch (RemoteException passing) when (repeatable && tried < options.Tries && passing.Fault is RemoteFault.Unavailable or RemoteFault.TimedOut && !(passing.RetryAfter > options.MaxWait))
            {
                await Task.Delay(passing.RetryAfter ?? options.Pause * Math.Pow(2, tried - 1), time, cancellation);
            }
            catch (RemoteException limited) when (tried < options.Tries && limited.Fault == RemoteFault.RateLimited && limited.RetryAfter <= options.MaxWait)
            {
                // Nothing was carried out, so that anything may be repeated; KeepSilence waits.
            }
        }
    }

    public Task<RemoteAnswer> GetAsync(string path, CancellationToken cancellation, params HttpStatusCode[] wanted) => CallAsync(HttpMethod.Get, path, null, wanted, cancellation);

    /// <summary>As a failure, where the caller wanted to see the status but not this answer.</summary>
    public RemoteException Failure(HttpMethod method, string path, RemoteAnswer answer) => new(FaultOf(answer.Status), Sentence(method, path, answer.Status, answer.Message));

    private async Task<RemoteAnswer> TryAsync(HttpMethod method, string path, JsonNode? body, HttpStatusCode[] wanted, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        using var request = new HttpRequestMessage(method, new Uri(address, path));
        request.Headers.TryAddWithoutValidation(header, token);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        try
        {
            using var client = clients.CreateClient(name);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var bytes = await BytesAsync(response, method, path, either.Token);
            var answer = new RemoteAnswer(response.StatusCode, Json(response.StatusCode, bytes, method, path), response.Headers);
            Heed(response);
            if (response.IsSuccessStatusCode || wanted.Contains(response.StatusCode))
                return answer;
            var wait = WaitOf(response, answer);
            if (FaultOf(response.StatusCode) == RemoteFault.RateLimited)
                BeSilentFor(wait ??= TimeSpan.FromSeconds(60));
            throw new RemoteException(FaultOf(response.StatusCode), Sentence(method, path, response.StatusCode, answer.Message), wait);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new RemoteException(RemoteFault.TimedOut, $"{name} did not answer {method} {path} within {options.Timeout.TotalSeconds:0.#} s.");
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            throw new RemoteException(RemoteFault.Unavailable, $"{name} could not be reached, or the connection broke, at {method} {path}: {broken.Message}", null, broken);
        }
    }

    private async Task<byte[]> BytesAsync(HttpResponseMessage response, HttpMethod method, string path, CancellationToken cancellation)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        using var content = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer, cancellation) is > 0 and var read)
        {
            if (content.Length + read > options.MaxAnswerBytes)
                throw new RemoteException(RemoteFault.Unreadable, $"{name} answered {method} {path} with more than {options.MaxAnswerBytes} bytes.");
            content.Write(buffer, 0, read);
        }

        return content.ToArray();
    }

    // A failure may come as a page of some proxy's; a success must be JSON, or nothing.
    private JsonElement Json(HttpStatusCode status, byte[] bytes, HttpMethod method, string path)
    {
        if (bytes.All(b => b is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
            return Null;
        try
        {
            using var document = JsonDocument.Parse(bytes, Bounded);
            return document.RootElement.Clone();
        }
        catch (JsonException) when ((int)status >= 300)
        {
            return Null;
        }
        catch (JsonException broken)
        {
            throw new RemoteException(RemoteFault.Unreadable, $"{name} answered {method} {path} with {(int)status} and something that is no JSON.", null, broken);
        }
    }

    /// <summary>A server that counts down says before it refuses: at zero we wait for its reset, as it asked.</summary>
    private void Heed(HttpResponseMessage response)
    {
        if (Number(response, "X-RateLimit-Remaining") is 0 && Number(response, "X-RateLimit-Reset") is { } reset and > 0 and < 253_402_300_800)
            BeSilentFor(DateTimeOffset.FromUnixTimeSeconds(reset) - time.GetUtcNow());
    }

    private void BeSilentFor(TimeSpan wait)
    {
        var until = (time.GetUtcNow() + (wait < TimeSpan.FromHours(1) ? wait : TimeSpan.FromHours(1))).UtcTicks;
        for (var seen = Volatile.Read(ref _silentUntil); until > seen; seen = Volatile.Read(ref _silentUntil))
        {
            if (Interlocked.CompareExchange(ref _silentUntil, until, seen) == seen)
                return;
        }
    }

    private async Task KeepSilenceAsync(HttpMethod method, string path, CancellationToken cancellation)
    {
        var wait = TimeSpan.FromTicks(Volatile.Read(ref _silentUntil) - time.GetUtcNow().UtcTicks);
        if (wait <= TimeSpan.Zero)
            return;
        if (wait > options.MaxWait)
            throw new RemoteException(RemoteFault.RateLimited, $"{name} asked for silence for another {wait.TotalSeconds:0} s; {method} {path} was not sent.", wait);
        await Task.Delay(wait, time, cancellation);
    }

    private TimeSpan? WaitOf(HttpResponseMessage response, RemoteAnswer answer)
    {
        var now = time.GetUtcNow();
        var stated = response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - now : null;
        return StatedWait.Bounded(stated) ?? (FaultOf(response.StatusCode) == RemoteFault.RateLimited ? StatedWait.Of(answer.Message, now) : null);
    }

    private static long? Number(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out var values) && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private string Sentence(HttpMethod method, string path, HttpStatusCode status, string message) =>
        $"{name} answered {method} {path} with {(int)status}{(message.Length > 0 ? $": {Redaction.Of(message)}" : ".")}";

    private static RemoteFault FaultOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => RemoteFault.Unauthorized,
        HttpStatusCode.Forbidden => RemoteFault.Forbidden,
        HttpStatusCode.NotFound => RemoteFault.NotFound,
        HttpStatusCode.Conflict => RemoteFault.Conflict,
        HttpStatusCode.TooManyRequests => RemoteFault.RateLimited,
        HttpStatusCode.RequestTimeout => RemoteFault.TimedOut,
        >= HttpStatusCode.InternalServerError => RemoteFault.Unavailable,
        _ => RemoteFault.Refused, // redirects, too: a token is not carried elsewhere
    };
}
