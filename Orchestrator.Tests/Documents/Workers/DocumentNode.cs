using System.Net.Http.Json;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Local;
using Orchestrator.Persistence.Documents;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Permit;
using Orchestrator.Service.Run;
using Orchestrator.Tests.AmazonSqs;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Documents.Workers;

/// <summary>A real node with the five document workers on a bucket, queues and a database of its own.</summary>
public sealed class DocumentNode : IAsyncDisposable
{
    private static readonly IReadOnlyDictionary<string, Func<JobRun, CancellationToken, Task<JobOutcome>>> NoFunctions =
        new Dictionary<string, Func<JobRun, CancellationToken, Task<JobOutcome>>>();

    private readonly HttpClient _http;

    private DocumentNode(TestNode node, Uri serviceUrl, string bucket, string prefix)
    {
        (Node, Bucket, Prefix) = (node, bucket, prefix);
        Notifier = new S3Notifier(serviceUrl, bucket, AcquisitionQueue, TimeProvider.System);
        Queues = new TestQueues(serviceUrl);
        S3 = new AmazonS3Client(new BasicAWSCredentials("test", "test"), new AmazonS3Config { ServiceURL = serviceUrl.ToString(), AuthenticationRegion = "us-east-1", ForcePathStyle = true });
        _http = new HttpClient { BaseAddress = node.Url };
    }

    public TestNode Node { get; }
    public string Bucket { get; }
    public string Prefix { get; }
    public S3Notifier Notifier { get; }
    public TestQueues Queues { get; }
    public AmazonS3Client S3 { get; }

    public string AcquisitionQueue => Prefix + "acquisition";

    internal Permits Permits => Node.Services.GetRequiredService<Permits>();

    /// <param name="settings">Settings below <c>Orchestrator:</c> that differ from the tests' defaults.</param>
    /// <param name="sqs">Another address for SQS than the emulator's, such as a wire tap's.</param>
    public static async Task<DocumentNode> StartAsync(IReadOnlyDictionary<string, string?>? settings = null, Uri? sqs = null)
    {
        var environment = await Shared.Environment;
        var bucket = Shared.Unique("documents");
        var prefix = Shared.Unique("d") + "-";
        var values = new Dictionary<string, string?>
        {
            ["Bus:Transport"] = "AmazonSqs",
            ["Bus:ServiceUrl"] = (sqs ?? environment.ServiceUrl).ToString(),
            ["Bus:Prefix"] = prefix,
            ["Bus:LongPollSeconds"] = "1",
            ["Documents:Bucket"] = bucket,
            ["Documents:ServiceUrl"] = environment.ServiceUrl.ToString(),
            ["Documents:Matching:FirstRetry"] = "00:00:00.050",
            ["Documents:Matching:LongestRetry"] = "00:00:00.200",
            ["Documents:Matching:MaxAttempts"] = "2",
            ["Documents:Matching:Policy"] = "TwoWay",
        };
        foreach (var lane in (string[])["ingestion", "matching", "diagnostics-recompute", "document-output"])
        {
            values[$"Lanes:{lane}:Permits"] = "3";
            values[$"Lanes:{lane}:Prefetch"] = "22";
            values[$"Lanes:{lane}:Backoff"] = "00:00:00.050";
        }

        foreach (var (key, value) in settings ?? new Dictionary<string, string?>())
            values[key] = value;
        var node = new DocumentNode(await TestNode.StartAsync(NoFunctions, values), environment.ServiceUrl, bucket, prefix);
        await node.Notifier.CreateBucketAsync();
        return node;
    }

    /// <summary>Puts a file into the bucket and notifies, as S3 would.</summary>
    public async Task<StoredObject> PutAsync(string key, byte[] content)
    {
        using var stream = new MemoryStream(content);
        return await Notifier.PutAsync(key, stream);
    }

    public Task<StoredObject> PutFileAsync(string key, string path) => PutAsync(key, File.ReadAllBytes(path));

    /// <summary>Puts an object without telling anybody.</summary>
    public Task StoreAsync(string bucket, string key, byte[] content) =>
        S3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = key, InputStream = new MemoryStream(content) });

    /// <summary>Puts a message of AWS's into the acquisition queue, byte by byte.</summary>
    public async Task NotifyAsync(string body) => await Queues.SendAsync(AcquisitionQueue, new Orchestrator.AmazonSqs.SendEntry { Id = "", MessageBody = body });

    /// <summary>Imports orders over HTTP.</summary>
    public async Task<HttpResponseMessage> ImportAsync(string csv, string tenant = "default")
    {
        using var content = new StringContent(csv, System.Text.Encoding.UTF8, "text/csv");
        return await _http.PostAsync($"/purchase-orders?tenant={tenant}", content);
    }

    public Task<JsonElement> GetAsync(string path) => _http.GetFromJsonAsync<JsonElement>(path);

    public Task<HttpResponseMessage> SendAsync(string path) => _http.GetAsync(path);

    /// <summary>All documents, in the order in which they came.</summary>
    internal async Task<List<DocumentRow>> DocumentsAsync(Guid? parent = null)
    {
        await using var connection = await Node.Database.OpenConnectionAsync();
        return [.. (await DocumentLedger.ListAsync(connection, null, parent, null, 500, default)).OrderBy(document => document.Seq)];
    }

    /// <summary>The jobs of a lane.</summary>
    public Task<long> JobsAsync(string lane, string state) =>
        Node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE lane = $1 AND state = $2", lane, state);

    /// <summary>Waits until no job is left to be done and the acquisition queue is empty.</summary>
    public async Task SettledAsync(int documents)
    {
        await Eventually.IsAsync(() => Node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.document WHERE parent_id IS NULL"), count => count >= documents, $"{documents} document(s) are stored");
        await Eventually.IsAsync(() => Node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job WHERE ended_at IS NULL"), left => left == 0, "all jobs have ended");
        await Eventually.IsAsync(() => Queues.CountAsync(AcquisitionQueue), left => left == 0, "the acquisition queue is empty");
    }

    /// <summary>Enqueues a job of a document lane by hand.</summary>
    public Task<SubmittedJob> SubmitAsync(string lane, Guid document, int rev) =>
        Node.Jobs.SubmitAsync(new JobRequest(lane, JsonSerializer.Serialize(new { documentId = document, rev })));

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        _http.Dispose();
        Notifier.Dispose();
        Queues.Dispose();
        S3.Dispose();
    }
}
