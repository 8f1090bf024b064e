using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Local;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Local;

public sealed class S3NotifierTests
{
    [Theory]
    [InlineData("tenants/acme/Rechnungen März + April (22).pdf", "tenants/acme/Rechnungen+M%C3%A4rz+%2B+April+%2822%29.pdf")]
    [InlineData("plain.pdf", "plain.pdf")]
    [InlineData("50% off & more?=1;#[]'\"~*!.xml", "50%25+off+%26+more%3F%3D1%3B%23%5B%5D%27%22%7E*%21.xml")]
    [InlineData("請求書/納品.pdf", "%E8%AB%8B%E6%B1%82%E6%9B%B8/%E7%B4%8D%E5%93%81.pdf")]
    [Trait("Requirement", "DOC-1")]
    public async Task A_stored_object_is_announced_with_its_key_as_AWS_encodes_it(string key, string encoded)
    {
        await using var inbox = await Inbox.CreateAsync();
        var content = Encoding.UTF8.GetBytes("content of " + key);

        var stored = await inbox.Notifier.PutAsync(key, new MemoryStream(content));

        var body = Assert.Single(await inbox.ReceiveAsync());
        Assert.Equal(stored.Notification, body);
        var told = JsonDocument.Parse(body).RootElement.GetProperty("Records")[0].GetProperty("s3");
        Assert.Equal(inbox.Name, told.GetProperty("bucket").GetProperty("name").GetString());
        Assert.Equal(encoded, told.GetProperty("object").GetProperty("key").GetString());
        Assert.Equal(content.Length, told.GetProperty("object").GetProperty("size").GetInt64());
#pragma warning disable CA5351 // what S3 calls the eTag of an object put in one piece
        Assert.Equal(Convert.ToHexStringLower(MD5.HashData(content)), told.GetProperty("object").GetProperty("eTag").GetString());
#pragma warning restore CA5351
        Assert.Equal(key, WebUtility.UrlDecode(encoded)); // as a consumer gets back to the object
        Assert.Equal(content, await inbox.DownloadAsync(key));
    }

    [Fact]
    public async Task A_file_far_larger_than_the_samples_is_stored_and_announced()
    {
        await using var inbox = await Inbox.CreateAsync();
        var content = new byte[30 << 20];
        Random.Shared.NextBytes(content);

        var stored = await inbox.Notifier.PutAsync("scanned.pdf", new MemoryStream(content));

        Assert.Equal([stored.Notification], await inbox.ReceiveAsync());
        Assert.Equal(SHA256.HashData(content), SHA256.HashData(await inbox.DownloadAsync("scanned.pdf")));
    }

    [Fact]
    public async Task A_notification_sent_again_is_the_same_to_the_byte()
    {
        await using var inbox = await Inbox.CreateAsync();
        var stored = await inbox.Notifier.PutAsync("once.pdf", new MemoryStream([1, 2, 3]));

        await inbox.Notifier.NotifyAsync(stored);

        Assert.Equal([stored.Notification, stored.Notification], await inbox.ReceiveAsync());
    }

    [Fact]
    public async Task Putting_the_same_key_again_is_another_event()
    {
        await using var inbox = await Inbox.CreateAsync();

        var first = await inbox.Notifier.PutAsync("again.pdf", new MemoryStream([1]));
        var second = await inbox.Notifier.PutAsync("again.pdf", new MemoryStream([1]));

        Assert.NotEqual(first.Notification, second.Notification);
    }

    [SharedDataFact]
    public async Task A_notification_has_the_shape_of_one_from_AWS()
    {
        var recorded = Directory.EnumerateFiles(SharedData.Root!, "s3-object-created-put.json", SearchOption.AllDirectories).Single();
        await using var inbox = await Inbox.CreateAsync();

        var stored = await inbox.Notifier.PutAsync("shape.pdf", new MemoryStream([1]));

        var theirs = Shape(JsonDocument.Parse(await File.ReadAllTextAsync(recorded)).RootElement).Where(path => !path.Contains("versionId", StringComparison.Ordinal));
        Assert.Equal(theirs, Shape(JsonDocument.Parse(stored.Notification).RootElement));
    }

    [SharedDataFact]
    public async Task A_test_event_has_the_shape_of_one_from_AWS()
    {
        var recorded = Directory.EnumerateFiles(SharedData.Root!, "s3-test*.json", SearchOption.AllDirectories).Single();
        await using var inbox = await Inbox.CreateAsync();

        await inbox.Notifier.SendTestEventAsync();

        var body = Assert.Single(await inbox.ReceiveAsync());
        Assert.Equal(Shape(JsonDocument.Parse(await File.ReadAllTextAsync(recorded)).RootElement), Shape(JsonDocument.Parse(body).RootElement));
    }

    [Fact]
    public async Task A_missing_queue_is_named()
    {
        var environment = await Shared.Environment;
        var name = Shared.Unique("nowhere");
        using var notifier = new S3Notifier(environment.ServiceUrl, name, name, TimeProvider.System);
        await notifier.CreateBucketAsync();

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => notifier.PutAsync("a.pdf", new MemoryStream([1])));

        Assert.Contains($"the queue {name}", failure.Message, StringComparison.Ordinal);
        Assert.Contains("The specified queue does not exist", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>The path and kind of every value, in order.</summary>
    private static IEnumerable<string> Shape(JsonElement element, string path = "") => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Shape(property.Value, $"{path}/{property.Name}")),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(item => Shape(item, path + "[]")),
        _ => [$"{path}: {element.ValueKind}"],
    };

    /// <summary>A bucket and a queue of one test, both of one name.</summary>
    private sealed class Inbox(Uri serviceUrl, string name) : IAsyncDisposable
    {
        private readonly HttpClient _http = new() { BaseAddress = serviceUrl };

        public string Name => name;

        public S3Notifier Notifier { get; } = new(serviceUrl, name, name, TimeProvider.System);

        public static async Task<Inbox> CreateAsync()
        {
            var inbox = new Inbox((await Shared.Environment).ServiceUrl, Shared.Unique("inbox"));
            await inbox.CallAsync("CreateQueue", new { QueueName = inbox.Name });
            await inbox.Notifier.CreateBucketAsync();
            return inbox;
        }

        public async Task<List<string>> ReceiveAsync()
        {
            var queue = (await CallAsync("GetQueueUrl", new { QueueName = Name })).GetProperty("QueueUrl").GetString();
            var answer = await CallAsync("ReceiveMessage", new { QueueUrl = queue, MaxNumberOfMessages = 10 });
            return answer.TryGetProperty("Messages", out var messages)
                ? [.. messages.EnumerateArray().Select(message => message.GetProperty("Body").GetString()!)]
                : [];
        }

        public Task<byte[]> DownloadAsync(string key) => _http.GetByteArrayAsync($"/{Name}/{string.Join('/', key.Split('/').Select(Uri.EscapeDataString))}");

        public ValueTask DisposeAsync()
        {
            Notifier.Dispose();
            _http.Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task<JsonElement> CallAsync(string action, object request)
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, "/") { Content = JsonContent.Create(request, new MediaTypeHeaderValue("application/x-amz-json-1.0"), JsonSerializerOptions.Default) };
            message.Headers.Add("X-Amz-Target", "AmazonSQS." + action);
            using var response = await _http.SendAsync(message);
            return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>())!;
        }
    }
}
