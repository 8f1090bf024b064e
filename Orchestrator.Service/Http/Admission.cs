using System.Text;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Orchestrator.Service.Http;

/// <summary>What no route takes, before any of them looks: requests that web pages of others make in an operator's browser, and text that can't be read or stored.</summary>
internal sealed class Admission(RequestDelegate next)
{
    private static readonly IList<StringSegment> Loopback = ["localhost", "127.0.0.1", "[::1]"];

    public Task InvokeAsync(HttpContext context) => Refusal(context.Request) is { } refusal
        ? Results.Problem(statusCode: refusal.Status, title: refusal.Title, detail: refusal.Detail).ExecuteAsync(context)
        : next(context);

    private static (int Status, string Title, string Detail)? Refusal(HttpRequest request)
    {
        // A page reaches the service under a name of its own, which it lets point here, and then may read the answers.
        if (request.Host is { HasValue: true, Host: var name } && !HostString.MatchesAny(name, Loopback))
            return (StatusCodes.Status400BadRequest, "The service answers only under loopback names", $"Ask for localhost, 127.0.0.1 or [::1]. Found: {name}.");
        // A browser sends a form or an empty POST to anywhere, and says in these headers whose page asked for it. Other clients send neither.
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && ForeignPage(request) is { } page)
            return (StatusCodes.Status403Forbidden, "Pages of other sites may not send commands", $"The request comes from {page}. Send it from a program, or from a page of this service.");
        if (request.Query.FirstOrDefault(parameter => parameter.Value.Any(value => value?.Contains('\0', StringComparison.Ordinal) is true)).Key is { } named)
            return (StatusCodes.Status400BadRequest, "The request breaks a rule; nothing was stored", $"{named}: must not contain the character NUL, which PostgreSQL can't store.");
        if (MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.Charset is { Length: > 0 } charset && !Readable(charset.Value!))
            return (StatusCodes.Status415UnsupportedMediaType, "Bodies are read as UTF-8", $"Send the body in UTF-8. Found: charset={charset}.");
        return null;
    }

    private static string? ForeignPage(HttpRequest request)
    {
        if (request.Headers.Origin.FirstOrDefault() is { } origin && origin != $"{request.Scheme}://{request.Host}")
            return $"the origin '{origin}'";
        return request.Headers["Sec-Fetch-Site"].FirstOrDefault() is { } site && site is not ("same-origin" or "none") ? $"another site's page (Sec-Fetch-Site: {site})" : null;
    }

    private static bool Readable(string charset) => charset.Trim('"').Equals(Encoding.UTF8.WebName, StringComparison.OrdinalIgnoreCase);
}
