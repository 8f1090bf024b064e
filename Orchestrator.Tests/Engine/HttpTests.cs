using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using Orchestrator.Service.Http;
using Orchestrator.Service.Run;
using Orchestrator.Tests.Infrastructure;

namespace Orchestrator.Tests.Engine;

public sealed class HttpTests : IAsyncLifetime
{
    private TestNode _node = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        _node = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done(new { said = "hello" })));
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = _node.Url };
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _node.DisposeAsync();
    }

    [Fact]
    [Trait("Requirement", "JOB-1")]
    [Trait("Requirement", "JOB-7")]
    public async Task A_posted_job_is_accepted_with_its_address_and_a_second_with_its_key_finds_it()
    {
        var first = await _http.PostAsJsonAsync("/jobs", new { lane = "work", payload = new { a = 1 }, dedupeKey = "k" });
        var second = await _http.PostAsJsonAsync("/jobs", new { lane = "work", payload = new { a = 2 }, dedupeKey = "k" });

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.OK), (first.StatusCode, second.StatusCode));
        var id = (await JsonAsync(first)).GetProperty("jobId").GetGuid();
        Assert.Equal($"/jobs/{id}", first.Headers.Location!.ToString());
        var found = await JsonAsync(second);
        Assert.Equal((id, true), (found.GetProperty("jobId").GetGuid(), found.GetProperty("duplicate").GetBoolean()));
        await _node.BecomesAsync(id, "Succeeded");
        var job = await _http.GetFromJsonAsync<JsonElement>($"/jobs/{id}");
        Assert.Equal(("Succeeded", 1, "hello"), (job.GetProperty("state").GetString(), job.GetProperty("payload").GetProperty("a").GetInt32(), job.GetProperty("result").GetProperty("said").GetString()));
    }

    [Fact]
    public async Task A_request_that_breaks_rules_is_refused_with_all_of_them_and_nothing_is_stored()
    {
        var refused = await _http.PostAsJsonAsync("/jobs", new { lane = "worc", payload = "text", priority = 1001, maxAttempts = 0, dedupeKey = "" });

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType!.MediaType);
        var errors = (await JsonAsync(refused)).GetProperty("errors").GetProperty("request").EnumerateArray().Select(e => e.GetString()).ToList();
        Assert.Equal(
        [
            "lane: 'worc' is not a lane. Did you mean 'work'? Lanes: work.",
            "priority: must be -1000 to 1000. Found: 1001.",
            "maxAttempts: must be 1 to 100, or absent for the lane's setting. Found: 0.",
            "dedupeKey: must have 1 to 400 characters, or be absent. Found: 0.",
            "payload: must be a JSON object that PostgreSQL can store (no NUL characters), nested at most 48 deep.",
        ], errors);
        Assert.Equal(0L, await _node.ScalarAsync<long>("SELECT count(*) FROM orchestrator.job"));
    }

    [Theory]
    [InlineData("""{"lane":"work","payload":""")]
    [InlineData("""{"payload":{}}""")]
    [InlineData("""{"lane":"work","priority":"high"}""")]
    [InlineData("""{"lane":null}""")]
    [InlineData("""{"lane":"work","dedupeKey":"\ud800"}""")]
    [InlineData("""{"lane":"work","availableAt":"9999-12-31T23:59:59-14:00"}""")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task A_body_that_cannot_be_read_is_the_senders_fault_and_said_so(string body)
    {
        var refused = await _http.PostAsync("/jobs", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType!.MediaType);
        Assert.False(string.IsNullOrEmpty((await JsonAsync(refused)).GetProperty("detail").GetString()));
    }

    [Theory]
    [InlineData("\"a\\u0000b\"")]
    [InlineData("1e999999")]
    [InlineData("\"\\ud83d\"")]
    public async Task A_payload_that_PostgreSQL_cannot_store_is_the_senders_fault(string value)
    {
        var refused = await _http.PostAsync("/jobs", new StringContent($$"""{"lane":"work","payload":{"a":{{value}} } }""", System.Text.Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    [Trait("Requirement", "OPS-2")]
    public async Task Jobs_are_listed_newest_first_page_by_page_and_filtered()
    {
        await _node.ExecuteAsync("UPDATE orchestrator.lane SET paused_at = now()");
        var ids = new List<Guid>();
        for (var i = 0; i < 5; i++)
            ids.Add(await _node.SubmitAsync());
        await _node.Jobs.CancelAsync(ids[1]);

        var seen = new List<Guid>();
        for (var page = await ListAsync("limit=2"); ; page = await ListAsync($"limit=2&after={page.GetProperty("next").GetInt64()}"))
        {
            seen.AddRange(IdsOf(page));
            if (page.GetProperty("next").ValueKind == JsonValueKind.Null)
                break;
        }

        ids.Reverse();
        Assert.Equal(ids, seen);
        Assert.Equal([ids[3]], IdsOf(await ListAsync("state=Cancelled")));
        Assert.Empty(IdsOf(await ListAsync("lane=other")));
        Assert.Equal(HttpStatusCode.BadRequest, (await _http.GetAsync("/jobs?limit=501")).StatusCode);
    }

    [Fact]
    [Trait("Requirement", "JOB-7")]
    public async Task Commands_are_carried_out_refused_by_state_or_find_no_job()
    {
        var id = await _node.SubmitAsync(new("work") { AvailableAt = TimeProvider.System.GetUtcNow().AddHours(1) });

        Assert.Equal(HttpStatusCode.OK, (await PostAsync($"/jobs/{id}/priority?value=7")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync($"/jobs/{id}/cancel?reason=late")).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync($"/jobs/{id}/priority?value=8")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync($"/jobs/{id}/retry")).StatusCode);
        await _node.BecomesAsync(id, "Succeeded");
        var conflict = await PostAsync($"/jobs/{id}/cancel");
        Assert.Equal(HttpStatusCode.Conflict, conflict.StatusCode);
        Assert.Contains($"Job {id} is Succeeded; nothing was changed.", (await JsonAsync(conflict)).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync($"/jobs/{Guid.NewGuid()}/cancel")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync($"/jobs/{Guid.NewGuid()}")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync($"/jobs/{id}/priority?value=1001")).StatusCode);
    }

    [Fact]
    [Trait("Requirement", "OPS-4")]
    public async Task A_node_is_live_and_ready()
    {
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync("/health/live")).StatusCode);
        await Eventually.IsAsync(async () =>
        {
            using var ready = await _http.GetAsync("/health/ready");
            return new { ready.StatusCode, Said = await ready.Content.ReadAsStringAsync() };
        }, ready => ready.StatusCode == HttpStatusCode.OK, "it is ready");
    }

    [Fact]
    [Trait("Requirement", "OPS-1")]
    public async Task The_queue_tells_counts_nodes_and_permits()
    {
        var id = await _node.SubmitAsync();
        await _node.BecomesAsync(id, "Succeeded");

        var queue = await QueueTests.ReadAsync(_http, "lanes", "nodes", "permits");

        Assert.Equal(1, queue.GetProperty("lanes").GetProperty("work").GetProperty("Succeeded").GetInt32());
        Assert.Equal(1, queue.GetProperty("nodes").GetArrayLength());
        Assert.Equal(3, queue.GetProperty("permits").GetProperty("process").GetProperty("size").GetInt32());
    }

    [Fact]
    [Trait("Requirement", "SEC-1")]
    public async Task A_request_under_a_name_that_is_not_loopback_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/jobs") { Headers = { Host = "attacker.example" } };

        var refused = await _http.SendAsync(request);

        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (refused.StatusCode, refused.Content.Headers.ContentType!.MediaType));
    }

    [Theory]
    [InlineData("Origin", "http://attacker.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://localhost:1")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [Trait("Requirement", "SEC-1")]
    public async Task A_page_of_another_site_cannot_command_jobs_from_its_readers_browser(string header, string value)
    {
        var id = await _node.SubmitAsync(new("work") { AvailableAt = TimeProvider.System.GetUtcNow().AddHours(1) });
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/jobs/{id}/cancel") { Headers = { { header, value } } };

        var refused = await _http.SendAsync(request);

        Assert.Equal((HttpStatusCode.Forbidden, "application/problem+json"), (refused.StatusCode, refused.Content.Headers.ContentType!.MediaType));
        Assert.Equal("Queued", (await _node.Jobs.GetAsync(id))!.State);
    }

    [Fact]
    [Trait("Requirement", "SEC-1")]
    public async Task A_page_of_the_service_itself_may_send_commands()
    {
        var id = await _node.SubmitAsync(new("work") { AvailableAt = TimeProvider.System.GetUtcNow().AddHours(1) });
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/jobs/{id}/cancel") { Headers = { { "Origin", _node.Url.GetLeftPart(UriPartial.Authority) }, { "Sec-Fetch-Site", "same-origin" } } };

        Assert.Equal(HttpStatusCode.OK, (await _http.SendAsync(request)).StatusCode);
    }

    [Theory]
    [InlineData("lane=%00")]
    [InlineData("state=%00")]
    [InlineData("state=queued")]
    public async Task A_filter_that_nothing_can_fit_is_refused(string query)
    {
        var refused = await _http.GetAsync("/jobs?" + query);

        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (refused.StatusCode, refused.Content.Headers.ContentType!.MediaType));
    }

    [Theory]
    [InlineData("lane", HttpStatusCode.NotFound, "No breaker of lane 'ingestion' is open")]
    [InlineData("Credential", HttpStatusCode.NotFound, "No breaker of credential 'ingestion' is open")]
    [InlineData("99", HttpStatusCode.BadRequest, "scope: must be lane or credential. Found: 99.")]
    [InlineData("foo", HttpStatusCode.BadRequest, "scope: must be lane or credential. Found: foo.")]
    [Trait("Requirement", "RES-4")]
    public async Task A_breaker_is_named_in_whatever_letters_and_another_scope_is_refused(string scope, HttpStatusCode status, string detail)
    {
        var answer = await _http.PostAsync($"/breakers/{scope}/ingestion/close", null);

        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(detail, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "OPS-1")]
    public async Task A_database_that_does_not_answer_is_told_as_such()
    {
        await using var gone = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Database=none;Username=nobody");
        var away = await Assert.ThrowsAsync<NpgsqlException>(async () => await gone.OpenConnectionAsync());
        var told = new Told();
        var http = new DefaultHttpContext();

        Assert.True(await new Problems(told).TryHandleAsync(http, away, CancellationToken.None));

        Assert.Equal((503, 503), (http.Response.StatusCode, told.Problem!.Status));
        Assert.Contains("database", told.Problem.Title, StringComparison.Ordinal);
        Assert.False(await new Problems(told).TryHandleAsync(http, new PostgresException("a fault of ours", "ERROR", "ERROR", PostgresErrorCodes.SyntaxError), CancellationToken.None));
    }

    private sealed class Told : IProblemDetailsService
    {
        public ProblemDetails? Problem { get; private set; }

        public ValueTask<bool> TryWriteAsync(ProblemDetailsContext context)
        {
            Problem = context.ProblemDetails;
            return ValueTask.FromResult(true);
        }

        public async ValueTask WriteAsync(ProblemDetailsContext context) => await TryWriteAsync(context);
    }

    [Theory]
    [InlineData("klingon")]
    [InlineData("utf-7")]
    [InlineData("utf-16")]
    public async Task A_body_in_another_charset_than_UTF_8_is_refused(string charset)
    {
        using var body = new ByteArrayContent("""{"lane":"work"}"""u8.ToArray()) { Headers = { { "Content-Type", $"application/json; charset={charset}" } } };

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await _http.PostAsync("/jobs", body)).StatusCode);
    }

    [Fact]
    [Trait("Requirement", "OPS-2")]
    public async Task A_job_with_the_deepest_payload_that_is_taken_is_shown_and_does_not_hide_the_others()
    {
        var depth = 70;
        for (HttpStatusCode? answer = null; answer != HttpStatusCode.Accepted; depth--)
        {
            var payload = string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
            using var body = new StringContent($$"""{"lane":"work","payload":{{payload}}}""", System.Text.Encoding.UTF8, "application/json");
            answer = (await _http.PostAsync("/jobs", body)).StatusCode;
            Assert.True(answer is HttpStatusCode.BadRequest or HttpStatusCode.Accepted, $"{answer} at a depth of {depth}");
        }

        Assert.Single(IdsOf(await ListAsync("limit=10")));
    }

    private Task<HttpResponseMessage> PostAsync(string path) => _http.PostAsync(path, null);

    private Task<JsonElement> ListAsync(string query) => _http.GetFromJsonAsync<JsonElement>("/jobs?" + query);

    private static List<Guid> IdsOf(JsonElement page) => [.. page.GetProperty("jobs").EnumerateArray().Select(j => j.GetProperty("id").GetGuid())];

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response) => await response.Content.ReadFromJsonAsync<JsonElement>();
}
