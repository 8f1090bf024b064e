using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Local.Wire;

/// <summary>
/// A loopback proxy in front of the emulator that counts requests by action and can make them go wrong. Point a bus at
/// <see cref="Url"/> and assert what really crossed the wire.
/// </summary>
public sealed class WireTap : IAsyncDisposable
{
    private readonly WebApplication _proxy;
    private readonly HttpClient _emulator;
    private readonly ConcurrentDictionary<string, int> _counts = new();
    private readonly ConcurrentQueue<WireRequest> _requests = new();
    private readonly Lock _lock = new();
    private readonly List<Rule> _rules = [];
    private JsonArray? _again;

    private WireTap(WebApplication proxy, HttpClient emulator) => (_proxy, _emulator) = (proxy, emulator);

    /// <summary>The address to use instead of the emulator's.</summary>
    public Uri Url => new(_proxy.Urls.Single());

    /// <summary>Requests by action since the start or the last <see cref="Reset"/>; a request that went wrong counts too.</summary>
    public IReadOnlyDictionary<string, int> Counts => _counts;

    /// <summary>The requests since the start or the last <see cref="Reset"/>, in order.</summary>
    public IReadOnlyCollection<WireRequest> Requests => _requests;

    /// <summary>Starts a proxy on a free loopback port.</summary>
    public static async Task<WireTap> StartAsync(Uri emulator, CancellationToken ct = default)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = 8 * 1024 * 1024);
        var proxy = builder.Build();
        var tap = new WireTap(proxy, new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false }) { BaseAddress = emulator, Timeout = TimeSpan.FromMinutes(2) });
        proxy.Run(tap.Pass);
        await proxy.StartAsync(ct);
        return tap;
    }

    /// <summary>
    /// Makes requests of an action go wrong; <paramref name="times"/> says how many, and <paramref name="when"/> which. Several
    /// rules for one request apply in the order in which they were added.
    /// </summary>
    /// <returns>A handle whose disposal takes the rule away.</returns>
    public IDisposable Inject(string action, WireFault fault, int times = int.MaxValue, Func<WireRequest, bool>? when = null)
    {
        var rule = new Rule(this, action, fault, when) { Left = times };
        lock (_lock)
            _rules.Add(rule);
        return rule;
    }

    /// <summary>How many requests of an action were seen.</summary>
    public int CountOf(string action) => _counts.GetValueOrDefault(action);

    /// <summary>Forgets counts, requests and rules.</summary>
    public void Reset()
    {
        lock (_lock)
            _rules.Clear();
        _counts.Clear();
        _requests.Clear();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _emulator.Dispose();
    }

    private async Task Pass(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var request = new WireRequest(ActionOf(context.Request, body), body, TimeProvider.System.GetUtcNow(), AccessKeyOf(context.Request));
        _counts.AddOrUpdate(request.Action, 1, (_, count) => count + 1);
        _requests.Enqueue(request);

        var faults = FaultsOf(request);
        foreach (var fault in faults)
        {
            switch (fault)
            {
                case WireFault.Delay delay:
                    await Task.Delay(delay.Time, TimeProvider.System, CancellationToken.None);
                    break;
                case WireFault.Status status:
                    await Answer(context, status.Code, status.ContentType, status.Body);
                    return;
                case WireFault.Refuse refuse:
                    var error = new JsonObject { ["__type"] = "com.amazonaws.sqs#" + refuse.Code, ["message"] = refuse.Message };
                    await Answer(context, refuse.HttpStatus, "application/x-amz-json-1.0", error.ToJsonString());
                    return;
                case WireFault.Script script when script.Answer(request) is { } answer:
                    await Answer(context, 200, "application/x-amz-json-1.0", answer);
                    return;
                case WireFault.Cut:
                    context.Abort();
                    return;
            }
        }
        var (status200, type, text) = await Forward(context, request, faults);
        if (faults.OfType<WireFault.LoseResponse>().Any())
            context.Abort();
        else
            await Answer(context, status200, type, text);
    }

    private async Task<(int Status, string Type, string Text)> Forward(HttpContext context, WireRequest request, List<WireFault> faults)
    {
        if (faults.OfType<WireFault.FailEntries>().FirstOrDefault() is { } partly)
            return await ForwardPartly(context, request, partly);
        if (request.Action == "ReceiveMessage" && Interlocked.Exchange(ref _again, null) is { } again)
            return (200, "application/x-amz-json-1.0", new JsonObject { ["Messages"] = again }.ToJsonString());

        var answer = await Call(context, request.Body);
        if (faults.OfType<WireFault.Duplicate>().Any() && MessagesIn(answer.Text) is { Count: > 0 } duplicates)
            _again = duplicates;
        return answer;
    }

    private async Task<(int Status, string Type, string Text)> ForwardPartly(HttpContext context, WireRequest request, WireFault.FailEntries fault)
    {
        var batch = JsonNode.Parse(request.Body)!.AsObject();
        var entries = batch["Entries"]!.AsArray();
        var failing = entries.Select((entry, position) => (entry, position)).Where(e => fault.Positions?.Contains(e.position) ?? true).Select(e => e.entry!).ToList();
        var failed = new JsonArray([.. failing.Select(entry => (JsonNode)new JsonObject
        {
            ["Id"] = entry["Id"]!.GetValue<string>(),
            ["Code"] = fault.Code,
            ["Message"] = fault.Message,
            ["SenderFault"] = fault.SenderFault,
        })]);
        foreach (var entry in failing)
            entries.Remove(entry);
        var successful = entries.Count == 0
            ? new JsonArray()
            : JsonNode.Parse((await Call(context, batch.ToJsonString())).Text)!["Successful"]?.DeepClone();
        return (200, "application/x-amz-json-1.0", new JsonObject { ["Successful"] = successful, ["Failed"] = failed }.ToJsonString());
    }

    private async Task<(int Status, string Type, string Text)> Call(HttpContext context, string body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), context.Request.Path.Value + context.Request.QueryString.Value)
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)),
        };
        foreach (var (name, values) in context.Request.Headers)
        {
            if (name is not ("Host" or "Content-Length" or "Transfer-Encoding" or "Connection" or "Expect") && !request.Headers.TryAddWithoutValidation(name, values.ToArray()))
                request.Content.Headers.TryAddWithoutValidation(name, values.ToArray());
        }
        // Not cancelled with the client: the emulator, like SQS, carries on with a poll that nobody waits for any more.
        using var response = await _emulator.SendAsync(request, CancellationToken.None);
        return ((int)response.StatusCode, response.Content.Headers.ContentType?.ToString() ?? "text/plain", await response.Content.ReadAsStringAsync(CancellationToken.None));
    }

    private static async Task Answer(HttpContext context, int status, string type, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, CancellationToken.None);
    }

    private List<WireFault> FaultsOf(WireRequest request)
    {
        lock (_lock)
        {
            if (_rules.Count == 0)
                return [];
            var applying = _rules.Where(rule => rule.Left > 0 && rule.Action == request.Action && rule.When?.Invoke(request) != false).ToList();
            applying.ForEach(rule => rule.Left--);
            return [.. applying.Select(rule => rule.Fault)];
        }
    }

    private static string ActionOf(HttpRequest request, string body)
    {
        if (request.Headers.TryGetValue("X-Amz-Target", out var target))
            return target.ToString()[(target.ToString().LastIndexOf('.') + 1)..];
        return request.Method == HttpMethods.Post && HttpUtility.ParseQueryString(body)["Action"] is { } action ? action : $"{request.Method} {request.Path}";
    }

    /// <summary>"AWS4-HMAC-SHA256 Credential=KEY/20260101/…" names the key first.</summary>
    private static string AccessKeyOf(HttpRequest request)
    {
        var credential = request.Headers.Authorization.ToString().Split("Credential=").ElementAtOrDefault(1) ?? "";
        return credential.Split('/')[0];
    }

    private static JsonArray? MessagesIn(string text) => JsonNode.Parse(text)?["Messages"]?.DeepClone() as JsonArray;

    private sealed class Rule(WireTap tap, string action, WireFault fault, Func<WireRequest, bool>? when) : IDisposable
    {
        public string Action => action;
        public WireFault Fault => fault;
        public Func<WireRequest, bool>? When => when;
        public int Left { get; set; }

        public void Dispose()
        {
            lock (tap._lock)
                tap._rules.Remove(this);
        }
    }
}
