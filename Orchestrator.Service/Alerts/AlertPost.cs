using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Orchestrator.Service.Classify;

namespace Orchestrator.Service.Alerts;

/// <summary>Posts JSON to one address, which may hold a token: spaced, repeated while it may help and there is time, and silent about where.</summary>
/// <param name="clients">Makes the HTTP clients.</param>
/// <param name="name">Of the HTTP client.</param>
/// <param name="to">The address; it appears in no log line, exception or trace.</param>
/// <param name="token">What is a secret in it; null if any part may be one, and then no word of an answer is told.</param>
/// <param name="spacing">Least time between two posts.</param>
/// <param name="patience">How long one alert is tried.</param>
/// <param name="time">The clock.</param>
internal sealed class AlertPost(IHttpClientFactory clients, string name, Uri to, string? token, TimeSpan spacing, TimeSpan patience, TimeProvider time)
{
    private const int Tries = 5, MaxAnswerBytes = 16 * 1024;
    private static readonly TimeSpan OneTry = TimeSpan.FromSeconds(10), Pause = TimeSpan.FromSeconds(1), LongestSilence = TimeSpan.FromHours(1);
    private DateTimeOffset _notBefore = DateTimeOffset.MinValue;

    /// <summary>One at a time. What was sent and not answered is sent again: rather twice than never.</summary>
    /// <exception cref="AlertNotToldException">It was not accepted.</exception>
    public async Task SendAsync(byte[] body, (string Name, string Value)? header, CancellationToken cancellation)
    {
        var until = time.GetUtcNow() + patience;
        var why = "";
        for (var tried = 1; tried <= Tries; tried++)
        {
            await WaitAsync(until, why, cancellation);
            var answer = await TryAsync(body, header, cancellation);
            var now = time.GetUtcNow();
            _notBefore = now + spacing;
            if (answer is Answer.Accepted)
                return;
            why = answer.Why;
            if (answer is not Answer.Passing passing)
                throw new AlertNotToldException(why);
            var pause = passing.After is { } stated ? (stated < LongestSilence ? stated : LongestSilence) : tried < Tries ? Pause * Math.Pow(2, tried - 1) : TimeSpan.Zero;
            if (now + pause > _notBefore)
                _notBefore = now + pause;
        }

        throw new AlertNotToldException($"{why} It was tried {Tries} times.");
    }

    private async Task WaitAsync(DateTimeOffset until, string why, CancellationToken cancellation)
    {
        var wait = _notBefore - time.GetUtcNow();
        if (wait <= TimeSpan.Zero)
            return;
        if (_notBefore > until)
            throw new AlertNotToldException($"{why} There is no turn before another {wait.TotalSeconds:0} s.".TrimStart());
        await Task.Delay(wait, time, cancellation);
    }

    private async Task<Answer> TryAsync(byte[] body, (string Name, string Value)? header, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(OneTry, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Post, to) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (header is { } given)
            request.Headers.TryAddWithoutValidation(given.Name, given.Value);
        try
        {
            using var client = clients.CreateClient(name);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return response.IsSuccessStatusCode ? new Answer.Accepted() : await RefusalAsync(response, either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return new Answer.Passing($"No answer within {OneTry.TotalSeconds:0} s.", null);
        }
        catch (HttpRequestException broken)
        {
            return new Answer.Passing($"The server could not be reached, or the connection broke ({broken.HttpRequestError}).", null);
        }
        catch (IOException)
        {
            return new Answer.Passing("The connection broke.", null);
        }
    }

    private async Task<Answer> RefusalAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var (said, after) = Telegram(await BytesAsync(response, cancellation));
        if (response.Headers.RetryAfter is { } stated)
            after ??= stated.Delta ?? stated.Date - time.GetUtcNow();
        var why = $"The server answered {(int)response.StatusCode}{(token is not null && said.Length > 0 ? $": {Redaction.Of(said.Replace(token, "***", StringComparison.Ordinal))}" : "")}.";
        return response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError
            ? new Answer.Passing(why, after > TimeSpan.Zero ? after : null)
            : new Answer.Refused(why);
    }

    private static async Task<byte[]> BytesAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[MaxAnswerBytes];
        return buffer[..await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation)];
    }

    // What else answers says nothing here, and its status is enough.
    private static (string Said, TimeSpan? After) Telegram(byte[] answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer, new JsonDocumentOptions { MaxDepth = 16 });
            if (document.RootElement is not { ValueKind: JsonValueKind.Object } root)
                return ("", null);
            var said = root.TryGetProperty("description", out var description) && description.ValueKind == JsonValueKind.String ? description.GetString()! : "";
            var after = root.TryGetProperty("parameters", out var parameters) && parameters.ValueKind == JsonValueKind.Object
                && parameters.TryGetProperty("retry_after", out var seconds) && seconds.TryGetInt32(out var number) && number > 0 ? TimeSpan.FromSeconds(number) : (TimeSpan?)null;
            return (said, after);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return ("", null);
        }
    }

    private abstract record Answer(string Why)
    {
        public sealed record Accepted() : Answer("");

        /// <summary>The same may be accepted later.</summary>
        public sealed record Passing(string Why, TimeSpan? After) : Answer(Why);

        public sealed record Refused(string Why) : Answer(Why);
    }
}
