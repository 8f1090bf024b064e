using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Ingress;

namespace Orchestrator.Service.Http;

/// <summary>Broken requests become problem details that say what, where and why; everything else stays a 500 without insides.</summary>
internal sealed class Problems(IProblemDetailsService problems) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        ProblemDetails? details = exception switch
        {
            JobRequestException refused => new HttpValidationProblemDetails(new Dictionary<string, string[]> { ["request"] = [.. refused.Errors] })
            {
                Status = StatusCodes.Status400BadRequest,
                Title = "The request breaks a rule; nothing was stored",
                Detail = refused.Message,
            },
            BadHttpRequestException bad => new ProblemDetails
            {
                Status = bad.StatusCode,
                Title = "The request can't be read",
                Detail = bad.InnerException?.Message ?? bad.Message,
            },
            NpgsqlException away when Persistent.IsPassing(away) => new ProblemDetails
            {
                Status = StatusCodes.Status503ServiceUnavailable,
                Title = "The database does not answer",
                Detail = "Whether the request was carried out is not known. Ask again once GET /health/ready answers 200; a submission with a DedupeKey is never stored twice.",
            },
            _ => null,
        };
        if (details is null)
            return false;
        httpContext.Response.StatusCode = details.Status!.Value;
        return await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = details });
    }
}
