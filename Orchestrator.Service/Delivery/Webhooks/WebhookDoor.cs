using Npgsql;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Remote;

namespace Orchestrator.Service.Delivery.Webhooks;

/// <summary>Takes deliveries in: verified, understood, enqueued as one job in one round trip. What follows from them is the job's business.</summary>
internal sealed class WebhookDoor : IDisposable
{
    private const int AtOnce = 32; // bodies in memory, whoever sends them
    private const int LongestId = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3); // Gitea gives up after 5
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly WebhookOptions _options;
    private readonly IJobClient _jobs;
    private readonly WebhookCounts _counts;
    private readonly TimeProvider _time;
    private readonly ILogger<WebhookDoor> _log;
    private readonly byte[]? _gitea;
    private readonly byte[]? _plane;
    private readonly SemaphoreSlim _bodies = new(AtOnce);

    /// <exception cref="BrokenSettingsException">A secret that the settings name can't be read, or there is no lane for what is reported.</exception>
    public WebhookDoor(WebhookOptions options, Receive.LanesOptions lanes, IJobClient jobs, WebhookCounts counts, TimeProvider time, ILogger<WebhookDoor> log)
    {
        (_options, _jobs, _counts, _time, _log) = (options, jobs, counts, time, log);
        _gitea = Secret(options.Gitea.Secret, "Gitea");
        _plane = Secret(options.Plane.Secret, "Plane");
        if (options.IsEnabled && !lanes.ContainsKey(options.Lane))
            throw new BrokenSettingsException([$"Orchestrator:Webhooks:Lane must name a lane of Orchestrator:Lanes where a secret is set. Found: {options.Lane}. Lanes: {string.Join(", ", lanes.Keys)}."]);
    }

    public Task<IResult> GiteaAsync(HttpContext context) => TakeAsync(context, DeliverySource.Gitea, _gitea,
        GiteaSignature(context.Request.Headers), First(context, "X-Gitea-Delivery", "X-Forgejo-Delivery"),
        json => GiteaReading.Read(First(context, "X-Gitea-Event-Type", "X-Forgejo-Event-Type"), First(context, "X-Gitea-Event", "X-Forgejo-Event"), json, _options.Gitea));

    public Task<IResult> PlaneAsync(HttpContext context) => TakeAsync(context, DeliverySource.Plane, _plane,
        Header(context, "X-Plane-Signature"), First(context, "X-Plane-Delivery"), json => PlaneReading.Read(json, _options.Plane));

    public void Dispose() => _bodies.Dispose();

    /// <summary>Gitea and Forgejo say the same in several headers; without a secret on their side all of them are empty.</summary>
    private static string? GiteaSignature(IHeaderDictionary headers) =>
        ((string[])["X-Gitea-Signature", "X-Forgejo-Signature", "X-Hub-Signature-256"]).Select(name => headers[name].ToString()).FirstOrDefault(value => value.Length > 0);

    private async Task<IResult> TakeAsync(HttpContext context, DeliverySource source, byte[]? secret, string? stated, string? delivery, Func<ReadOnlyMemory<byte>, Reading> read)
    {
        if (secret is null)
            return Problem(StatusCodes.Status404NotFound, "Nothing is taken here", $"No secret is configured; set Orchestrator:Webhooks:{source}:Secret:Variable or :File.");
        if (Signature.Parse(stated) is not { } signature)
            return Forged(context, source, stated is { Length: > 0 } ? "its signature is not 64 hexadecimal digits" : "it has no signature"); // its body is not read at all

        ReadOnlyMemory<byte>? body;
        try
        {
            body = await BodyAsync(context);
        }
        catch (Exception refused) when (refused is BadHttpRequestException or OperationCanceledException && !context.RequestAborted.IsCancellationRequested)
        {
            _counts.Ended(source, DeliveryEnd.Refused);
            return refused is BadHttpRequestException bad ? Problem(bad.StatusCode, "The delivery can't be taken", bad.Message)
                : Problem(StatusCodes.Status408RequestTimeout, "The delivery took too long", $"Its body must arrive within {_options.BodyTime.TotalSeconds:0.#} s.");
        }

        if (body is not { } json || !Signature.Holds(secret, json.Span, signature))
            return Forged(context, source, "its signature is not that of its body");
        return read(json) switch
        {
            Reading.News news => await EnqueueAsync(context, source, delivery, news),
            Reading.Nothing nothing => Ignored(source, nothing),
            Reading.Broken broken => Unreadable(source, delivery, broken),
            var other => throw new InvalidOperationException($"A reading of an unknown type: {other.GetType().Name}."),
        };
    }

    private async Task<ReadOnlyMemory<byte>?> BodyAsync(HttpContext context)
    {
        using var soon = new CancellationTokenSource(_options.BodyTime, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(soon.Token, context.RequestAborted);
        if (context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } server)
            server.MaxRequestBodySize = _options.MaxBytes;
        await _bodies.WaitAsync(either.Token);
        try
        {
            return await SignedBody.ReadAsync(context.Request, _options.MaxBytes, either.Token);
        }
        finally
        {
            _bodies.Release();
        }
    }

    private async Task<IResult> EnqueueAsync(HttpContext context, DeliverySource source, string? delivery, Reading.News news)
    {
        var job = new Delivery(source, delivery, news.Kind, _time.GetUtcNow(), news.Facts).ToJob(_options.Lane, news.Key);
        var began = _time.GetTimestamp();
        while (true)
        {
            try
            {
                // Not with the request's token: who hangs up now has been heard.
                var submitted = await _jobs.SubmitAsync(job, CancellationToken.None);
                var end = submitted.Duplicate ? DeliveryEnd.Duplicate : DeliveryEnd.Enqueued;
                _counts.Ended(source, end);
                return TypedResults.Accepted($"/jobs/{submitted.JobId}", new DeliveryTaken(end.ToString(), submitted.JobId, null));
            }
            catch (NpgsqlException away) when (away.IsTransient && _time.GetElapsedTime(began) < Patience)
            {
                await Task.Delay(Pause, _time, CancellationToken.None);
            }
            catch (NpgsqlException away)
            {
                return NotStored(context, source, delivery, away);
            }
        }
    }

    private IResult NotStored(HttpContext context, DeliverySource source, string? delivery, NpgsqlException away)
    {
        _counts.Ended(source, DeliveryEnd.NotStored);
        if (source == DeliverySource.Plane)
        {
            // Plane tries again, up to five times over hours, when no answer comes; any answer, whatever its status, is the end of it.
            _log.NotStored(source.ToString(), delivery, "The connection was broken off, so that Plane tries again", away);
            context.Abort();
            return Results.Empty;
        }

        _log.NotStored(source.ToString(), delivery, "Gitea sends once: replay it on the webhook's page, or leave it to the reconciler", away);
        return Problem(StatusCodes.Status503ServiceUnavailable, "The delivery was not stored", "The database can't be reached. Send it again later.");
    }

    private IResult Ignored(DeliverySource source, Reading.Nothing nothing)
    {
        _counts.Ended(source, DeliveryEnd.Ignored);
        if (nothing.Why == WhyNothing.UnknownKind)
            _log.UnknownKind(source.ToString(), Classify.Redaction.Of(nothing.Kind));
        return TypedResults.Accepted((string?)null, new DeliveryTaken(nameof(DeliveryEnd.Ignored), null, nothing.Why.ToString()));
    }

    private IResult Unreadable(DeliverySource source, string? delivery, Reading.Broken broken)
    {
        _counts.Ended(source, DeliveryEnd.Unreadable);
        _log.Unreadable(source.ToString(), broken.What, delivery);
        return Problem(StatusCodes.Status400BadRequest, "The delivery is signed and can't be read; nothing was enqueued", broken.What);
    }

    private IResult Forged(HttpContext context, DeliverySource source, string why)
    {
        _counts.Ended(source, DeliveryEnd.Forged);
        _log.Forged(source.ToString().ToLowerInvariant(), why, context.Connection.RemoteIpAddress?.ToString());
        return Problem(StatusCodes.Status401Unauthorized, "The signature does not fit", "Nothing was stored. A delivery must carry the HMAC-SHA256 of its body under the configured secret.");
    }

    private static byte[]? Secret(SecretOptions secret, string name) => secret.IsSet ? System.Text.Encoding.UTF8.GetBytes(secret.Read($"Orchestrator:Webhooks:{name}:Secret")) : null;

    private static string? Header(HttpContext context, string name) => context.Request.Headers[name].ToString() is { Length: > 0 } value ? value : null;

    /// <summary>The first of the headers that has a value; unsigned, so short and without control characters.</summary>
    private static string? First(HttpContext context, params string[] names) =>
        names.Select(name => Header(context, name)).FirstOrDefault(value => value is { Length: <= LongestId } && value.All(c => c is > ' ' and < '\u007f'));

    private static IResult Problem(int status, string title, string detail) => Results.Problem(statusCode: status, title: title, detail: detail);
}

/// <param name="Outcome">Enqueued, Duplicate or Ignored.</param>
/// <param name="Job">The job that carries it; the first one's if it is a duplicate.</param>
/// <param name="Why">Why it was ignored.</param>
internal sealed record DeliveryTaken(string Outcome, Guid? Job, string? Why);
