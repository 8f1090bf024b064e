using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Local.StandIns;

/// <summary>A request as it came.</summary>
/// <param name="Method">GET, POST and so on.</param>
/// <param name="Path">With the query, as it crossed the wire.</param>
/// <param name="Body">Empty if there was none.</param>
/// <param name="Status">What was answered; 0 where the connection was cut.</param>
public sealed record SeenRequest(string Method, string Path, string Body, int Status);

/// <summary>How a request goes wrong.</summary>
public abstract record StandInFault
{
    private StandInFault()
    {
    }

    /// <summary>It is not carried out, and this is the answer.</summary>
    public sealed record Answer(int Status, string Json, string? RetryAfter = null, Uri? Location = null) : StandInFault;

    /// <summary>It is carried out, later.</summary>
    public sealed record Slow(TimeSpan Delay) : StandInFault;

    /// <summary>The connection ends without an answer; before that it is carried out, or not.</summary>
    public sealed record Cut(bool CarriedOut) : StandInFault;
}

/// <summary>HTTP on a loopback port that keeps a journal and can be told to fail; what it answers otherwise is its owner's.</summary>
internal sealed class StandInServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<SeenRequest> _journal = new();
    private readonly ConcurrentQueue<(string, string)> _taken = new();
    private readonly List<Rule> _rules = [];
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly Func<StandInRequest, Task<StandInAnswer>> _answer;

    private StandInServer(WebApplication app, Func<StandInRequest, Task<StandInAnswer>> answer, TimeProvider time) => (_app, _answer, _time) = (app, answer, time);

    public Uri Url { get; private set; } = null!;

    public IReadOnlyCollection<SeenRequest> Journal => _journal;

    public IReadOnlyCollection<(string Method, string Path)> Taken => _taken;

    public static async Task<StandInServer> StartAsync(Func<StandInRequest, Task<StandInAnswer>> answer, TimeProvider time, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new StandInServer(app, answer, time);
        app.Run(server.TakeAsync);
        await app.StartAsync(cancellation);
        server.Url = new Uri(app.Urls.Single());
        return server;
    }

    /// <summary>Makes the next requests of that method whose path holds these words go wrong.</summary>
    public void Fail(string method, string path, StandInFault fault, int times)
    {
        lock (_lock)
            _rules.Add(new Rule(method, path, fault) { Left = times });
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var path = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
        _taken.Enqueue((context.Request.Method, path));
        var fault = Next(context.Request.Method, path);
        if (fault is StandInFault.Slow slow)
            await Task.Delay(slow.Delay, _time, context.RequestAborted);
        var answer = fault switch
        {
            StandInFault.Answer stated => new StandInAnswer(stated.Status, JsonNode.Parse(stated.Json)) 
            {
                Headers = [.. stated.RetryAfter is { } after ? [("Retry-After", after)] : Array.Empty<(string, string)>(), .. stated.Location is { } to ? [("Location", to.ToString())] : Array.Empty<(string, string)>()],
            },
            StandInFault.Cut { CarriedOut: false } => null,
            _ => await _answer(new StandInRequest(context.Request, path, body)),
        };
        if (fault is StandInFault.Cut)
            answer = null;
        _journal.Enqueue(new SeenRequest(context.Request.Method, path, body, answer?.Status ?? 0));
        if (answer is null)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
            context.Response.Headers[name] = value;
        if (answer.HasBody)
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(answer.Body?.ToJsonString() ?? "null", context.RequestAborted);
        }
    }

    private StandInFault? Next(string method, string path)
    {
        lock (_lock)
        {
            var rule = _rules.FirstOrDefault(rule => rule.Left > 0 && rule.Method == method && path.Contains(rule.Path, StringComparison.Ordinal));
            if (rule is not null)
                rule.Left--;
            return rule?.Fault;
        }
    }

    private sealed record Rule(string Method, string Path, StandInFault Fault)
    {
        public int Left { get; set; }
    }
}

/// <param name="Http">The request.</param>
/// <param name="Target">Path and query as they crossed the wire.</param>
/// <param name="Text">The body.</param>
internal sealed record StandInRequest(HttpRequest Http, string Target, string Text)
{
    public string Method => Http.Method;

    /// <summary>The parts of the path, unescaped one by one, so that a slash in a name stays in it.</summary>
    public string[] Parts { get; } = [.. Target.Split('?')[0].Trim('/').Split('/').Select(Uri.UnescapeDataString)];

    public JsonObject Body { get; } = Text.Length == 0 ? [] : JsonNode.Parse(Text)!.AsObject();

    public string? this[string name] => Body[name]?.GetValue<string>();

    public string? Query(string name) => Http.Query[name].FirstOrDefault();
}

/// <param name="Status">Of the answer.</param>
/// <param name="Body">JSON; null is written as null.</param>
internal sealed record StandInAnswer(int Status, JsonNode? Body)
{
    public bool HasBody { get; init; } = true;

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public static StandInAnswer Empty(int status) => new(status, null) { HasBody = false };

    /// <summary>A refusal as Gitea words it.</summary>
    public static StandInAnswer Message(int status, string message) => new(status, new JsonObject { ["message"] = message, ["url"] = "" });
}
