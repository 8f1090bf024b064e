using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Orchestrator.Local;

/// <summary>Calls SQS past the bus. It speaks JSON over POST; the emulator asks for no signature.</summary>
internal sealed class EmulatorSqs(Uri serviceUrl) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = serviceUrl };

    public async Task<string> UrlOfAsync(string queue, CancellationToken ct) =>
        (await CallAsync("GetQueueUrl", new { QueueName = queue }, ct)).GetProperty("QueueUrl").GetString()!;

    /// <summary>Messages by queue, for all queues whose name begins with a prefix: visible, in flight and delayed together.</summary>
    public async Task<IReadOnlyDictionary<string, int>> DepthsAsync(string prefix, CancellationToken ct)
    {
        var listed = await CallAsync("ListQueues", new { QueueNamePrefix = prefix, MaxResults = 1000 }, ct);
        var depths = new SortedDictionary<string, int>(StringComparer.Ordinal);
        if (!listed.TryGetProperty("QueueUrls", out var urls))
            return depths;
        foreach (var url in urls.EnumerateArray().Select(url => url.GetString()!))
        {
            var attributes = (await CallAsync("GetQueueAttributes", new { QueueUrl = url, AttributeNames = new[] { "All" } }, ct)).GetProperty("Attributes");
            depths[url[(url.LastIndexOf('/') + 1)..]] =
                Number(attributes, "ApproximateNumberOfMessages") + Number(attributes, "ApproximateNumberOfMessagesNotVisible") + Number(attributes, "ApproximateNumberOfMessagesDelayed");
        }
        return depths;
    }

    /// <exception cref="InvalidOperationException">SQS refused; the message says what it answered.</exception>
    public async Task<JsonElement> CallAsync(string action, object request, CancellationToken ct)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "/") { Content = JsonContent.Create(request, new MediaTypeHeaderValue("application/x-amz-json-1.0"), JsonSerializerOptions.Default) };
        message.Headers.Add("X-Amz-Target", "AmazonSQS." + action);
        using var response = await _http.SendAsync(message, ct);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(ct);
        return response.IsSuccessStatusCode ? answer : throw new InvalidOperationException($"{action} answered {(int)response.StatusCode} {answer}.");
    }

    public void Dispose() => _http.Dispose();

    private static int Number(JsonElement attributes, string name) =>
        attributes.TryGetProperty(name, out var value) ? int.Parse(value.GetString()!, System.Globalization.CultureInfo.InvariantCulture) : 0;
}
