using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Orchestrator.Service.Sweeps;

namespace Orchestrator.Service.Http;

/// <summary>Sweeps for operators: seen, stopped, and fired by hand.</summary>
internal static class SweepEndpoints
{
    private const int RunsShown = 5;

    public static void MapSweeps(this IEndpointRouteBuilder routes)
    {
        var sweeps = routes.MapGroup("/sweeps").WithTags("Sweeps");
        sweeps.MapGet("/", (SweepControl control, CancellationToken cancellation) => control.ReadAsync(RunsShown, cancellation))
            .WithSummary("Every sweep with its last runs, its last failure and its pause");
        sweeps.MapPost("/{name}/pause", PauseAsync).WithSummary("Let a sweep take no turns until it is resumed, also after restarts; one that is under way ends")
            .ProducesProblem(StatusCodes.Status404NotFound);
        sweeps.MapPost("/{name}/resume", ResumeAsync).WithSummary("Let a sweep take its turns again")
            .ProducesProblem(StatusCodes.Status404NotFound);
        sweeps.MapPost("/{name}/fire", FireAsync).WithSummary("Ask for a turn now, also while the sweep is paused; its run appears in GET /sweeps")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> PauseAsync(
        string name, SweepControl control, CancellationToken cancellation, [FromQuery] string? reason = null)
    {
        if (control.Find(name) is not { } sweep)
            return NotFound(name, control);
        await control.PauseAsync(sweep, reason, cancellation);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ResumeAsync(string name, SweepControl control, CancellationToken cancellation)
    {
        if (control.Find(name) is not { } sweep)
            return NotFound(name, control);
        await control.ResumeAsync(sweep, cancellation);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Accepted, ProblemHttpResult>> FireAsync(string name, SweepControl control, CancellationToken cancellation)
    {
        if (control.Find(name) is not { } sweep)
            return NotFound(name, control);
        return await control.FireAsync(sweep, cancellation) is { } off
            ? TypedResults.Problem(statusCode: StatusCodes.Status409Conflict, title: "The sweep is switched off", detail: $"{off} is false on this node; nothing was fired. Ask a node that has it on, or set it to true.")
            : TypedResults.Accepted("/sweeps");
    }

    private static ProblemHttpResult NotFound(string name, SweepControl control) =>
        TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such sweep", detail: $"There is no sweep '{name}'. Sweeps: {string.Join(", ", control.Names)}.");
}
