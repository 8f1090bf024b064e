using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orchestrator.Service.Delivery.Webhooks;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Remote;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Engine;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Delivery.Webhooks;

/// <summary>The two doors, over real HTTP into a real queue.</summary>
[Trait("Requirement", "FLOW-4")]
public sealed class WebhookTests : IAsyncLifetime
{
    private const string GiteaSecret = "kept under a stone";
    private const string PlaneSecret = "plane_wh_of_our_own_tests";
    private static readonly HttpStatusCode?[] TooLargeOrBroken = [HttpStatusCode.RequestEntityTooLarge, null];
    private readonly TemporaryFolder _folder = new();
    private readonly List<JobRun> _runs = [];
    private TestNode _node = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(SecretFile, GiteaSecret + "\n");
        Environment.SetEnvironmentVariable("ORCHESTRATOR_TESTS_PLANE_SECRET", PlaneSecret);
        _node = await StartAsync(bodyTime: "00:00:30");
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = _node.Url };
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _node.DisposeAsync();
        _folder.Dispose();
    }

    private string SecretFile => Path.Combine(_folder.Path, "gitea");

    private Task<TestNode> StartAsync(string bodyTime, TestNode? beside = null) => TestNode.StartAsync(
        new Dictionary<string, Func<JobRun, CancellationToken, Task<JobOutcome>>> { ["deliveries"] = (run, _) => { lock (_runs) _runs.Add(run); return Task.FromResult(JobOutcome.Done()); } },
        new Dictionary<string, string?>
        {
            ["Webhooks:Gitea:Secret:File"] = SecretFile, ["Webhooks:Gitea:Bot"] = "the-bot",
            ["Webhooks:Plane:Secret:Variable"] = "ORCHESTRATOR_TESTS_PLANE_SECRET", ["Webhooks:Plane:Bot"] = Payloads.Bot.ToString(),
            ["Webhooks:BodyTime"] = bodyTime, ["Webhooks:MaxBytes"] = "65536",
        },
        beside?.ConnectionString);

    [Fact]
    public async Task A_signed_delivery_becomes_one_job_whose_handler_reads_the_facts()
    {
        var answer = await GiteaAsync(Payloads.PullRequest("closed", merged: true), "pull_request");

        Assert.Equal((HttpStatusCode.Accepted, "Enqueued"), (answer.Status, answer.Outcome));
        var delivery = Orchestrator.Service.Delivery.Webhooks.Delivery.Read((await _node.BecomesAsync(answer.Job!.Value, "Succeeded")).Payload);
        Assert.Equal((DeliverySource.Gitea, "pull_request"), (delivery.Source, delivery.Kind));
        Assert.Equal(new PullRequestMerged(new("acme/engine", 7, "feature/T-1", Payloads.Head, "main"), Payloads.Other), Assert.Single(delivery.Facts));
        lock (_runs)
            Assert.Equal(answer.Job, Assert.Single(_runs).JobId);
    }

    [Fact]
    public async Task A_replay_finds_the_first_job_whatever_its_unsigned_headers_say()
    {
        var body = Payloads.Push();

        var first = await GiteaAsync(body, "push");
        var again = await GiteaAsync(body, "push");
        var disguised = await GiteaAsync(body, "push", delivery: Guid.NewGuid().ToString());

        Assert.Equal(("Enqueued", "Duplicate", "Duplicate"), (first.Outcome, again.Outcome, disguised.Outcome));
        Assert.Equal((first.Job, first.Job), (again.Job, disguised.Job));
        Assert.Equal(1L, await JobsAsync());
    }

    [Fact]
    public async Task Replays_at_once_become_one_job()
    {
        var body = Payloads.Comment();

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => GiteaAsync(body, "issue_comment")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Accepted, answer.Status));
        Assert.Single(answers, answer => answer.Outcome == "Enqueued");
        Assert.Equal(1L, await JobsAsync());
    }

    [Fact]
    [Trait("Requirement", "SEC-4")]
    public async Task A_forged_delivery_is_refused_counted_and_leaves_nothing()
    {
        var body = Payloads.Push();
        var right = Signature.Of(Encoding.UTF8.GetBytes(GiteaSecret), body);
        string?[] wrong = [null, "", right[..63], right[..62], right + "00", (right[0] == '0' ? "1" : "0") + right[1..], Signature.Of("another"u8.ToArray(), body), "sha256=", "sha1=" + right[..40]];

        foreach (var signature in wrong)
            Assert.Equal(HttpStatusCode.Unauthorized, (await GiteaAsync(body, "push", signature: signature ?? "-")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PlaneAsync(Payloads.ItemCreated(), right)).Status);

        var altered = body.ToArray();
        altered[^3] ^= 1;
        Assert.Equal(HttpStatusCode.Unauthorized, (await GiteaAsync(altered, "push", signature: right)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GiteaAsync(JsonSerializer.SerializeToUtf8Bytes(JsonDocument.Parse(body).RootElement), "push", signature: right)).Status);
        Assert.Equal(0L, await JobsAsync());
        var counts = _node.Services.GetRequiredService<WebhookCounts>();
        Assert.Equal((wrong.Length + 2, 1), (counts.Of(DeliverySource.Gitea, DeliveryEnd.Forged), counts.Of(DeliverySource.Plane, DeliveryEnd.Forged)));
    }

    [Fact]
    public async Task The_signature_is_taken_from_each_header_that_senders_use()
    {
        var body = Payloads.Push();
        var right = Signature.Of(Encoding.UTF8.GetBytes(GiteaSecret), body);

        Assert.Equal("Enqueued", (await GiteaAsync(body, "push", signature: right)).Outcome);
        Assert.Equal("Duplicate", (await SendAsync("/webhooks/gitea", body, ("X-Hub-Signature-256", "sha256=" + right), ("X-Gitea-Event", "push"))).Outcome);
        Assert.Equal("Duplicate", (await SendAsync("/webhooks/gitea", body, ("X-Forgejo-Signature", right), ("X-Forgejo-Event", "push"), ("X-Forgejo-Event-Type", "push"))).Outcome);
    }

    [Fact]
    public async Task In_a_form_the_JSON_is_what_was_signed()
    {
        var body = Payloads.Comment(text: "ü & <b> + %");
        var right = Signature.Of(Encoding.UTF8.GetBytes(GiteaSecret), body);
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("payload", Encoding.UTF8.GetString(body))]);
        var raw = await form.ReadAsByteArrayAsync();

        var wrong = await SendAsync("/webhooks/gitea", raw, "application/x-www-form-urlencoded", ("X-Gitea-Signature", Signature.Of(Encoding.UTF8.GetBytes(GiteaSecret), raw)), ("X-Gitea-Event", "issue_comment"));
        var taken = await SendAsync("/webhooks/gitea", raw, "application/x-www-form-urlencoded", ("X-Gitea-Signature", right), ("X-Gitea-Event", "issue_comment"));
        var same = await GiteaAsync(body, "issue_comment");

        Assert.Equal(HttpStatusCode.Unauthorized, wrong.Status);
        Assert.Equal(("Enqueued", "Duplicate"), (taken.Outcome, same.Outcome));
        var fact = Orchestrator.Service.Delivery.Webhooks.Delivery.Read((await _node.Jobs.GetAsync(taken.Job!.Value))!.Payload).Facts;
        Assert.Equal("ü & <b> + %", Assert.IsType<PullRequestCommented>(Assert.Single(fact)).Text);
    }

    [Fact]
    public async Task What_moves_nothing_is_accepted_and_enqueues_nothing()
    {
        Assert.Equal(("Ignored", "UnknownKind"), Said(await GiteaAsync(Payloads.Push(), "wiki")));
        Assert.Equal(("Ignored", "Own"), Said(await GiteaAsync(Payloads.Comment(sender: "the-bot"), "issue_comment")));
        Assert.Equal(("Ignored", "Own"), Said(await PlaneAsync(Payloads.ItemChanged("state", Payloads.Doing, actor: Payloads.Bot))));
        Assert.Equal(("Ignored", "MovesNothing"), Said(await PlaneAsync(Payloads.ItemChanged("priority", "high"))));
        Assert.Equal(0L, await JobsAsync());

        static (string?, string?) Said(Answer answer) => (answer.Outcome, answer.Why);
    }

    [Fact]
    public async Task Deliveries_of_the_tracker_become_jobs_and_retries_with_new_ids_do_not()
    {
        var first = await PlaneAsync(Payloads.ItemChanged("state_id", Payloads.Doing));
        var retry = await PlaneAsync(Payloads.ItemChanged("state_id", Payloads.Doing));
        var later = await PlaneAsync(Payloads.ItemChanged("state_id", Payloads.Doing, updated: "2026-06-07T17:00:00Z"));

        Assert.Equal(("Enqueued", "Duplicate", "Enqueued"), (first.Outcome, retry.Outcome, later.Outcome));
        var delivery = Orchestrator.Service.Delivery.Webhooks.Delivery.Read((await _node.Jobs.GetAsync(first.Job!.Value))!.Payload);
        Assert.Equal(new WorkItemStateChanged(Payloads.Project, Payloads.Item, Payloads.Doing), Assert.Single(delivery.Facts));
    }

    [Fact]
    public async Task Signed_JSON_that_cannot_be_read_is_the_senders_fault_and_said_so()
    {
        var body = Payloads.Push()[..40];
        var refused = await GiteaAsync(body, "push");

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains("no JSON", refused.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("refs/heads", refused.Body, StringComparison.Ordinal);
        Assert.Equal(1, _node.Services.GetRequiredService<WebhookCounts>().Of(DeliverySource.Gitea, DeliveryEnd.Unreadable));
        Assert.Equal(0L, await JobsAsync());
    }

    [Fact]
    [Trait("Requirement", "SEC-4")]
    public async Task Bodies_are_bounded_in_size_stated_or_not_in_type_and_in_time()
    {
        var large = new byte[65537];
        var signature = Signature.Of(Encoding.UTF8.GetBytes(GiteaSecret), large);
        using var unstated = new HttpRequestMessage(HttpMethod.Post, "/webhooks/gitea") { Content = new StreamContent(new MemoryStream(large)) { Headers = { { "Content-Type", "application/json" } } } };
        unstated.Headers.TransferEncodingChunked = true;
        unstated.Headers.Add("X-Gitea-Signature", signature);
        _http.DefaultRequestHeaders.ConnectionClose = true; // where a body was refused the server closes, and a later request on that connection would be sent twice or not at all
        await using var impatient = await StartAsync(bodyTime: "00:00:01", _node);

        // The answer comes while the body is still on its way, and a client that goes on sending may see the connection break instead.
        Assert.Contains(await StatusAsync(async () => (await GiteaAsync(large, "push", signature: signature)).Status), TooLargeOrBroken);
        Assert.Contains(await StatusAsync(async () => (await _http.SendAsync(unstated)).StatusCode), TooLargeOrBroken);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await SendAsync("/webhooks/gitea", "x"u8.ToArray(), "text/plain", ("X-Gitea-Signature", signature))).Status);
        Assert.Equal("HTTP/1.1 408", (await SlowlyAsync(impatient.Url, signature))[..12]);

        var counts = _node.Services.GetRequiredService<WebhookCounts>();
        Assert.Equal((3, 0), (counts.Of(DeliverySource.Gitea, DeliveryEnd.Refused), counts.Of(DeliverySource.Gitea, DeliveryEnd.Forged)));
        var slow = impatient.Services.GetRequiredService<WebhookCounts>();
        Assert.Equal((1, 0), (slow.Of(DeliverySource.Gitea, DeliveryEnd.Refused), slow.Of(DeliverySource.Gitea, DeliveryEnd.Forged)));
        var fits = new byte[65536];
        Assert.Equal(HttpStatusCode.Unauthorized, (await GiteaAsync(fits, "push", signature: signature)).Status);

        static async Task<HttpStatusCode?> StatusAsync(Func<Task<HttpStatusCode>> send)
        {
            try
            {
                return await send();
            }
            catch (HttpRequestException)
            {
                return null;
            }
        }
    }

    [Fact]
    public async Task Without_a_secret_the_address_is_not_there_and_a_secret_that_is_missing_stops_the_start()
    {
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()));
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = node.Url };
        var body = Payloads.Push();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/gitea") { Content = new ByteArrayContent(body) { Headers = { { "Content-Type", "application/json" } } } };
        request.Headers.Add("X-Gitea-Signature", Signature.Of([], body));

        Assert.Equal(HttpStatusCode.NotFound, (await http.SendAsync(request)).StatusCode);
        var missing = await Assert.ThrowsAsync<BrokenSettingsException>(() => EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()), node, ("Webhooks:Gitea:Secret:File", "/nowhere/secret")));
        Assert.Contains("Orchestrator:Webhooks:Gitea:Secret names the file /nowhere/secret", missing.Message, StringComparison.Ordinal);
        var lane = await Assert.ThrowsAsync<BrokenSettingsException>(() => EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()), node, ("Webhooks:Plane:Secret:Variable", "ORCHESTRATOR_TESTS_PLANE_SECRET")));
        Assert.Contains("Orchestrator:Webhooks:Lane must name a lane", lane.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "OPS-1")]
    public async Task The_queue_tells_what_became_of_deliveries_and_when_the_last_came()
    {
        await GiteaAsync(Payloads.Push(), "push");
        await GiteaAsync(Payloads.Push(), "push", signature: new string('0', 64));

        var block = (await QueueTests.ReadAsync(_http, "webhooks")).GetProperty("webhooks").GetProperty("Gitea");

        Assert.Equal((1, 1), (block.GetProperty("ends").GetProperty("Enqueued").GetInt32(), block.GetProperty("ends").GetProperty("Forged").GetInt32()));
        Assert.Equal(JsonValueKind.String, block.GetProperty("last").ValueKind);
    }

    [Fact]
    public async Task A_database_that_cannot_be_reached_is_no_success_for_Gitea_and_no_answer_for_Plane()
    {
        var database = new NpgsqlConnectionStringBuilder(_node.ConnectionString);
        var proxy = new TcpProxy(database.Port);
        database.Port = proxy.Port;
        await using var cut = await TestNode.StartAsync(
            new Dictionary<string, Func<JobRun, CancellationToken, Task<JobOutcome>>> { ["deliveries"] = (_, _) => Task.FromResult(JobOutcome.Done()) },
            new Dictionary<string, string?> { ["Webhooks:Gitea:Secret:Variable"] = "ORCHESTRATOR_TESTS_PLANE_SECRET", ["Webhooks:Plane:Secret:Variable"] = "ORCHESTRATOR_TESTS_PLANE_SECRET" }, database.ConnectionString);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = cut.Url };
        await proxy.DisposeAsync();

        using var toGitea = Request("/webhooks/gitea", Payloads.Push(), "application/json", ("X-Gitea-Signature", Signature.Of(Encoding.UTF8.GetBytes(PlaneSecret), Payloads.Push())), ("X-Gitea-Event", "push"));
        using var toPlane = Request("/webhooks/plane", Payloads.ItemCreated(), "application/json", ("X-Plane-Signature", Signature.Of(Encoding.UTF8.GetBytes(PlaneSecret), Payloads.ItemCreated())));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.SendAsync(toGitea)).StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.SendAsync(toPlane));
    }

    private Task<long> JobsAsync() => _node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job");

    private Task<Answer> GiteaAsync(byte[] body, string kind, string? signature = null, string? delivery = null) => SendAsync("/webhooks/gitea", body,
        ("X-Gitea-Signature", signature == "-" ? null : signature ?? Signature.Of(Encoding.UTF8.GetBytes(GiteaSecret), body)), ("X-Gitea-Event", kind), ("X-Gitea-Event-Type", kind), ("X-Gitea-Delivery", delivery ?? "d-1"));

    private Task<Answer> PlaneAsync(byte[] body, string? signature = null) => SendAsync("/webhooks/plane", body,
        ("X-Plane-Signature", signature ?? Signature.Of(Encoding.UTF8.GetBytes(PlaneSecret), body)), ("X-Plane-Event", "issue"), ("X-Plane-Delivery", Guid.NewGuid().ToString()));

    private Task<Answer> SendAsync(string path, byte[] body, params (string Name, string? Value)[] headers) => SendAsync(path, body, "application/json", headers);

    private async Task<Answer> SendAsync(string path, byte[] body, string type, params (string Name, string? Value)[] headers)
    {
        using var request = Request(path, body, type, headers);
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var taken = response.StatusCode == HttpStatusCode.Accepted ? JsonSerializer.Deserialize<DeliveryTaken>(text, JsonSerializerOptions.Web) : null;
        return new Answer(response.StatusCode, taken?.Outcome, taken?.Job, taken?.Why, text);
    }

    private static HttpRequestMessage Request(string path, byte[] body, string type, params (string Name, string? Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) { Headers = { { "Content-Type", type } } } };
        foreach (var (name, value) in headers.Where(header => header.Value is not null))
            request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    /// <summary>States a body and sends none of it.</summary>
    private static async Task<string> SlowlyAsync(Uri url, string signature)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, url.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /webhooks/gitea HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\nX-Gitea-Signature: {signature}\r\n\r\n{{"));
        return await new StreamReader(stream).ReadLineAsync() ?? "";
    }

    private sealed record Answer(HttpStatusCode Status, string? Outcome, Guid? Job, string? Why, string Body);
}
